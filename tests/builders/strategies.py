"""Generated contexts: any market a detector could describe, on exact dyadic prices.

Prices are multiples of 1/16 between 256 and 768, so that mirroring about 1024 and scaling by
powers of two are exact; ATR is a multiple of 1/8.
"""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from snipersight.analysis.facts import (
    BlockState,
    Displacement,
    PoolKind,
    PriceZone,
    Reading,
    Setup,
    SetupContext,
    Shift,
    ShiftKind,
)
from snipersight.domain.direction import Direction
from snipersight.domain.ports import LeaderState
from snipersight.domain.regime import Regime
from tests.builders.contexts import (
    DECIDED_AT_MS,
    a_block,
    a_gap,
    a_momentum,
    a_pool,
    a_reading,
    a_setup,
    a_sweep,
)
from tests.builders.mirrors import mirrored

ABOUT = 1024.0
_STEP = 1 / 16

sides = st.sampled_from(Direction)
trends = st.sampled_from((-1, 0, 1))
regimes = st.sampled_from(Regime)
shares = st.integers(0, 16).map(lambda n: n / 16)


def _steps(low: int, high: int) -> st.SearchStrategy[float]:
    return st.integers(low, high).map(lambda n: n * _STEP)


@st.composite
def contexts(draw: Any) -> SetupContext:
    """Return a setup and its readings, long or (mirrored) short."""
    setup = draw(_long_setups())
    context = SetupContext(
        setup=setup,
        trigger=draw(_readings("15m", setup)),
        zone=draw(_readings("1h", setup)),
        bias=draw(_readings("4h", setup)),
    )
    is_long = draw(sides) is Direction.LONG
    return context if is_long else mirrored(context, about=ABOUT)


@st.composite
def _long_setups(draw: Any) -> Setup:
    origin = 480 + draw(_steps(0, 256))
    zone_low = origin + draw(_steps(0, 48))
    block = PriceZone(low=zone_low, high=zone_low + draw(_steps(1, 64)), at_ms=DECIDED_AT_MS - 6)
    gap_low = zone_low + draw(_steps(0, 48))
    gap = PriceZone(low=gap_low, high=gap_low + draw(_steps(1, 64)), at_ms=DECIDED_AT_MS - 4)
    shown = draw(st.sampled_from(("both", "block", "gap")))
    close = max(block.high, gap.high) + draw(_steps(-8, 80))
    return replace(
        a_setup(),
        close=close,
        atr=draw(st.integers(1, 64)) / 8,
        origin=origin,
        sweep=a_sweep(
            pool=a_pool(
                origin + _STEP,
                Direction.SHORT,
                kind=draw(st.sampled_from(PoolKind)),
                touches=draw(st.integers(1, 5)),
            ),
            extreme=origin,
            depth_atr=draw(shares),
            age_bars=draw(st.integers(1, 200)),
        ),
        shift=Shift(
            kind=draw(st.sampled_from(ShiftKind)),
            direction=Direction.LONG,
            is_internal=draw(st.booleans()),
            level=close - draw(_steps(1, 32)),
            level_at_ms=DECIDED_AT_MS - 20,
            at_ms=DECIDED_AT_MS - 1,
        ),
        displacement=Displacement(
            direction=Direction.LONG,
            start_ms=DECIDED_AT_MS - 8,
            end_ms=DECIDED_AT_MS - 2,
            range_atr=1 + 4 * draw(shares),
            body_ratio=draw(shares),
        ),
        block=None if shown == "gap" else block,
        gap=None if shown == "block" else gap,
    )


@st.composite
def _readings(draw: Any, timeframe: str, setup: Setup) -> Reading:
    around = _steps(-2000, 3000).map(lambda away: setup.origin + away)
    low, high = sorted((draw(around), draw(around)))
    has_range = draw(st.booleans())
    zones = st.lists(st.tuples(around, _steps(1, 80), sides), max_size=3)
    return replace(
        a_reading(timeframe),
        close=setup.close,
        atr=setup.atr,
        internal_trend=draw(trends),
        swing_trend=draw(trends),
        regime=draw(regimes),
        adx=60 * draw(shares),
        atr_percentile=draw(shares),
        swing_low=low if has_range else None,
        swing_high=high if has_range else None,
        protected=draw(around),
        blocks=tuple(
            a_block(
                at,
                at + height,
                side,
                state=draw(st.sampled_from(BlockState)),
                penetration=draw(shares),
                is_induced=draw(st.booleans()),
            )
            for at, height, side in draw(zones)
        ),
        gaps=tuple(
            a_gap(at, at + height, side, fill=draw(shares), is_inverse=draw(st.booleans()))
            for at, height, side in draw(zones)
        ),
        pools=tuple(
            a_pool(price, side, kind=kind, touches=touches)
            for price, side, kind, touches in draw(
                st.lists(
                    st.tuples(around, sides, st.sampled_from(PoolKind), st.integers(1, 4)),
                    max_size=8,
                )
            )
        ),
    )


leaders = st.none() | st.builds(
    LeaderState, trend=trends, regime=regimes, known_at_ms=st.just(DECIDED_AT_MS)
)
_balances = st.integers(-16, 16).map(lambda n: n / 16)
momentums = st.none() | st.builds(
    lambda now, one, two, divergence, strength, volume: a_momentum(
        balance=now,
        lowest=min(now, one, two),
        highest=max(now, one, two),
        divergence=divergence,
        divergence_strength=strength if divergence else 0.0,
        volume_ratio=4 * volume,
    ),
    _balances,
    _balances,
    _balances,
    st.none() | sides,
    shares,
    shares,
)
