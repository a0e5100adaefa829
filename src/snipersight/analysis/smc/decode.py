"""Typed values from the detectors' records: signed prices and bar numbers end here."""

from __future__ import annotations

from typing import Final

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
    Shift,
    ShiftKind,
    Sweep,
)
from snipersight.analysis.smc.layout import (
    BLOCKS,
    GAPS,
    INTERNAL,
    POOLS,
    RING,
    SWING,
    Record,
)
from snipersight.domain.direction import Direction
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import Timeframe

_SIDES: Final = (Direction.LONG, Direction.SHORT)
_REGIMES: Final = (Regime.TREND, Regime.RANGE, Regime.VOLATILE)


def read_state(state: Record, timeframe: Timeframe) -> Reading | None:
    """Return what the speaking machine knows, or None while the history is too short.

    Args:
        state: one STATE record.
        timeframe: of the series.
    """
    m = int(state["clock"]["speaker"])
    if m < 0 or state["machine"][m]["atr"] <= 0:
        return None
    machine, trends, pivots = state["machine"][m], state["trends"][m], state["pivots"][m, SWING]
    guard, trend = state["guards"][m, SWING], int(trends["trend"][SWING])
    last = state["bars"][(int(state["clock"]["n"]) - 1) % RING]
    return Reading(
        timeframe=timeframe,
        known_at_ms=int(last["t"]) + timeframe.duration_ms,
        close=float(last["c"]),
        atr=float(machine["atr"]),
        internal_trend=int(trends["trend"][INTERNAL]),
        swing_trend=trend,
        regime=None if machine["regime"] < 0 else _REGIMES[machine["regime"]],
        adx=float(machine["adx"]),
        atr_percentile=float(machine["percentile"]),
        swing_low=-float(pivots[1]["price"]) if pivots[1]["live"] else None,
        swing_high=float(pivots[0]["price"]) if pivots[0]["live"] else None,
        protected=-trend * float(guard["price"]) if guard["live"] else None,
        blocks=_blocks(state, m, timeframe),
        gaps=_gaps(state, m, timeframe),
        pools=_pools(state, m, float(last["c"])),
    )


def read_trend(state: Record) -> tuple[int, Regime | None]:
    """Return the swing trend (-1, 0, +1) and the regime; (0, None) while nothing may be said."""
    m = int(state["clock"]["speaker"])
    if m < 0:
        return 0, None
    code = int(state["machine"][m]["regime"])
    return int(state["trends"][m, SWING]["trend"]), None if code < 0 else _REGIMES[code]


def read_percentile(state: Record) -> float | None:
    """Return the newest ATR's rank in its window, 0 to 1; None while the regime is unknown too."""
    m = int(state["clock"]["speaker"])
    if m < 0 or state["machine"][m]["regime"] < 0:
        return None
    return float(state["machine"][m]["percentile"])


def _open_time(state: Record, n: int) -> int:
    return int(state["bars"][n % RING]["t"])


def _zone(row: Record, side: int) -> PriceZone:
    edges = (float(row["low"]), float(row["high"]))
    low, high = edges if side == 0 else (-edges[1], -edges[0])
    return PriceZone(low=low, high=high, at_ms=int(row["at_ms"]))


def _blocks(state: Record, m: int, timeframe: Timeframe) -> tuple[Block, ...]:
    found = []
    for side in range(2):
        for row in state["blocks"][m, side, : state["counts"][m, side, BLOCKS]]:
            kind = BlockState(row["state"])
            flipped = kind in (BlockState.BREAKER, BlockState.MITIGATION_BLOCK)
            block = Block(
                zone=_zone(row, side),
                direction=_SIDES[1 - side if flipped else side],
                state=kind,
                known_at_ms=_open_time(state, row["known"]) + timeframe.duration_ms,
                penetration=float(row["penetration"]),
                is_induced=bool(row["induced"]),
            )
            found.append(block)
    return tuple(sorted(found, key=lambda block: -block.known_at_ms))


def _gaps(state: Record, m: int, timeframe: Timeframe) -> tuple[Gap, ...]:
    found = [
        Gap(
            zone=_zone(row, side),
            direction=_SIDES[1 - side if row["inverse"] else side],
            known_at_ms=_open_time(state, row["known"]) + timeframe.duration_ms,
            fill=_fill(row, float(state["gap_watch"][m, side]["lowest"])),
            is_inverse=bool(row["inverse"]),
        )
        for side in range(2)
        for row in state["gaps"][m, side, : state["counts"][m, side, GAPS]]
    ]
    return tuple(sorted(found, key=lambda gap: -gap.known_at_ms))


def _fill(row: Record, lowest: float) -> float:
    deepest = min(float(row["deepest"]), lowest)  # one that is inverse is full anyway
    return min((float(row["high"]) - deepest) / (float(row["high"]) - float(row["low"])), 1.0)


def _pools(state: Record, m: int, close: float) -> tuple[Pool, ...]:
    found = []
    for side in range(2):
        swings = state["pools"][m, side, : state["counts"][m, side, POOLS]]
        rows = (*swings, *state["calendar_pools"][side])
        found += [_pool(side, row) for row in rows if row["live"]]
    # A bar can be both the high and the low of a day: then the nearer one comes first, so that the
    # order does not depend on which side is called up.
    return tuple(sorted(found, key=lambda pool: (-pool.at_ms, abs(pool.price - close), pool.kind)))


def _pool(side: int, row: Record) -> Pool:
    price = float(row["price"])
    return Pool(
        kind=PoolKind(row["kind"]),
        side=_SIDES[side],
        price=price if side == 0 else -price,
        at_ms=int(row["at_ms"]),
        touches=int(row["touches"]),
    )


def read_setup(row: Record) -> Setup:
    """Return the typed form of one SETUP record."""
    direction = _SIDES[row["side"]]
    pool = Pool(
        kind=PoolKind(row["pool_kind"]),
        side=direction.opposite,
        price=float(row["pool"]),
        at_ms=int(row["pool_at"]),
        touches=int(row["pool_touches"]),
    )
    return Setup(
        direction=direction,
        known_at_ms=int(row["known_at"]),
        close=float(row["close"]),
        atr=float(row["atr"]),
        origin=float(row["origin"]),
        origin_at_ms=int(row["origin_at"]),
        sweep=_sweep(row, pool, direction),
        shift=_shift(row, direction),
        displacement=_displacement(row, direction),
        block=_part(row, "block"),
        gap=_part(row, "gap"),
    )


def _sweep(row: Record, pool: Pool, direction: Direction) -> Sweep:
    return Sweep(
        pool=pool,
        direction=direction,
        at_ms=int(row["origin_at"]),
        extreme=float(row["origin"]),
        depth_atr=float(row["depth_atr"]),
        age_bars=int(row["pool_age"]),
    )


def _shift(row: Record, direction: Direction) -> Shift:
    return Shift(
        kind=ShiftKind(row["shift_kind"]),
        direction=direction,
        is_internal=bool(row["shift_strength"] == INTERNAL),
        level=float(row["level"]),
        level_at_ms=int(row["level_at"]),
        at_ms=int(row["at"]),
    )


def _displacement(row: Record, direction: Direction) -> Displacement | None:
    if not row["has_displacement"]:
        return None
    return Displacement(
        direction=direction,
        start_ms=int(row["displacement_start"]),
        end_ms=int(row["displacement_end"]),
        range_atr=float(row["displacement_atr"]),
        body_ratio=float(row["displacement_body"]),
    )


def _part(row: Record, name: str) -> PriceZone | None:
    if not row[f"has_{name}"]:
        return None
    return PriceZone(
        low=float(row[f"{name}_low"]), high=float(row[f"{name}_high"]), at_ms=int(row[f"{name}_at"])
    )
