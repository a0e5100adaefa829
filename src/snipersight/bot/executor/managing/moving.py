"""Moves the stop towards profit, never back: break-even after the first target, then trailing."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.bot.executor.actions import Action, MoveStop, Situation
from snipersight.bot.executor.managing.amounts import (
    has_passed,
    tick_of,
    towards_profit,
    trigger_price_now,
    usable,
)
from snipersight.bot.executor.managing.legs import of_leg
from snipersight.domain.execution import IntentState, Leg
from snipersight.domain.units import Price

_STEP_ATR: Final = Decimal("0.1")  # a trailing stop moves at least this far: replacing it costs


def move_stop(situation: Situation) -> tuple[Action, ...]:
    """Return where the stop belongs from now on, if that is tighter than where it is.

    Nothing moves before the first target was filled, without a price to compare with, or to a
    level that price has passed: the order would trigger at once.
    """
    if situation.trade.exit_reason or usable(situation) == 0 or not has_hit_target(situation):
        return ()
    found = [one for one in (_break_even(situation), _trailing(situation)) if one is not None]
    allowed = [one for one in found if _is_allowed(one.price, situation)]
    if not allowed:
        return ()
    sign = situation.trade.direction.sign
    return (max(allowed, key=lambda one: sign * one.price),)


def has_hit_target(situation: Situation) -> bool:
    """Return whether the venue confirmed that an order of a target was filled whole."""
    targets = of_leg(situation, Leg.TARGET)
    return any(one.state is IntentState.FILLED for one in targets)


def break_even_price(situation: Situation) -> Price | None:
    """Return average entry plus round-trip costs towards profit, on the tick there or beyond.

    None before anything was filled.
    """
    trade = situation.trade
    if situation.average_entry is None:
        return None
    exact = situation.average_entry + trade.direction.sign * trade.cost_per_unit
    return towards_profit(exact, trade.direction, tick=tick_of(situation.instrument))


def _break_even(situation: Situation) -> MoveStop | None:
    price = break_even_price(situation)
    if price is None or not situation.trade.rules.break_even:
        return None
    return MoveStop(price=price, why="break-even after the first target")


def _trailing(situation: Situation) -> MoveStop | None:
    trade = situation.trade
    distance = trade.rules.trailing_atr
    if distance is None or trade.best_price is None:
        return None
    exact = trade.best_price - trade.direction.sign * distance * trade.atr
    if exact <= 0:
        return None
    price = towards_profit(exact, trade.direction, tick=tick_of(situation.instrument))
    if trade.direction.gain(price, entry=trade.stop_price) < _STEP_ATR * trade.atr:
        return None
    return MoveStop(price=price, why=f"{distance} ATR behind the best price {trade.best_price}")


def _is_allowed(price: Price, situation: Situation) -> bool:
    now, direction = trigger_price_now(situation), situation.trade.direction
    is_tighter = direction.is_winning(price, entry=situation.trade.stop_price)
    return is_tighter and now is not None and not has_passed(now, price, direction)
