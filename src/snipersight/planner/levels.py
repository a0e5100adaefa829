"""Prices where orders of others are expected: the levels that stops avoid and targets aim at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from snipersight.analysis.facts import Pool, PriceZone, Reading, SetupContext
from snipersight.analysis.wording import price_text, side_text, zone_text
from snipersight.domain.direction import Direction
from snipersight.planner.axis import Axis


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A signed price; most are only compared, so that the name is found when it is asked for."""

    signed: Decimal
    named: Callable[[], str]

    @property
    def name(self) -> str:
        """Return what it is, in plain words."""
        return self.named()


def pools_against(context: SetupContext, axis: Axis) -> list[Level]:
    """Return the pools on the losing side of all roles, nearest to the market first."""
    found = _pools(context, axis, side=axis.direction.opposite)
    return sorted(found, key=lambda level: -level.signed)


def levels_ahead(context: SetupContext, axis: Axis) -> list[Level]:
    """Return what a trade may aim at beyond the decision's close, nearest first.

    Pools, swing extremes and the proximal edges of opposing blocks and gaps, of all roles; at
    one price the coarsest timeframe gives the name.
    """
    close = axis.signed(context.setup.close)
    found = [*_pools(context, axis, side=axis.direction)]
    for reading in _readings(context):
        found += [*_swings(reading, axis), *_opposing(reading, axis)]
    # The sort is stable and the roles come coarsest first.
    return sorted((f for f in found if f.signed > close), key=lambda level: level.signed)


def _readings(context: SetupContext) -> tuple[Reading, ...]:
    return (context.bias, context.zone, context.trigger)


def _pools(context: SetupContext, axis: Axis, *, side: Direction) -> Iterator[Level]:
    for reading in _readings(context):
        for pool in reading.pools:
            if pool.side is side:
                named = partial(_pool_name, pool, reading)
                yield Level(signed=axis.signed(pool.price), named=named)


def _pool_name(pool: Pool, reading: Reading) -> str:
    return f"{reading.timeframe} {pool.kind.label(pool.side)} {price_text(pool.price)}"


def _swings(reading: Reading, axis: Axis) -> Iterator[Level]:
    is_long = axis.direction is Direction.LONG
    price = reading.swing_high if is_long else reading.swing_low
    if price is not None:
        yield Level(signed=axis.signed(price), named=partial(_swing_name, price, reading, is_long))


def _swing_name(price: float, reading: Reading, is_high: bool) -> str:
    return f"{reading.timeframe} swing {'high' if is_high else 'low'} {price_text(price)}"


def _opposing(reading: Reading, axis: Axis) -> Iterator[Level]:
    side = axis.direction.opposite
    zones: list[tuple[PriceZone, str]] = [
        (block.zone, "order block") for block in reading.blocks if block.direction is side
    ]
    zones += [(gap.zone, "fair value gap") for gap in reading.gaps if gap.direction is side]
    for zone, kind in zones:
        edge = zone.low if axis.direction is Direction.LONG else zone.high
        named = partial(_zone_name, zone, kind, side, reading)
        yield Level(signed=axis.signed(edge), named=named)


def _zone_name(zone: PriceZone, kind: str, side: Direction, reading: Reading) -> str:
    return f"{side_text(side)} {reading.timeframe} {kind} {zone_text(zone)}"
