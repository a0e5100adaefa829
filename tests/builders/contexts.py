"""Setups and readings around one small market: close 104, ATR 2, a long from 100.

Prices are halves, so that mirroring about a power of two and scaling by one are exact.
"""

from dataclasses import replace
from typing import Any

from snipersight.analysis.facts import (
    Block,
    BlockState,
    Displacement,
    Gap,
    Pool,
    PoolKind,
    PriceZone,
    Reading,
    Setup,
    SetupContext,
    Shift,
    ShiftKind,
    Sweep,
)
from snipersight.analysis.momentum import Momentum
from snipersight.domain.direction import Direction
from snipersight.domain.ports import LeaderState
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import Timeframe
from tests.builders.mirrors import mirrored

DECIDED_AT_MS = 1_717_754_400_000  # 2024-06-07 10:00 UTC
MIRROR = 256.0  # the short market: close 152, entry at 156

_BAR_MS = Timeframe.parse("15m").duration_ms


def _bars_ago(count: int) -> int:
    """Return the open time of the bar `count` bars before the decision's bar."""
    return DECIDED_AT_MS - (count + 1) * _BAR_MS


def a_setup(direction: Direction = Direction.LONG, **overrides: Any) -> Setup:
    """Return a swept low at 96, a block 98–100, a gap 99–101 and a close at 104.

    A short is the same market mirrored about 128. Overrides are given in final prices.
    """
    setup = Setup(
        direction=Direction.LONG,
        known_at_ms=DECIDED_AT_MS,
        close=104.0,
        atr=2.0,
        origin=96.0,
        origin_at_ms=_bars_ago(6),
        sweep=a_sweep(),
        shift=Shift(
            kind=ShiftKind.CHOCH,
            direction=Direction.LONG,
            is_internal=True,
            level=103.0,
            level_at_ms=_bars_ago(10),
            at_ms=_bars_ago(0),
        ),
        displacement=Displacement(
            direction=Direction.LONG,
            start_ms=_bars_ago(4),
            end_ms=_bars_ago(1),
            range_atr=2.5,
            body_ratio=0.75,
        ),
        block=PriceZone(low=98.0, high=100.0, at_ms=_bars_ago(5)),
        gap=PriceZone(low=99.0, high=101.0, at_ms=_bars_ago(3)),
    )
    turned = setup if direction is Direction.LONG else mirrored(setup, about=MIRROR)
    return replace(turned, **overrides)


def a_sweep(**overrides: Any) -> Sweep:
    """Return a sweep of equal lows at 97 down to 96, half an ATR deep."""
    pool = Pool(
        kind=PoolKind.EQUAL, side=Direction.SHORT, price=97.0, at_ms=_bars_ago(40), touches=2
    )
    sweep = Sweep(
        pool=pool,
        direction=Direction.LONG,
        at_ms=_bars_ago(6),
        extreme=96.0,
        depth_atr=0.5,
        age_bars=34,
    )
    return replace(sweep, **overrides)


def a_pool(price: float, side: Direction = Direction.LONG, **overrides: Any) -> Pool:
    """Return equal highs (or lows, for `side=SHORT`) at a price."""
    values: dict[str, Any] = {"kind": PoolKind.EQUAL, "at_ms": _bars_ago(60), "touches": 2}
    return Pool(price=price, side=side, **(values | overrides))


def a_block(low: float, high: float, direction: Direction, **overrides: Any) -> Block:
    """Return a fresh order block that supports `direction`."""
    block = Block(
        zone=PriceZone(low=low, high=high, at_ms=_bars_ago(50)),
        direction=direction,
        state=BlockState.FRESH,
        known_at_ms=_bars_ago(45),
        penetration=0.0,
        is_induced=False,
    )
    return replace(block, **overrides)


def a_gap(low: float, high: float, direction: Direction, **overrides: Any) -> Gap:
    """Return an unfilled fair value gap that supports `direction`."""
    gap = Gap(
        zone=PriceZone(low=low, high=high, at_ms=_bars_ago(50)),
        direction=direction,
        known_at_ms=_bars_ago(45),
        fill=0.0,
        is_inverse=False,
    )
    return replace(gap, **overrides)


def a_reading(
    timeframe: str = "15m", direction: Direction = Direction.LONG, **overrides: Any
) -> Reading:
    """Return a rising market in a dealing range 92–116 with pools above and below.

    `direction=SHORT` mirrors it about 128: a falling market in the range 140–164.
    """
    reading = Reading(
        timeframe=Timeframe.parse(timeframe),
        known_at_ms=DECIDED_AT_MS,
        close=104.0,
        atr=2.0,
        internal_trend=1,
        swing_trend=1,
        regime=Regime.TREND,
        adx=28.0,
        atr_percentile=0.5,
        swing_low=92.0,
        swing_high=116.0,
        protected=94.0,
        blocks=(a_block(97.5, 100.5, Direction.LONG),),
        gaps=(),
        pools=(
            a_pool(108.0),
            a_pool(112.0, kind=PoolKind.DAY, touches=1),
            a_pool(120.0, kind=PoolKind.WEEK, touches=1),
            a_pool(90.0, Direction.SHORT),
        ),
    )
    turned = reading if direction is Direction.LONG else mirrored(reading, about=MIRROR)
    return replace(turned, **overrides)


def a_context(direction: Direction = Direction.LONG, **overrides: Any) -> SetupContext:
    """Return a setup that every default gate passes, with 15m, 1h and 4h readings.

    Overrides: `setup`, `trigger`, `zone`, `bias`.
    """
    values: dict[str, Any] = {
        "setup": a_setup(direction),
        "trigger": a_reading("15m", direction),
        "zone": a_reading("1h", direction),
        "bias": a_reading("4h", direction),
    }
    return SetupContext(**(values | overrides))


def a_leader(trend: int = 1, regime: Regime | None = Regime.TREND) -> LeaderState:
    """Return BTC's state as known at the decision."""
    return LeaderState(trend=trend, regime=regime, known_at_ms=DECIDED_AT_MS)


def a_momentum(direction: Direction = Direction.LONG, **overrides: Any) -> Momentum:
    """Return RSI that turned from 31.25 to 43.75 with a divergence and twice the usual volume.

    A short is its mirror: from 68.75 to 56.25.
    """
    reading = Momentum(
        balance=-0.125,
        lowest=-0.375,
        highest=0.25,
        divergence=Direction.LONG,
        divergence_strength=0.125,
        volume_ratio=2.0,
    )
    turned = reading if direction is Direction.LONG else mirrored(reading, about=MIRROR)
    return replace(turned, **overrides)
