"""The ledger entry of a trade follows what the trade has come to: stop, cover, rest, end."""

from __future__ import annotations

from snipersight.domain.audit import AuditKind
from snipersight.domain.decision import Check
from snipersight.domain.execution import Trade, TradeState
from snipersight.domain.ledger import EntryId, LedgerEntry
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import plain
from snipersight.risk.ledger import moves, work
from snipersight.risk.ledger.execution_work import write_off_dust
from snipersight.risk.ledger.work import Clerk


def follow(unit: UnitOfWork, clerk: Clerk, trade: Trade) -> None:
    """Bring stop and cover of a trade's ledger entry to what the trade says.

    Nothing happens where they agree, or where the entry holds nothing: a fill that is not booked
    yet brings its stop and cover with it when it is.
    """
    entry = unit.entry(trade.entry_id)
    if entry is None or not entry.state.is_live:
        return
    if entry.stop_price != trade.stop_price:
        _move_stop(unit, clerk, trade)
    is_covered, is_noted_covered = trade.uncovered_since_us is None, _is_covered(entry)
    if entry.open_size > 0 and is_covered is not is_noted_covered:
        _note_cover(unit, clerk, trade, is_covered=is_covered)


def release_entry(unit: UnitOfWork, clerk: Clerk, entry_id: EntryId, *, why: str) -> Check | None:
    """Give back what is pending of an entry; None where nothing is."""
    entry = unit.entry(entry_id)
    if entry is None or not entry.state.is_live or entry.pending_size == 0:
        return None
    return work.move(
        unit,
        clerk,
        entry.entry_id,
        kind=AuditKind.RELEASED,
        change=lambda it, at_us: moves.release(it, at_us=at_us),
        reason=why,
    )


def write_off(unit: UnitOfWork, clerk: Clerk, trade: Trade) -> Check | None:
    """Write off what is open of a finished trade's entry, dust that no order sells; None: nothing."""
    entry = unit.entry(trade.entry_id)
    if entry is None or entry.open_size == 0 or trade.state is not TradeState.DONE:
        return None
    return write_off_dust(unit, clerk, entry.entry_id)


def _is_covered(entry: LedgerEntry) -> bool:
    return entry.unprotected_since_us is None


def _move_stop(unit: UnitOfWork, clerk: Clerk, trade: Trade) -> Check:
    return work.move(
        unit,
        clerk,
        trade.entry_id,
        kind=AuditKind.STOP_MOVED,
        change=lambda it, _at_us: moves.move_stop(it, price=trade.stop_price),
        price=plain(trade.stop_price),
    )


def _note_cover(unit: UnitOfWork, clerk: Clerk, trade: Trade, *, is_covered: bool) -> Check:
    def note(entry: LedgerEntry, at_us: int) -> LedgerEntry:
        if is_covered:
            return moves.protect(entry)
        return moves.unprotect(entry, at_us=trade.uncovered_since_us or at_us)

    return work.move(
        unit,
        clerk,
        trade.entry_id,
        kind=AuditKind.STOP_MOVED,
        change=note,
        is_covered=is_covered,
    )
