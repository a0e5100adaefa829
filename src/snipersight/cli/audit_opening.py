"""From the words of an audit command to the records it means."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.bootstrap.audit_judging import is_number
from snipersight.cli.guard import say

if TYPE_CHECKING:
    from snipersight.bootstrap.audit import OpenAudit


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
