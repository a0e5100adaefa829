"""Replays the decisions of a chain in order, and follows the ledger between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.domain.errors import DataInvalid
from snipersight.domain.ledger import LedgerEntry
from snipersight.risk.audit.codec import decode_decision, decode_policy
from snipersight.risk.audit.ledger_fold import LEDGER_KINDS, LedgerFold
from snipersight.risk.audit.query import AuditQuery, body_of
from snipersight.risk.audit.replay import Outcome, Replayed, replay
from snipersight.risk.policy import RiskPolicy

WANTED: Final = AuditQuery(kinds=(AuditKind.DECISION.value, *sorted(LEDGER_KINDS)))
POLICIES: Final = AuditQuery(kinds=(AuditKind.POLICY.value,))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedRecord:
    """One decision of the chain, judged again."""

    record: AuditRecord
    replayed: Replayed


@dataclass(slots=True, kw_only=True)
class ReplaySummary:
    """How many decisions came out how.

    Args:
        decisions: all of them.
        agree, differ, unknown: by outcome.
        policy_changed: judged under limits that are others today.
        code_changed: judged by code that is another today.
    """

    decisions: int = 0
    agree: int = 0
    differ: int = 0
    unknown: int = 0
    policy_changed: int = 0
    code_changed: int = 0

    def count(self, replayed: Replayed) -> None:
        """Add one."""
        self.decisions += 1
        self.agree += replayed.outcome is Outcome.AGREES
        self.differ += replayed.outcome is Outcome.DIFFERS
        self.unknown += replayed.outcome is Outcome.UNKNOWN
        self.policy_changed += bool(replayed.policy_changes)
        self.code_changed += replayed.is_code_changed


class ChainReplay:
    """Replays decisions record by record.

    Args:
        policies: the limits that the chain recorded, by hash.
        today: the limits in force; None if they are unknown.
        follows_ledger: the records begin with the chain, so that the ledger can be followed.
    """

    def __init__(
        self,
        *,
        policies: Mapping[str, RiskPolicy],
        today: RiskPolicy | None,
        follows_ledger: bool,
    ) -> None:
        self._policies: Final = policies
        self._today: Final = today
        self._fold: Final = LedgerFold() if follows_ledger else None
        self.summary: Final = ReplaySummary()

    def run(
        self, records: Iterable[AuditRecord], *, only: int | None = None
    ) -> Iterator[ReplayedRecord]:
        """Yield every decision of the records, in their order, judged again.

        Args:
            records: those that `WANTED` asks for.
            only: judge this one alone, and follow the ledger up to it.

        Raises:
            StateUnavailable: a record is damaged.
        """
        for record in records:
            if record.kind == AuditKind.DECISION:
                if only in (None, record.seq):
                    yield self._judged(record)
            elif self._fold is not None:
                self._fold.take(record)
            if record.seq == only:
                return

    def ledger_difference(self, live: Iterable[LedgerEntry]) -> str:
        """Return how the ledger differs from what its records say; empty if it does not.

        Args:
            live: the live entries of the ledger, read after the last record.
        """
        if self._fold is None:
            return ""
        told = {entry.entry_id: entry for entry in self._fold.live}
        held = {entry.entry_id: entry for entry in live}
        for name in sorted(told.keys() | held.keys()):
            if name not in held:
                return f"entry {name} is live by the audit, but not in the ledger"
            if name not in told:
                return f"entry {name} is live in the ledger, but not by the audit"
            if told[name] != held[name]:
                return f"entry {name} is another one in the ledger than by the audit"
        return ""

    def _judged(self, record: AuditRecord) -> ReplayedRecord:
        body = body_of(record)
        replayed = replay(body, policies=self._policies, today=self._today)
        if replayed and self._fold is not None:
            unseen = self._fold.difference(decode_decision(body))
            if unseen:
                replayed = replace(replayed, outcome=Outcome.DIFFERS, difference=unseen)
        self.summary.count(replayed)
        return ReplayedRecord(record=record, replayed=replayed)


def policies_of(records: Iterable[AuditRecord]) -> dict[str, RiskPolicy]:
    """Return the limits that POLICY records tell of, by hash; unreadable ones are left out.

    Raises:
        StateUnavailable: a record is damaged.
    """
    found = {}
    for record in records:
        try:
            policy = decode_policy(body_of(record))
        except DataInvalid:
            continue  # a decision under these limits says that they are unknown
        found[policy.hash] = policy
    return found
