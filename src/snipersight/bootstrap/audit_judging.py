"""Recorded decisions found by name, and judged again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.domain.errors import ConfigInvalid
from snipersight.risk.audit.chain_replay import (
    POLICIES,
    WANTED,
    ChainReplay,
    ReplayedRecord,
    ReplaySummary,
    policies_of,
)
from snipersight.risk.audit.query import AuditQuery
from snipersight.risk.audit.replay import Outcome, Replayed

if TYPE_CHECKING:
    from snipersight.bootstrap.audit import OpenAudit

_LONGEST_SEQ: Final = 12  # digits; an id of a plan has 16 and more


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


def newest_decision(records: Sequence[AuditRecord]) -> AuditRecord:
    """Return the newest decision among records, or the newest record if there is none."""
    decisions = [one for one in records if one.kind == AuditKind.DECISION]
    return (decisions or list(records))[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayResult:
    """What a replay came to.

    Args:
        summary: how many came out how.
        shown: the one asked for, or those that do not agree, the first fifty.
        account_id: whose.
        ledger: how the ledger differs from its records; empty if it does not, None: not compared.
    """

    summary: ReplaySummary
    shown: tuple[ReplayedRecord, ...]
    account_id: str
    ledger: str | None

    def __bool__(self) -> bool:
        """Return whether nothing differs."""
        return not self.summary.differ and not self.ledger


def replay_one(audit: OpenAudit, which: str) -> ReplayResult:
    """Judge one decision again.

    Raises:
        ConfigInvalid: there is none.
    """
    record = newest_decision(records_of(audit, which))
    if record.kind != AuditKind.DECISION:
        raise ConfigInvalid(
            f"record {record.seq} is no decision, but {record.kind}",
            where="SEQ|PLAN_ID",
            next_step="`snipersight audit list --kind decision` shows them",
        )
    chain = chain_replay(audit)
    follows = audit.log.ends(audit.account_id).base.seq == 0
    records = audit.log.records(audit.account_id, WANTED) if follows else iter((record,))
    shown = tuple(chain.run(records, only=record.seq))
    return ReplayResult(
        summary=chain.summary, shown=shown, account_id=audit.account_id, ledger=None
    )


def chain_replay(audit: OpenAudit) -> ChainReplay:
    """Return what judges the records of an audit again, by the limits it holds."""
    policies = policies_of(audit.log.records(audit.account_id, POLICIES))
    return ChainReplay(
        policies=policies,
        today=policies.get(audit.policy_hash()),
        follows_ledger=audit.log.ends(audit.account_id).base.seq == 0,
    )


def outcome_text(replayed: Replayed) -> str:
    """Return an outcome in one line."""
    if replayed.outcome is Outcome.AGREES:
        return "agrees"
    if replayed.outcome is Outcome.UNKNOWN:
        return f"could not be judged again: {replayed.difference}"
    why = " (the code has changed since)" if replayed.is_code_changed else ""
    return f"differs{why}: {replayed.difference}"
