"""Typed values from the detectors' records: signed prices and bar numbers end here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, TypedDict

import numpy as np

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
from snipersight.analysis.smc.later import Later
from snipersight.analysis.smc.layout import (
    BLOCKS,
    GAPS,
    INTERNAL,
    POOLS,
    RING,
    STATE,
    SWING,
    Array,
    Record,
)
from snipersight.domain.direction import Direction
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import Timeframe

_SIDES: Final = (Direction.LONG, Direction.SHORT)
_REGIMES: Final = (Regime.TREND, Regime.RANGE, Regime.VOLATILE)
_STAGES: Final = tuple(BlockState)
_FLIPPED: Final = (BlockState.BREAKER, BlockState.MITIGATION_BLOCK)
_KINDS: Final = tuple(PoolKind)


# What zones and pools are read from, with the stretch of a state that it lies in.
_HELD_NAMES: Final = ("calendar_pools", "gaps", "blocks", "pools", "counts", "gap_watch")


def _held_layout() -> tuple[slice, np.dtype[np.void]]:
    """Return where it lies in the bytes of a state, and how."""
    fields = dict(STATE.fields or {})
    kinds, offsets = (
        [fields[one][0] for one in _HELD_NAMES],
        [fields[one][1] for one in _HELD_NAMES],
    )
    first, end = offsets[0], offsets[-1] + kinds[-1].itemsize
    layout = {
        "names": list(_HELD_NAMES),
        "formats": kinds,
        "offsets": [offset - first for offset in offsets],
        "itemsize": end - first,
    }
    return slice(first, end), np.dtype(layout)  # type: ignore[call-overload]  # as numpy documents it


_STRETCH, _HELD = _held_layout()


def read_state(states: Array, timeframe: Timeframe) -> Reading | None:
    """Return what the speaking machine knows, or None while the history is too short.

    Args:
        states: one STATE record.
        timeframe: of the series.
    """
    state = states[0]
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
        **_sets(states, m, timeframe),
    )


class _Sets(TypedDict):
    blocks: Sequence[Block]
    gaps: Sequence[Gap]
    pools: Sequence[Pool]


def _sets(states: Array, m: int, timeframe: Timeframe) -> _Sets:
    """Return the live zones and pools as they are now, each kind made when it is looked at."""
    state = states[0]
    # Bars go on, so all is copied: as bytes, which takes a tenth of what records take.
    held = states.view(np.uint8)[_STRETCH].tobytes()
    closes_ms = state["bars"]["t"] + timeframe.duration_ms
    close = float(state["bars"][(int(state["clock"]["n"]) - 1) % RING]["c"])
    return {
        "blocks": Later(lambda: _blocks(_Held.of(held, m), closes_ms)),
        "gaps": Later(lambda: _gaps(_Held.of(held, m), closes_ms)),
        "pools": Later(lambda: _pools(_Held.of(held, m), close)),
    }


class _Held(NamedTuple):
    """What one machine holds, by side."""

    blocks: Array
    gaps: Array
    pools: Array
    calendar: Array
    counts: Sequence[Sequence[int]]
    lowest: Sequence[float]

    @classmethod
    def of(cls, held: bytes, m: int) -> _Held:
        record = np.frombuffer(held, _HELD)[0]
        return cls(
            blocks=record["blocks"][m],
            gaps=record["gaps"][m],
            pools=record["pools"][m],
            calendar=record["calendar_pools"],
            counts=record["counts"][m].tolist(),
            lowest=record["gap_watch"]["lowest"][m].tolist(),
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


def _zone(side: int, low: float, high: float, at_ms: int) -> PriceZone:
    if side == 0:
        return PriceZone(low=low, high=high, at_ms=at_ms)
    return PriceZone(low=-high, high=-low, at_ms=at_ms)


# Whole columns of a record become Python values in one call; a field at a time takes ten times as
# long, and a decision reads a hundred zones and pools.
def _blocks(held: _Held, closes_ms: Array) -> tuple[Block, ...]:
    found = []
    for side in range(2):
        rows = held.blocks[side, : held.counts[side][BLOCKS]].tolist()
        for low, high, _, at_ms, known, stage, _, _, penetration, _, _, is_induced in rows:
            block = Block(
                zone=_zone(side, low, high, at_ms),
                direction=_SIDES[1 - side if _STAGES[stage] in _FLIPPED else side],
                state=_STAGES[stage],
                known_at_ms=closes_ms.item(known % RING),
                penetration=penetration,
                is_induced=bool(is_induced),
            )
            found.append(block)
    return tuple(sorted(found, key=_newest))


def _gaps(held: _Held, closes_ms: Array) -> tuple[Gap, ...]:
    found = []
    for side in range(2):
        rows, lowest = held.gaps[side, : held.counts[side][GAPS]].tolist(), held.lowest[side]
        for low, high, _, at_ms, known, deepest, is_inverse in rows:
            # One that is inverse is full anyway.
            fill = (high - min(deepest, lowest)) / (high - low)
            gap = Gap(
                zone=_zone(side, low, high, at_ms),
                direction=_SIDES[1 - side if is_inverse else side],
                known_at_ms=closes_ms.item(known % RING),
                fill=min(fill, 1.0),
                is_inverse=bool(is_inverse),
            )
            found.append(gap)
    return tuple(sorted(found, key=_newest))


def _newest(zone: Block | Gap) -> int:
    return -zone.known_at_ms


def _pools(held: _Held, close: float) -> tuple[Pool, ...]:
    found = []
    for side in range(2):
        live = held.pools[side, : held.counts[side][POOLS]]
        rows = live.tolist() + held.calendar[side].tolist()
        for is_live, kind, price, _, _, at_ms, touches in rows:
            if is_live:
                pool = Pool(
                    kind=_KINDS[kind],
                    side=_SIDES[side],
                    price=price if side == 0 else -price,
                    at_ms=at_ms,
                    touches=touches,
                )
                found.append(pool)
    # A bar can be both the high and the low of a day: then the nearer one comes first, and of two as
    # near the one touched more often, so that the order does not depend on which side is called up.
    return tuple(sorted(found, key=lambda pool: _rank(pool, close)))


def _rank(pool: Pool, close: float) -> tuple[int, float, PoolKind, int]:
    return -pool.at_ms, abs(pool.price - close), pool.kind, -pool.touches


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
