"""Whether live stops cover what is held, and how long it may be otherwise."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.bot.executor.actions import Action, Alarm, Cover, Flatten, Situation
from snipersight.bot.executor.managing.amounts import (
    has_passed,
    is_protectable,
    trigger_price_now,
    usable,
)
from snipersight.bot.executor.managing.doubts import surely_selling
from snipersight.bot.executor.managing.legs import is_working, of_leg, rest_of
from snipersight.domain.execution import Leg, OrderIntent
from snipersight.domain.units import plain

_SECOND_US: Final = 1_000_000


def covered_size(situation: Situation) -> Decimal:
    """Return the base units that working stops would close.

    A stop that price has passed counts no more: it triggered, and what it did is not yet seen, or
    it did not fill. The stop that a venue attached to an entry is a backstop and never counted.
    """
    now = trigger_price_now(situation)
    stops = (one for one in of_leg(situation, Leg.STOP) if is_working(one))
    return rest_of(one for one in stops if now is None or not _is_passed(one, now))


def needed_cover(situation: Situation) -> Decimal:
    """Return the base units that must have a stop; nothing where all of it is too small for one.

    On spot, units that a market order is selling cannot be in a stop too; those of one that nobody
    has found by the time of its first look-up should be.
    """
    if not is_protectable(situation):
        return Decimal(0)
    if not situation.abilities.pairs_exits:
        return usable(situation)
    return usable(situation) - surely_selling(situation)


def is_covered(situation: Situation) -> bool:
    """Return whether working stops cover everything that must have one."""
    return covered_size(situation) >= needed_cover(situation)


def note_cover(situation: Situation) -> tuple[Action, ...]:
    """Return the change of cover, if there is one, and the end once it was missing for too long."""
    covered, since = is_covered(situation), situation.trade.uncovered_since_us
    if covered:
        return () if since is None else (Cover(is_covered=True),)
    if since is None:
        return (Cover(is_covered=False, since_us=_since(situation)),)
    if situation.now_us < since + situation.timings.flatten_after_us:
        return ()
    return _too_long(situation)


def _since(situation: Situation) -> int | None:
    """Return since when a stop may be missing that no stream told of; half the time is left.

    What was found late has lain there for a while, and the deadline does not wait for our look.
    """
    if situation.calm_us is None:
        return None
    return max(situation.calm_us, situation.now_us - situation.timings.flatten_after_us // 2)


def _too_long(situation: Situation) -> tuple[Action, ...]:
    if situation.trade.exit_reason:
        return ()
    seconds = situation.timings.flatten_after_us // _SECOND_US
    why = f"no working stop covered the position for {seconds} s"
    text = (
        f"{situation.trade.symbol}: {plain(situation.held)} held, "
        f"{plain(covered_size(situation))} covered; {why}. It is closed at market."
    )
    return (Flatten(why=why), Alarm(subject=f"unprotected:{situation.trade.trade_id}", text=text))


def _is_passed(stop: OrderIntent, now: Decimal) -> bool:
    trigger = stop.request.trigger_price
    return trigger is not None and has_passed(now, trigger, stop.request.direction)
