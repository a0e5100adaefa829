"""The protective stop: beyond what invalidates the setup, and beyond nearby stop hunts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from snipersight.analysis.facts import Setup, SetupContext
from snipersight.analysis.wording import price_text
from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.profile import PlannerRules
from snipersight.domain.units import exact, plain
from snipersight.planner.axis import Axis
from snipersight.planner.declined import NoPlan
from snipersight.planner.entry import PricedZone
from snipersight.planner.levels import pools_against

# Rounding to the tick may lengthen the stop by a fifth; more, and the tick places the stop.
_MAX_STRETCH = Decimal("1.2")


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
    _require_positive(signed, axis)
    _require_fine_tick(distance, raw=axis.signed(zone.source.near) - raw, axis=axis)
    distance_atr = float(distance / atr)
    _require_near(distance_atr, rules)
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


def _require_positive(signed: Decimal, axis: Axis) -> None:
    price = axis.price(signed)
    if price <= 0:
        sentence = f"the stop would lie at {plain(price)}, which is no price"
        raise NoPlan(
            Check(
                code="stop_not_positive", passed=False, measured=price, limit=0, sentence=sentence
            )
        )


def _require_fine_tick(distance: Decimal, *, raw: Decimal, axis: Axis) -> None:
    if distance <= raw * _MAX_STRETCH:
        return
    raise NoPlan(
        Check(
            code="tick_too_coarse",
            passed=False,
            measured=axis.tick,
            limit=raw,
            sentence=f"the tick of {plain(axis.tick)} lengthens the stop distance from "
            f"{plain(raw)} to {plain(distance)}",
        )
    )


def _require_near(distance_atr: float, rules: PlannerRules) -> None:
    if distance_atr <= rules.max_stop_atr:
        return
    raise NoPlan(
        Check(
            code="stop_too_wide",
            passed=False,
            measured=distance_atr,
            limit=rules.max_stop_atr,
            sentence=f"the stop lies {distance_atr:.1f} ATR from the entry; "
            f"at most {rules.max_stop_atr:g} is allowed",
        )
    )
