"""From the words of an audit command to the records it means."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.cli.guard import say
from snipersight.domain.audit import AuditRecord
from snipersight.domain.errors import ConfigInvalid
from snipersight.risk.audit.query import AuditQuery

if TYPE_CHECKING:
    from snipersight.bootstrap.audit import OpenAudit

_LONGEST_SEQ: Final = 12  # digits; an id of a plan has 16 and more


@contextmanager
def open_for_reading(
    env_file: Path | None, account: str | None, *, about: str | None = None
) -> Iterator[OpenAudit]:
    """Yield the audit that the settings name.

    Args:
        env_file: settings file to read instead of the one in the home folder.
        account: whose; None: `main` where it exists, else `practice`.
        about: a number or the beginning of a plan's id; without an account, the one that knows
            the plan.

    Raises:
        ConfigInvalid: a setting is wrong.
        StateUnavailable: there is no audit, or it cannot be read.
    """
    from snipersight.bootstrap.audit import open_audit
    from snipersight.bootstrap.settings import load_settings

    settings, warnings = load_settings(env_file)
    for warning in warnings:
        say(f"warning: {warning}")
    plan = "" if about is None or is_number(about.strip()) else about.strip()
    with open_audit(settings, account_id=account, about=plan) as audit:
        yield audit


def is_number(text: str) -> bool:
    """Return whether a word is a record's number; an id of a plan has more digits."""
    return text.isdecimal() and len(text) <= _LONGEST_SEQ


def records_of(audit: OpenAudit, which: str) -> list[AuditRecord]:
    """Return the one record of a number, or all that are about a plan or an entry, oldest first.

    Raises:
        ConfigInvalid: there is none, or the letters fit several plans.
    """
    text = which.strip()
    if is_number(text):
        record = audit.log.record(audit.account_id, int(text))
        if record is not None:
            return [record]
    query = AuditQuery(subject=text)
    found = list(audit.log.records(audit.account_id, query)) if text else []
    if not found:
        raise ConfigInvalid(
            f"there is no record {which!r} of account {audit.account_id}, and none is about it",
            where="SEQ|PLAN_ID",
            next_step="`snipersight audit list` shows what there is",
        )
    shortest = min((record.subject for record in found), key=len)
    others = sorted({one.subject for one in found if not one.subject.startswith(shortest)})
    if others:
        raise ConfigInvalid(
            f"{which!r} could be {shortest} or {others[0]}",
            where="PLAN_ID",
            next_step="give more of its letters",
        )
    return found
