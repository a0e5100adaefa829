"""The entry zone on the venue's tick, on the side price will come back from."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from snipersight.analysis.entry_zone import EntryZone, entry_zone
from snipersight.analysis.facts import Setup
from snipersight.domain.decision import Check
from snipersight.domain.profile import SetupRules
from snipersight.domain.units import plain
from snipersight.planner.axis import Axis
from snipersight.planner.declined import NoPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedZone:
    """An entry zone in signed prices: near >= mid >= far, near below the decision's close.

    Args:
        source: the zone as the candles show it.
    """

    source: EntryZone
    near: Decimal
    mid: Decimal
    far: Decimal


def price_zone(setup: Setup, rules: SetupRules, axis: Axis) -> PricedZone:
    """Return the zone of a setup on the tick.

    Raises:
        NoPlan: `no_zone`, `tick_too_coarse` (both edges fall on one tick, or on zero), or `price_in_zone`
            (the decision's close has not left the zone, so no return to it can be waited for).
    """
    source = entry_zone(setup, rules.zone_from)
    if source is None:
        raise NoPlan(Check(code="no_zone", passed=False, sentence="the leg left no zone to enter"))
    raw_near, raw_far = axis.signed(source.near), axis.signed(source.far)
    near, far = axis.entry(raw_near), axis.entry(raw_far)
    mid = axis.entry((near + far) / 2)
    _require_width(raw_near - raw_far, near=near, far=far, axis=axis)
    _require_approach(near, close=axis.signed(setup.close), axis=axis)
    return PricedZone(source=source, near=near, mid=mid, far=far)


def _require_width(width: Decimal, *, near: Decimal, far: Decimal, axis: Axis) -> None:
    # A short's edges go down to the tick, so the cheapest prices could end at zero.
    if near > far and axis.price(near) > 0:
        return
    raise NoPlan(
        Check(
            code="tick_too_coarse",
            passed=False,
            measured=width,
            limit=axis.tick,
            sentence=f"the entry zone is {plain(width)} wide, too little for a tick of "
            f"{plain(axis.tick)}",
        )
    )


def _require_approach(near: Decimal, *, close: Decimal, axis: Axis) -> None:
    if near < close:
        return
    last, edge = axis.price(close), axis.price(near)
    raise NoPlan(
        Check(
            code="price_in_zone",
            passed=False,
            measured=last,
            limit=edge,
            sentence=f"the close {plain(last)} has not left the entry zone at {plain(edge)}",
        )
    )
