"""What an account has of a coin beyond a trade's own, asked while nobody finds an exit on spot.

The order of the questions is what makes the answer sure: first the balance, then everything that
could explain it. Whatever was executed before the balance was read is seen in what follows; then
nothing is said this time, and it is booked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, TypeVar

from snipersight.bot.executor.booking import Booker
from snipersight.bot.executor.desk import Desk
from snipersight.bot.executor.evidence import Fact, NotFound, Observed
from snipersight.bot.executor.managing.amounts import lot_of, usable
from snipersight.bot.executor.managing.doubts import lists_of, selling, tied
from snipersight.bot.executor.managing.legs import is_fresh, is_unsettled, is_working
from snipersight.bot.executor.situations import situation_of
from snipersight.bot.executor.trade_file import TradeFile
from snipersight.domain.errors import VenueUnavailable
from snipersight.domain.execution import Leg, OrderIntent
from snipersight.domain.orders import Balance, Fill, Side, VenueOrder
from snipersight.domain.units import Currency

T = TypeVar("T")
_TRIES: Final = 2
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spared:
    """What was found out.

    Args:
        facts: of the orders that were looked up.
        spare: base units beyond the trade's own; None where that is not sure.
    """

    facts: tuple[Fact, ...] = ()
    spare: Decimal | None = None


def is_spare_needed(desk: Desk, file: TradeFile, *, is_due: bool = False) -> bool:
    """Return whether a position on spot lies open because nobody knows of an exit.

    That is so once its look-up is due; with `is_due` it counts as such.

    Raises:
        UnknownSymbol: the venue does not list its market any more.
    """
    trade = file.trade
    is_bare = trade.uncovered_since_us is not None or bool(trade.exit_reason)
    if not is_bare or not desk.venue.capabilities(trade.symbol).pairs_exits:
        return False
    situation = situation_of(desk, file, None, entries_allowed=False, now_us=desk.clock())
    due = [one for one in _doubtful(file) if not is_fresh(one, situation)]
    return usable(situation) > 0 and any(is_due or _is_due(one, desk) for one in due)


async def ask_spare(desk: Desk, booker: Booker, file: TradeFile) -> Spared:
    """Ask for balance, orders and executions, and return what they say together.

    Raises:
        UnknownSymbol: the venue does not list its market any more.
        VenueStopped: the venue refuses us.
    """
    try:
        balances = await _insist(desk.venue.balances)
        found, fills = await asyncio.gather(
            _looked_up(desk, _doubtful(file)), _insist(lambda: booker.fills_since(file))
        )
    except VenueUnavailable:
        return Spared()
    facts = tuple(_fact(one, order) for one, order in found)
    if any(order is not None for _one, order in found) or _has_news(file, fills):
        return Spared(facts=facts)
    return Spared(facts=facts, spare=_spare(desk, file, balances))


def _spare(desk: Desk, file: TradeFile, balances: Iterable[Balance]) -> Decimal | None:
    """Return what a balance has beyond a trade's own; None where books and balance contradict."""
    at_work = tuple(one for one in file.intents if one.leg is Leg.ENTRY or is_working(one))
    situation = situation_of(desk, file, None, entries_allowed=False, now_us=desk.clock())
    known = replace(situation, intents=at_work)
    coin = _of(situation.instrument.base, balances)
    lot = lot_of(situation.instrument)
    spare = coin.total - situation.held
    # Less than is held, or tied up by what nobody knows: an order in doubt was executed, or rests.
    is_missing = spare <= -lot
    is_tied = coin.total - coin.free - tied(known) - selling(known) >= lot
    return None if is_missing or is_tied else spare


def _of(currency: Currency, balances: Iterable[Balance]) -> Balance:
    none = Balance(currency=currency, total=_ZERO, free=_ZERO)
    return next((one for one in balances if one.currency == currency), none)


def _doubtful(file: TradeFile) -> tuple[OrderIntent, ...]:
    return tuple(one for one in file.intents if one.leg is not Leg.ENTRY and is_unsettled(one))


def _is_due(intent: OrderIntent, desk: Desk) -> bool:
    asked_us = max(intent.sent_us or intent.created_us, intent.updated_us)
    return desk.clock() >= asked_us + desk.timings.lookup_retry_us


async def _looked_up(
    desk: Desk, intents: tuple[OrderIntent, ...]
) -> list[tuple[OrderIntent, VenueOrder | None]]:
    """Return what the venue knows of orders, one of each pair: it takes both or none."""
    asked = [orders[0] for orders in lists_of(intents).values()]

    async def look_up(one: OrderIntent) -> VenueOrder | None:
        request = one.request
        return await desk.venue.order(
            request.symbol, one.client_id, is_conditional=request.kind.is_conditional
        )

    orders = await asyncio.gather(*(_insist(lambda one=one: look_up(one)) for one in asked))  # type: ignore[misc]
    return list(zip(asked, orders, strict=True))


def _fact(intent: OrderIntent, order: VenueOrder | None) -> Fact:
    if order is None:
        return NotFound(client_id=intent.client_id)
    return Observed(client_id=intent.client_id, order=order)


def _has_news(file: TradeFile, fills: Iterable[Fill]) -> bool:
    """Return whether something left the position, or the account's market, that is not booked."""
    booked = {(one.fill.fill_id, one.fill.side) for one in file.fills}
    bought = (one.fill.at_us for one in file.fills if one.leg is Leg.ENTRY)
    since_us = min(bought, default=file.trade.created_us)
    return any(
        one.side is Side.SELL and one.at_us >= since_us and (one.fill_id, one.side) not in booked
        for one in fills
    )


async def _insist(question: Callable[[], Awaitable[T]]) -> T:
    """Return the answer to a question, asked once more where none came.

    Raises:
        VenueUnavailable: none came again.
    """
    for _ in range(_TRIES - 1):
        try:
            return await question()
        except VenueUnavailable:
            continue
    return await question()
