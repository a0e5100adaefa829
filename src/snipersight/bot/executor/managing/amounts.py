"""Sizes and prices that the venue takes: lots down, ticks in the careful direction, minimums."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.bot.executor.actions import Situation
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Instrument, MarketKind
from snipersight.domain.orders import TriggerSource
from snipersight.domain.units import Price, Rounding, Size, on_step, to_size
from snipersight.domain.venue import VenueCapabilities

_ZERO: Final = Decimal(0)
_STOP_LIMIT_SLACK: Final = Decimal("0.01")  # how much worse than its trigger a stop limit may fill


def lot_of(instrument: Instrument) -> Decimal:
    """Return the size step.

    Raises:
        ValueError: it is unknown; no plan on such a market is approved.
    """
    if instrument.lot is None:
        raise ValueError(f"the lot of {instrument.symbol} is unknown")
    return instrument.lot


def tick_of(instrument: Instrument) -> Decimal:
    """Return the price step.

    Raises:
        ValueError: it is unknown; no plan on such a market is approved.
    """
    if instrument.tick is None:
        raise ValueError(f"the tick of {instrument.symbol} is unknown")
    return instrument.tick


def usable(situation: Situation) -> Size:
    """Return what an order can sell of what is held: rounded down to the lot."""
    return to_size(situation.held, lot=lot_of(situation.instrument))


def towards_profit(price: Decimal, direction: Direction, *, tick: Decimal) -> Price:
    """Return the tick at a price or on its winning side."""
    rounding = Rounding.UP if direction is Direction.LONG else Rounding.DOWN
    return Price(on_step(price, tick, rounding))


def towards_loss(price: Decimal, direction: Direction, *, tick: Decimal) -> Price:
    """Return the tick at a price or on its losing side: for an entry, the cheaper one."""
    return towards_profit(price, direction.opposite, tick=tick)


def has_reached(price: Decimal, level: Decimal, direction: Direction) -> bool:
    """Return whether a price is at a level or beyond it on the winning side."""
    return not direction.is_losing(price, entry=level)


def has_passed(price: Decimal, stop: Decimal, direction: Direction) -> bool:
    """Return whether a price is at a stop or beyond it on the losing side."""
    return not direction.is_winning(price, entry=stop)


def trigger_source(situation: Situation) -> TriggerSource:
    """Return what protective stops watch: as the rules say, where the venue can."""
    wanted = situation.trade.rules.trigger
    return wanted if situation.abilities.has_mark else TriggerSource.LAST


def trigger_price_now(situation: Situation) -> Price | None:
    """Return the price that protective stops watch, now; None where it is unknown."""
    quote = situation.quote
    return None if quote is None else quote.of(trigger_source(situation))


def stop_limit_price(
    trigger: Price, direction: Direction, *, instrument: Instrument, abilities: VenueCapabilities
) -> Price | None:
    """Return the limit of a stop limit, one percent worse than its trigger.

    None where the venue has stops that go to market.
    """
    if abilities.has_stop_market:
        return None
    worse = trigger * (1 - direction.sign * _STOP_LIMIT_SLACK)
    return towards_loss(worse, direction, tick=tick_of(instrument))


def is_order(size: Decimal, price: Decimal, instrument: Instrument) -> bool:
    """Return whether an exit of this size is large enough for the venue.

    The least notional counts on spot alone: what reduces a perpetual is exempt from it.
    """
    if size <= 0 or size < (instrument.min_size or _ZERO):
        return False
    is_exempt = instrument.kind is MarketKind.PERPETUAL
    return is_exempt or size * price >= (instrument.min_notional or _ZERO)


def can_close(size: Decimal, price: Decimal, instrument: Instrument) -> bool:
    """Return whether what is held can be closed in one order.

    On a perpetual it is always tried: a venue takes what ends a position whatever its size.
    """
    if instrument.kind is MarketKind.PERPETUAL:
        return size > 0
    return is_order(size, price, instrument)


def stop_value_price(situation: Situation) -> Price:
    """Return the lowest price at which a protective stop would count against the minimums."""
    trade = situation.trade
    limit = stop_limit_price(
        trade.stop_price,
        trade.direction,
        instrument=situation.instrument,
        abilities=situation.abilities,
    )
    return trade.stop_price if limit is None else min(limit, trade.stop_price)


def is_protectable(situation: Situation) -> bool:
    """Return whether a stop for everything held is large enough for the venue."""
    return can_close(usable(situation), stop_value_price(situation), situation.instrument)


def is_sellable_now(situation: Situation) -> bool:
    """Return whether a market order for everything held is large enough for the venue.

    Without a price it is measured at the stop.
    """
    quote = situation.quote
    price = stop_value_price(situation) if quote is None else quote.last
    return can_close(usable(situation), price, situation.instrument)
