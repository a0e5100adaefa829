"""Follows the ledger through its records, and holds against it what each decision saw of it."""

from __future__ import annotations

from typing import Final

from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.domain.ledger import EntryId, LedgerEntry
from snipersight.risk.audit.codec import RecordedDecision, decode_entry
from snipersight.risk.audit.query import body_of
from snipersight.risk.exposure.book import ExposureBook
from snipersight.risk.inputs import ExposureView

LEDGER_KINDS: Final = frozenset(
    kind.value
    for kind in (
        AuditKind.RESERVED,
        AuditKind.FILLED,
        AuditKind.REDUCED,
        AuditKind.STOP_MOVED,
        AuditKind.RELEASED,
        AuditKind.EXPIRED,
        AuditKind.CLOSED,
        AuditKind.FUNDING,
    )
)
_NOT_WHOLE: Final = "incomplete_plan"


class LedgerFold:
    """The live entries as the records so far leave them; take records in the chain's order."""

    def __init__(self) -> None:
        self._live: dict[EntryId, LedgerEntry] = {}
        self._book: ExposureBook | None = None

    @property
    def live(self) -> tuple[LedgerEntry, ...]:
        """Return the live entries, oldest reservation first."""
        return tuple(
            sorted(self._live.values(), key=lambda entry: (entry.reserved_us, entry.entry_id))
        )

    def take(self, record: AuditRecord) -> None:
        """Follow one record; those that are not about the ledger change nothing.

        Raises:
            DataInvalid: the record holds no entry.
            StateUnavailable: its body is damaged.
        """
        if record.kind not in LEDGER_KINDS:
            return
        entry = decode_entry(body_of(record).get("entry"))
        self._book = None
        self._live.pop(entry.entry_id, None)
        if entry.state.is_live:
            self._live[entry.entry_id] = entry

    def difference(self, recorded: RecordedDecision) -> str:
        """Return what a decision should have seen of the ledger and did not; empty if nothing.

        It may have seen more: what its own scan approved before it. Never less.
        """
        if any(check.code == _NOT_WHOLE and not check for check in recorded.decision.checks):
            return ""  # of a plan that lacks something, nothing is looked up
        if self._book is None:
            self._book = ExposureBook.of(self.live)
        return _unseen(recorded.inputs.view, self._book)


def _unseen(view: ExposureView, book: ExposureBook) -> str:
    positions = len(book.claims)
    if view.positions < positions:
        return f"it saw {view.positions} live claims, the ledger held {positions}"
    for name in ("risk", "notional", "margin"):
        seen, held = getattr(view.total, name), getattr(book.total, name)
        if seen < held or (view.positions == positions and seen != held):
            return f"it saw a total {name} of {seen}, the ledger held {held}"
    return ""
