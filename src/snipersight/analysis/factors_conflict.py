"""What speaks against a setup; full value costs the profile's whole deduction."""

from __future__ import annotations

import math
from collections.abc import Iterator

from snipersight.analysis.factors import Evidence, Opinion, ramp, trend_strength
from snipersight.analysis.facts import PriceZone, Reading
from snipersight.analysis.wording import side_text, trend_text, zone_text
from snipersight.domain.direction import Direction
from snipersight.domain.profile import SmcRules
from snipersight.domain.regime import Regime

_CLEAR_ATR = 3.0  # an obstacle this far from the entry no longer counts

# How firmly BTC moves in each regime; unknown is judged by the gate.
_LEADER_FIRMNESS = {Regime.TREND: 1.0, Regime.VOLATILE: 0.8, Regime.RANGE: 0.5, None: 0.5}


def against_bias(evidence: Evidence) -> Opinion:
    """Judge how firmly the bias timeframe points the other way."""
    reading = evidence.context.bias
    value = trend_strength(reading, evidence.direction.opposite)
    if value == 0:
        return Opinion(value=0.0, sentence=f"{reading.timeframe} structure does not oppose")
    return Opinion(
        value=value,
        sentence=f"{reading.timeframe} structure is {trend_text(reading.swing_trend)} "
        f"(internal {trend_text(reading.internal_trend)}), against the trade",
        price=reading.protected,
    )


def against_leader(evidence: Evidence) -> Opinion:
    """Judge whether BTC trends the other way; BTC itself has no leader."""
    leader = evidence.leader
    if leader is None:
        return Opinion(value=0.0, sentence="this is the leading market")
    is_against = leader.trend * evidence.direction.sign < 0
    regime = leader.regime.value if leader.regime else "unknown regime"
    return Opinion(
        value=_LEADER_FIRMNESS[leader.regime] if is_against else 0.0,
        sentence=f"the leading market is {trend_text(leader.trend)} ({regime})",
    )


def opposing_zone(evidence: Evidence) -> Opinion:
    """Judge how near the first opposing block or gap of a higher timeframe stands.

    Measured from the entry's near edge to the obstacle's proximal edge; an obstacle that holds
    the entry stands at distance 0, one that lies behind the entry does not count.
    """
    nearest, found = math.inf, None
    for reading in (evidence.context.zone, evidence.context.bias):
        for zone, name in _opposing(reading, evidence.direction):
            distance_atr = _distance_atr(evidence, zone)
            if distance_atr < nearest:
                nearest, found = distance_atr, (reading.timeframe, name, zone)
    value = 1 - ramp(nearest, none_at=0, full_at=_CLEAR_ATR)
    if value == 0 or found is None:
        return Opinion(value=0.0, sentence=f"no opposing zone within {_CLEAR_ATR:g} ATR")
    timeframe, name, zone = found
    return Opinion(
        value=value,
        sentence=f"{side_text(evidence.direction.opposite)} {timeframe} {name} "
        f"{zone_text(zone)} stands {nearest:.1f} ATR ahead of the entry",
        price=_proximal(evidence, zone),
    )


def _opposing(reading: Reading, direction: Direction) -> Iterator[tuple[PriceZone, str]]:
    yield from ((b.zone, "order block") for b in reading.blocks if b.direction is not direction)
    yield from ((g.zone, "fair value gap") for g in reading.gaps if g.direction is not direction)


def _proximal(evidence: Evidence, zone: PriceZone) -> float:
    return zone.low if evidence.direction is Direction.LONG else zone.high


def _distance_atr(evidence: Evidence, zone: PriceZone) -> float:
    near = evidence.zone.near
    distal = zone.high if evidence.direction is Direction.LONG else zone.low
    if evidence.gain(distal, start=near) < 0:
        return math.inf
    return max(evidence.gain(_proximal(evidence, zone), start=near), 0.0) / evidence.setup.atr


def volatile(evidence: Evidence) -> Opinion:
    """Judge how unusual the zone timeframe's ATR is; unknown counts as fully unusual."""
    reading = evidence.context.zone
    if math.isnan(reading.atr_percentile):
        return Opinion(value=1.0, sentence=f"{reading.timeframe} volatility is not known yet")
    return Opinion(
        value=unusual_volatility(reading.atr_percentile, evidence.profile.roles.zone),
        sentence=f"{reading.timeframe} ATR is at {reading.atr_percentile:.0%} of its window",
    )


def unusual_volatility(atr_percentile: float, rules: SmcRules) -> float:
    """Return how unusual an ATR is that lies at a percentile of its window, 0 to 1."""
    # A profile may set the border to 1; then only the very top of the window counts.
    calm = min(rules.volatile_leave, 0.99)
    return ramp(atr_percentile, none_at=calm, full_at=1)
