"""Budget that was reserved for a trade which never came: given back."""

from __future__ import annotations

from typing import Final

from snipersight.bot.executor.ledger_following import release_entry
from snipersight.domain.execution import TradeId
from snipersight.domain.ledger import EntryState, LedgerEntry, Origin
from snipersight.domain.store import UnitOfWork
from snipersight.risk.ledger.work import Clerk

GRACE_US: Final = 60_000_000  # a submission takes seconds


def release_loose(unit: UnitOfWork, clerk: Clerk, *, venue: str) -> tuple[LedgerEntry, ...]:
    """Release reservations of the executor that no trade holds a minute after they were taken.

    Returns:
        The entries as they were.
    """
    loose = tuple(one for one in unit.live_entries() if _is_loose(unit, one, clerk, venue))
    for entry in loose:
        release_entry(unit, clerk, entry.entry_id, why="it was never submitted")
    return loose


def _is_loose(unit: UnitOfWork, entry: LedgerEntry, clerk: Clerk, venue: str) -> bool:
    is_old = clerk.now_us - entry.reserved_us >= GRACE_US
    is_waiting = entry.origin is Origin.EXECUTED and entry.state is EntryState.RESERVED
    if not (is_old and is_waiting and entry.venue == venue):
        return False
    return unit.book.trade(TradeId(entry.entry_id)) is None
