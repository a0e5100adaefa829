"""What every plan must keep, whoever thought of it: known rules, a stop that holds, a fair price."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Fees, Instrument
from snipersight.domain.profile import PlannerRules
from snipersight.domain.units import plain
from snipersight.planner.axis import Axis
from snipersight.planner.declined import NoPlan

# Rounding to the tick may lengthen the stop by a fifth; more, and the tick places the stop.
_MAX_STRETCH: Final = Decimal("1.2")


def known_rules(instrument: Instrument) -> tuple[Decimal, Fees]:
    """Return the tick and the fees of a market.

    Raises:
        NoPlan: `unknown_instrument`: tick, lot or fees are unknown.
    """
    if instrument.tick is None or instrument.fees is None or instrument.lot is None:
        missing = ", ".join(instrument.missing())
        raise NoPlan(
            Check(
                code="unknown_instrument",
                passed=False,
                measured=missing,
                sentence=f"the venue's {missing} of {instrument.symbol} is unknown",
            )
        )
    return instrument.tick, instrument.fees


def require_side(direction: Direction, instrument: Instrument) -> None:
    """Ask whether a market can be traded in a direction.

    Raises:
        NoPlan: `no_short`.
    """
    if direction is Direction.SHORT and not instrument.allows_short:
        raise NoPlan(
            Check(
                code="no_short",
                passed=False,
                measured=instrument.kind.value,
                sentence=f"{instrument.symbol} is a {instrument.kind} market: no short can be opened",
            )
        )


def require_positive(signed: Decimal, axis: Axis) -> None:
    """Ask whether a stop lies at a price.

    Raises:
        NoPlan: `stop_not_positive`.
    """
    price = axis.price(signed)
    if price <= 0:
        sentence = f"the stop would lie at {plain(price)}, which is no price"
        raise NoPlan(
            Check(
                code="stop_not_positive", passed=False, measured=price, limit=0, sentence=sentence
            )
        )


def require_fine_tick(distance: Decimal, *, raw: Decimal, axis: Axis) -> None:
    """Ask whether rounding to the tick left a stop about where it was meant to be.

    Args:
        distance: from the near edge to the stop, rounded.
        raw: the same before any rounding.
        axis: holds the tick.

    Raises:
        NoPlan: `tick_too_coarse`.
    """
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


def require_near(distance_atr: float, rules: PlannerRules) -> None:
    """Ask whether a stop is as near as the profile wants it.

    Raises:
        NoPlan: `stop_too_wide`.
    """
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


def require_cheap(cost: Decimal, distance: Decimal, rules: PlannerRules) -> None:
    """Ask whether a round trip costs a small part of the stop distance only.

    Raises:
        NoPlan: `cost`.
    """
    share = float(cost / distance)
    if share > rules.max_cost_fraction:
        raise NoPlan(
            Check(
                code="cost",
                passed=False,
                measured=share,
                limit=rules.max_cost_fraction,
                sentence=f"a round trip costs {plain(cost)}, {share:.0%} of the stop distance "
                f"{plain(distance)}; at most {rules.max_cost_fraction:.0%} is allowed",
            )
        )


def require_reward(risk_reward: float, rules: PlannerRules) -> None:
    """Ask whether all targets together pay enough.

    Raises:
        NoPlan: `min_rr`.
    """
    if risk_reward < rules.min_rr:
        raise NoPlan(
            Check(
                code="min_rr",
                passed=False,
                measured=risk_reward,
                limit=rules.min_rr,
                sentence=f"all targets together pay {risk_reward:.2f}R net; "
                f"at least {rules.min_rr:g}R is asked for",
            )
        )
