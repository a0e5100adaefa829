"""A trade with its orders and fills, and what it is after something was decided or learnt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from snipersight.bot.executor.actions import Cover, Finish, Flatten, MoveStop
from snipersight.bot.executor.evidence import Fact, fold
from snipersight.domain.execution import BookedFill, OrderIntent, Trade, TradeId, TradeState
from snipersight.domain.orders import ClientOrderId
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Price, Size

_NOTHING: Final = Size(Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeFile:
    """One trade, everything that is stored of it.

    Args:
        trade: itself.
        intents: all of its orders, oldest first.
        fills: what of them is booked, oldest first.
        pending: base units of the budget that the ledger still keeps for entries.
    """

    trade: Trade
    intents: tuple[OrderIntent, ...] = ()
    fills: tuple[BookedFill, ...] = ()
    pending: Size = _NOTHING

    @property
    def names(self) -> tuple[str, ...]:
        """Return what a person may call it: the ids of trade, plan and setup, and its symbol."""
        trade = self.trade
        return trade.trade_id, trade.plan_id, trade.setup_id, trade.symbol

    def intent(self, client_id: str) -> OrderIntent | None:
        """Return one of its orders."""
        return next((one for one in self.intents if one.client_id == client_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What the prices and the position showed of a trade.

    Args:
        opened_us: first fill, microseconds UTC; None: nothing is filled yet.
        best_price: best price since; None: unknown.
    """

    opened_us: int | None = None
    best_price: Price | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """The venue says what cannot be explained; entries are over, and a person must look."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """What could not be explained is explained, or gone."""


Verdict = MoveStop | Flatten | Cover | Finish | Noted | Quarantined | Cleared


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is written of one trade in one transaction; writing it twice changes nothing more.

    Args:
        trade_id: which.
        at_us: when it was learnt and decided, microseconds UTC.
        facts: of its orders.
        verdicts: on the trade itself.
        journaled: new orders, before their requests leave.
        releases_rest: no entry can be filled any more.
    """

    trade_id: TradeId
    at_us: int
    facts: tuple[Fact, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    journaled: tuple[OrderIntent, ...] = ()
    releases_rest: bool = False

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to write."""
        return not (self.facts or self.verdicts or self.journaled or self.releases_rest)


def after(file: TradeFile, changes: Changes) -> TradeFile:
    """Return a trade after changes; those that it has seen already add nothing."""
    known = {one.client_id for one in file.intents}
    new = tuple(one for one in changes.journaled if one.client_id not in known)
    intents = {one.client_id: one for one in (*file.intents, *new)}
    for fact in changes.facts:
        before = intents.get(fact.client_id)
        if before is not None:
            intents[fact.client_id] = fold(before, fact, at_us=changes.at_us)
    trade = file.trade
    for verdict in changes.verdicts:
        trade = judged(trade, verdict, at_us=changes.at_us)
    pending = _NOTHING if changes.releases_rest else file.pending
    return replace(file, trade=trade, intents=tuple(intents.values()), pending=pending)


def judged(trade: Trade, verdict: Verdict, *, at_us: int) -> Trade:
    """Return a trade after one verdict; one that is over stays as it is, whatever comes late."""
    if trade.state is TradeState.DONE:
        return trade
    after_it = trade
    match verdict:
        case MoveStop(price=price):
            after_it = replace(trade, stop_price=price)
        case Cover(is_covered=is_covered, since_us=since_us):
            after_it = _covered(trade, is_covered, at_us if since_us is None else since_us)
        case Flatten(why=why):
            after_it = _exiting(trade, why)
        case Finish():
            after_it = _finished(trade, at_us)
        case Noted():
            after_it = _noted(trade, verdict)
        case Quarantined(why=why):
            after_it = replace(trade, state=TradeState.QUARANTINED, note=f"quarantined: {why}")
        case Cleared():
            after_it = _cleared(trade)
    return after_it


def read_file(unit: UnitOfWork, trade_id: TradeId) -> TradeFile | None:
    """Return what is stored of a trade; None if there is no such trade."""
    trade = unit.book.trade(trade_id)
    return None if trade is None else file_of(unit, trade)


def file_of(unit: UnitOfWork, trade: Trade) -> TradeFile:
    """Return a stored trade with its orders and fills."""
    entry = unit.entry(trade.entry_id)
    return TradeFile(
        trade=trade,
        intents=unit.book.intents(trade.trade_id),
        fills=unit.book.fills(trade.trade_id),
        pending=_NOTHING if entry is None else entry.pending_size,
    )


def find_intent(files: Iterable[TradeFile], client_id: str) -> OrderIntent | None:
    """Return the order of a client id, whichever trade it belongs to."""
    found = (file.intent(ClientOrderId(client_id)) for file in files)
    return next((one for one in found if one is not None), None)


def _covered(trade: Trade, is_covered: bool, at_us: int) -> Trade:
    if is_covered:
        return replace(trade, uncovered_since_us=None)
    since = trade.uncovered_since_us if trade.uncovered_since_us is not None else at_us
    return replace(trade, uncovered_since_us=since)


def _exiting(trade: Trade, why: str) -> Trade:
    is_held = trade.state is TradeState.QUARANTINED
    state = trade.state if is_held else TradeState.EXITING
    return replace(trade, state=state, exit_reason=trade.exit_reason or why)


def _finished(trade: Trade, at_us: int) -> Trade:
    ended_us = trade.ended_us if trade.ended_us is not None else at_us
    return replace(trade, state=TradeState.DONE, ended_us=ended_us, uncovered_since_us=None)


def _cleared(trade: Trade) -> Trade:
    if trade.state is not TradeState.QUARANTINED:
        return trade
    if trade.exit_reason:
        return replace(trade, state=TradeState.EXITING, note="")
    state = TradeState.ENTERING if trade.opened_us is None else TradeState.OPEN
    return replace(trade, state=state, note="")


def _noted(trade: Trade, noted: Noted) -> Trade:
    opened_us = trade.opened_us if trade.opened_us is not None else noted.opened_us
    is_new = trade.state is TradeState.ENTERING and opened_us is not None
    return replace(
        trade,
        opened_us=opened_us,
        state=TradeState.OPEN if is_new else trade.state,
        best_price=trade.best_price if noted.best_price is None else noted.best_price,
    )
