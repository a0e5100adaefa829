"""Factors of place: trend, older zones, the setup's own zone, and where it lies in the range."""

from __future__ import annotations

from collections.abc import Iterator

from snipersight.analysis.entry_zone import depth_in_range
from snipersight.analysis.factors import Evidence, Opinion, ramp, trend_strength
from snipersight.analysis.facts import BlockState, PriceZone, Reading
from snipersight.analysis.wording import place_text, price_text, side_text, trend_text, zone_text
from snipersight.domain.direction import Direction

# How much an untouched zone of each kind is worth as a place where price turned before.
_BLOCK_WORTH = {
    BlockState.FRESH: 1.0,
    BlockState.MITIGATED: 1.0,  # how far is measured by its penetration
    BlockState.BREAKER: 0.8,
    BlockState.MITIGATION_BLOCK: 0.6,
}
_GAP_WORTH = 0.7
_INVERSE_GAP_WORTH = 0.5


def bias_trend(evidence: Evidence) -> Opinion:
    """Judge whether the bias timeframe's structure carries the trade."""
    reading = evidence.context.bias
    return Opinion(
        value=trend_strength(reading, evidence.direction),
        sentence=f"{reading.timeframe} structure is {trend_text(reading.swing_trend)} "
        f"(internal {trend_text(reading.internal_trend)}, ADX {reading.adx:.0f})",
        price=reading.protected,
    )


def zone_point_of_interest(evidence: Evidence) -> Opinion:
    """Judge the best older zone, of the zone or bias timeframe, that the setup turned from.

    Measured: how much of the smaller of the two, the older zone and the way from the setup's
    origin to its entry, lies in the other; less where the zone was already used.
    """
    low, high = sorted((evidence.zone.near, evidence.setup.origin))
    value, best = 0.0, None
    for reading in (evidence.context.zone, evidence.context.bias):
        # A zone the same move made is no second witness.
        latest_ms = evidence.setup.origin_at_ms - reading.timeframe.duration_ms
        for zone, worth, name in _supporting(reading, evidence.direction):
            if zone.at_ms <= latest_ms and worth * (share := _share(zone, low, high)) > value:
                value, best = worth * share, (reading.timeframe, name, zone, share)
    if best is None:
        return Opinion(value=0.0, sentence="no older zone of a higher timeframe at the entry")
    timeframe, name, zone, share = best
    return Opinion(
        value=value,
        sentence=f"{side_text(evidence.direction)} {timeframe} {name} {zone_text(zone)} "
        f"holds {share:.0%} of the turn",
        price=_near_edge(evidence, zone),
    )


def _supporting(reading: Reading, direction: Direction) -> Iterator[tuple[PriceZone, float, str]]:
    for block in reading.blocks:
        if block.direction is direction:
            worth = _BLOCK_WORTH[block.state] * (1 - 0.5 * block.penetration)
            yield block.zone, worth, "order block"
    for gap in reading.gaps:
        if gap.direction is direction:
            worth = (_INVERSE_GAP_WORTH if gap.is_inverse else _GAP_WORTH) * (1 - 0.5 * gap.fill)
            yield gap.zone, worth, "fair value gap"


def _share(zone: PriceZone, low: float, high: float) -> float:
    """Return how much of the smaller of a zone and a way between two prices lies in the other."""
    shared = min(zone.high, high) - max(zone.low, low)
    return shared / min(zone.high - zone.low, high - low) if shared > 0 else 0.0


def _near_edge(evidence: Evidence, zone: PriceZone) -> float:
    return zone.high if evidence.direction is Direction.LONG else zone.low


def order_block(evidence: Evidence) -> Opinion:
    """Judge the block the leg started from: tight is better, an inducement before it best."""
    block, setup = evidence.setup.block, evidence.setup
    if block is None:
        return Opinion(value=0.0, sentence="the leg left no order block")
    height_atr = (block.high - block.low) / setup.atr
    is_induced = any(
        known.is_induced and known.direction is setup.direction and known.zone == block
        for known in evidence.context.trigger.blocks
    )
    tightness = 1 - ramp(height_atr, none_at=0.5, full_at=2.5)
    return Opinion(
        value=0.4 + 0.4 * tightness + 0.2 * is_induced,
        sentence=f"{side_text(setup.direction)} order block {zone_text(block)}, "
        f"{height_atr:.1f} ATR high" + (", inducement taken" if is_induced else ""),
        price=_near_edge(evidence, block),
    )


def fair_value_gap(evidence: Evidence) -> Opinion:
    """Judge the gap the leg left: wide is better, shared with the block best."""
    gap, block, setup = evidence.setup.gap, evidence.setup.block, evidence.setup
    if gap is None:
        return Opinion(value=0.0, sentence="the leg left no fair value gap")
    width_atr = (gap.high - gap.low) / setup.atr
    is_shared = block is not None and gap.overlap(block) is not None
    size = ramp(width_atr, none_at=0.1, full_at=1.0)
    return Opinion(
        value=0.3 + 0.4 * size + 0.3 * is_shared,
        sentence=f"unfilled {side_text(setup.direction)} gap {zone_text(gap)}, "
        f"{width_atr:.1f} ATR wide" + (", overlapping the block" if is_shared else ""),
        price=_near_edge(evidence, gap),
    )


def discount(evidence: Evidence) -> Opinion:
    """Judge how cheap a long (how dear a short) is entered within the dealing range."""
    reading, near = evidence.context.zone, evidence.zone.near
    depth = depth_in_range(reading, near, evidence.direction)
    if depth is None:
        return Opinion(value=0.0, sentence=f"no {reading.timeframe} dealing range")
    is_long = evidence.direction is Direction.LONG
    half = ("discount" if is_long else "premium") if depth < 0.5 else "the wrong half"
    place = place_text(depth, evidence.direction)
    return Opinion(
        value=1 - ramp(depth, none_at=0, full_at=1),
        sentence=f"entry {price_text(near)} lies {place} of the {reading.timeframe} dealing "
        f"range, in {half}",
        price=near,
    )
