"""What the detectors know at a moment, as typed values: the language of confluence and planner.

Prices are floats of the candles (no tick yet); times are milliseconds UTC. `at_ms` is the open time
of the bar a fact describes, `known_at_ms` the close that revealed it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from snipersight.domain.direction import Direction
from snipersight.domain.quick import quick
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import Timeframe


class PoolKind(IntEnum):
    """Where stops rest, in the order in which one wick's several levels are named.

    A session is a third of a UTC day: Asia 00–08, Europe 08–16, America 16–24.
    """

    OLD_SWING = 0
    EQUAL = 1
    SESSION = 2
    DAY = 3
    WEEK = 4
    MONTH = 5

    def label(self, side: Direction) -> str:
        """Return the trader's abbreviation; LONG means above price (buy-side liquidity)."""
        high = side is Direction.LONG
        if self is PoolKind.OLD_SWING:
            return "old high" if high else "old low"
        if self is PoolKind.EQUAL:
            return "EQH" if high else "EQL"
        period = {
            PoolKind.SESSION: "S",
            PoolKind.DAY: "D",
            PoolKind.WEEK: "W",
            PoolKind.MONTH: "M",
        }[self]
        return f"P{period}{'H' if high else 'L'}"


class ShiftKind(IntEnum):
    """What a close beyond a level means."""

    INITIAL = 0
    BOS = 1
    CHOCH = 2


class BlockState(IntEnum):
    """The life of an order block's zone."""

    FRESH = 0
    MITIGATED = 1
    BREAKER = 2
    MITIGATION_BLOCK = 3


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class PriceZone:
    """An area between two prices, `low` <= `high`, formed by the bar at `at_ms`."""

    low: float
    high: float
    at_ms: int

    def overlap(self, other: PriceZone) -> tuple[float, float] | None:
        """Return the shared (low, high), or None where they share no more than a point."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        return (low, high) if low < high else None

    def contains(self, price: float) -> bool:
        """Return whether the price lies inside or on an edge."""
        return self.low <= price <= self.high


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A live order block; `direction` is the side it supports now (flipped once closed through).

    `penetration` is the deepest return into the zone, 0 (untouched) to 1 (through).
    """

    zone: PriceZone
    direction: Direction
    state: BlockState
    known_at_ms: int
    penetration: float
    is_induced: bool


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A live fair value gap; `is_inverse` once closed through, with `direction` flipped.

    `fill` is the deepest return into it, 0 (untouched) to 1 (filled).
    """

    zone: PriceZone
    direction: Direction
    known_at_ms: int
    fill: float
    is_inverse: bool


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Resting liquidity at a price; `side` LONG lies above the market, SHORT below."""

    kind: PoolKind
    side: Direction
    price: float
    at_ms: int
    touches: int


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """A pool that was pierced and closed back inside on the bar at `at_ms`.

    `direction` is the trade it speaks for: taking lows speaks for LONG.
    """

    pool: Pool
    direction: Direction
    at_ms: int
    extreme: float
    depth_atr: float
    age_bars: int


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Displacement:
    """A fast one-sided move that left a gap."""

    direction: Direction
    start_ms: int
    end_ms: int
    range_atr: float
    body_ratio: float


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A close beyond structure: `level` was formed at `level_at_ms` and broken by the bar `at_ms`."""

    kind: ShiftKind
    direction: Direction
    is_internal: bool
    level: float
    level_at_ms: int
    at_ms: int


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Sweep, leg and shift in order: complete at the shift's close, `known_at_ms`.

    `origin` is the swept extreme the leg started from; block and gap belong to that leg, at least
    one of them exists. Without a displacement in the leg there is no block.
    """

    direction: Direction
    known_at_ms: int
    close: float
    atr: float
    origin: float
    origin_at_ms: int
    sweep: Sweep
    shift: Shift
    displacement: Displacement | None
    block: PriceZone | None
    gap: PriceZone | None


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that one timeframe role knows at `known_at_ms`, the close of its newest bar.

    Args:
        timeframe: the role's timeframe.
        close, atr: of the newest bar; `atr` is Wilder's 14.
        internal_trend, swing_trend: -1, 0 (none yet) or +1.
        regime: None until its window is full.
        adx, atr_percentile: what the regime was read from; `atr_percentile` in 0–1.
        swing_low, swing_high: last confirmed opposite swings (the dealing range), None if missing.
        protected: the level whose break turns the swing trend, None without trend.
        blocks, gaps, pools: live ones, newest first.
    """

    timeframe: Timeframe
    known_at_ms: int
    close: float
    atr: float
    internal_trend: int
    swing_trend: int
    regime: Regime | None
    adx: float
    atr_percentile: float
    swing_low: float | None
    swing_high: float | None
    protected: float | None
    blocks: Sequence[Block]
    gaps: Sequence[Gap]
    pools: Sequence[Pool]

    def range_position(self, price: float) -> float | None:
        """Return where a price lies in the dealing range: 0 at its low, 1 at its high.

        Below 0 and above 1 outside of it; None without a range or with an empty one.
        """
        if self.swing_low is None or self.swing_high is None or self.swing_high <= self.swing_low:
            return None
        return (price - self.swing_low) / (self.swing_high - self.swing_low)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class SetupContext:
    """A setup with everything known at its decision."""

    setup: Setup
    trigger: Reading
    zone: Reading
    bias: Reading
