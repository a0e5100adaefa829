"""The protective stop: beyond what invalidates the setup, and beyond nearby stop hunts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from snipersight.analysis.facts import Setup, SetupContext
from snipersight.analysis.wording import price_text
from snipersight.domain.direction import Direction
from snipersight.domain.profile import PlannerRules
from snipersight.domain.units import exact
from snipersight.planner.axis import Axis
from snipersight.planner.entry import PricedZone
from snipersight.planner.floors import require_fine_tick, require_near, require_positive
from snipersight.planner.levels import pools_against


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedStop:
    """A stop in signed prices, strictly below the zone's far edge.

    Args:
        distance: from the near edge, above 0, in quote currency.
    """

    signed: Decimal
    distance: Decimal
    distance_atr: float
    rationale: str


def price_stop(
    context: SetupContext, zone: PricedZone, rules: PlannerRules, axis: Axis
) -> PricedStop:
    """Return the stop of a setup on the tick.

    It lies `stop_buffer_atr` beyond the setup's invalidation (the swept extreme, or the zone's
    far edge where that is further), then beyond every pool between there and
    `pool_clearance_atr` behind it, one by one.

    Raises:
        NoPlan: `tick_too_coarse`, `stop_not_positive` or `stop_too_wide`.
    """
    setup = context.setup
    atr = exact(setup.atr)
    invalidation = min(_invalidation(setup, axis), axis.signed(zone.source.far))
    raw, passed = _beyond_pools(context, invalidation, rules, axis)
    signed = min(axis.exit(raw), zone.far - axis.tick)
    distance = zone.near - signed
    require_positive(signed, axis)
    require_fine_tick(distance, raw=axis.signed(zone.source.near) - raw, axis=axis)
    distance_atr = float(distance / atr)
    require_near(distance_atr, rules)
    return PricedStop(
        signed=signed,
        distance=distance,
        distance_atr=distance_atr,
        rationale=_rationale(setup, rules, passed),
    )


def _invalidation(setup: Setup, axis: Axis) -> Decimal:
    return min(axis.signed(setup.origin), axis.signed(setup.sweep.extreme))


def _beyond_pools(
    context: SetupContext, invalidation: Decimal, rules: PlannerRules, axis: Axis
) -> tuple[Decimal, list[str]]:
    """Return the stop before rounding and the names of the pools that pushed it."""
    atr = exact(context.setup.atr)
    buffer, clearance = (exact(x) * atr for x in (rules.stop_buffer_atr, rules.pool_clearance_atr))
    stop, passed = invalidation - buffer, []
    for pool in pools_against(context, axis):
        if pool.signed >= invalidation:
            continue  # already taken by the move that made the setup
        if pool.signed < stop - clearance:
            break
        stop = min(stop, pool.signed - buffer)
        passed.append(pool.name)
    return stop, passed


def _rationale(setup: Setup, rules: PlannerRules, passed: list[str]) -> str:
    extreme = "low" if setup.direction is Direction.LONG else "high"
    text = f"{rules.stop_buffer_atr:g} ATR beyond the swept {extreme} {price_text(setup.origin)}"
    return f"{text}, past {', '.join(dict.fromkeys(passed))}" if passed else text
