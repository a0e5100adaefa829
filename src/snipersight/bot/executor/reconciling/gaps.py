"""Where the venue's position and our books differ, and whose executions may explain it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Final

from snipersight.bot.executor.client_ids import is_ours
from snipersight.bot.executor.fees import booked_fill
from snipersight.bot.executor.holding import Holding
from snipersight.bot.executor.trade_file import TradeFile
from snipersight.domain.execution import BookedFill, IntentState, Leg, Trade
from snipersight.domain.instrument import Instrument, MarketKind
from snipersight.domain.orders import Balance, ClientOrderId, Fill, Side, VenuePosition
from snipersight.domain.units import Size

_ZERO: Final = Decimal(0)
_UNSETTLED: Final = (IntentState.JOURNALED, IntentState.UNKNOWN)
_DIGITS: Final = 28
NOBODY: Final = ClientOrderId("")  # the order of an execution that was not ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A difference between what a trade should hold and what the venue shows.

    Args:
        trade: whose.
        held: base units by our books.
        actual: base units at the venue, in the trade's direction.
    """

    trade: Trade
    held: Decimal
    actual: Decimal

    @property
    def missing(self) -> Decimal:
        """Return what the venue has less than our books; 0 if it has not."""
        return max(self.held - self.actual, _ZERO)

    @property
    def excess(self) -> Decimal:
        """Return what the venue has more than our books; 0 if it has not."""
        return max(self.actual - self.held, _ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueBook:
    """What a venue holds for an account.

    Args:
        asked_us: when it was asked.
        positions: of perpetuals.
        balances: of every currency.
    """

    asked_us: int
    positions: tuple[VenuePosition, ...] = ()
    balances: tuple[Balance, ...] = ()

    def position(self, trade: Trade) -> VenuePosition | None:
        """Return the position in a trade's market and direction."""
        return next(
            (
                one
                for one in self.positions
                if one.symbol == trade.symbol and one.direction is trade.direction
            ),
            None,
        )

    def balance(self, currency: str) -> Decimal:
        """Return what there is of a currency; 0 where the venue names none."""
        totals = (one.total for one in self.balances if one.currency == currency)
        return sum(totals, _ZERO)


def is_unsure(file: TradeFile) -> bool:
    """Return whether the outcome of an order is unknown, so that nobody can tell a difference."""
    return any(one.state in _UNSETTLED for one in file.intents)


def gap_of(
    file: TradeFile, holding: Holding, book: VenueBook, instrument: Instrument
) -> Gap | None:
    """Return the difference of a trade to the venue; None where there is none or it cannot be told.

    It cannot while an order's outcome is unknown. On spot only what is missing is a difference:
    coins beyond the trade's own are the user's. Less than a lot is none: fees leave such rests.
    """
    if is_unsure(file):
        return None
    trade = file.trade
    if trade.market is MarketKind.SPOT:
        actual = min(book.balance(instrument.base), holding.held)
    else:
        position = book.position(trade)
        actual = _ZERO if position is None else position.size
    gap = Gap(trade=trade, held=holding.held, actual=actual)
    least = instrument.lot if instrument.lot is not None else _ZERO
    is_small = abs(gap.held - gap.actual) < least or gap.held == gap.actual
    return None if is_small else gap


def strangers(file: TradeFile, fills: Iterable[Fill]) -> tuple[Fill, ...]:
    """Return executions that made a trade's position smaller and were no order of ours.

    A person closed it by hand, or the venue did: liquidation, deleveraging, its own attached stop.
    """
    trade = file.trade
    exit_side = Side.SELL if trade.direction.sign > 0 else Side.BUY
    booked = {(one.fill.fill_id, one.fill.side) for one in file.fills}
    entries = [one.fill.at_us for one in file.fills if one.leg is Leg.ENTRY]
    since_us = min(entries, default=trade.created_us)
    return tuple(
        one
        for one in fills
        if one.symbol == trade.symbol
        and one.side is exit_side
        and one.at_us >= since_us
        and (one.fill_id, one.side) not in booked
        and not _is_of_ours(one, file)
    )


def taken(fill: Fill, missing: Decimal) -> Fill:
    """Return so much of a stranger's execution as is missing: the rest was a position of theirs."""
    if fill.size <= missing:
        return fill
    with localcontext(prec=_DIGITS):
        fee = fill.fee * missing / fill.size
    return replace(fill, size=Size(missing), fee=fee)


def leg_of(trade: Trade, fill: Fill) -> Leg:
    """Return what a stranger's execution counts as: a stop where it was at the stop or beyond.

    The venue's own stop and a liquidation begin a cooldown as our stop does.
    """
    is_above = trade.direction.is_winning(fill.price, entry=trade.stop_price)
    return Leg.FLATTEN if is_above else Leg.STOP


def as_exit(fill: Fill, trade: Trade, instrument: Instrument) -> BookedFill:
    """Return a stranger's execution as an exit of a trade."""
    return booked_fill(
        fill,
        instrument,
        trade_id=trade.trade_id,
        client_id=NOBODY,
        leg=leg_of(trade, fill),
    )


def _is_of_ours(fill: Fill, file: TradeFile) -> bool:
    if fill.client_id and (is_ours(fill.client_id) or file.intent(fill.client_id) is not None):
        return True
    known = {one.venue_id for one in file.intents if one.venue_id}
    return bool(fill.venue_id) and fill.venue_id in known
