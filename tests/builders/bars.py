"""Candles from a few numbers."""

from collections.abc import Sequence

import numpy as np

from snipersight.domain.candles import Candles
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol

START_MS = 1_704_067_200_000  # 2024-01-01 00:00 UTC, a Monday


def candles_of(
    rows: Sequence[tuple[float, float, float, float]],
    *,
    timeframe: str = "15m",
    volume: Sequence[float] | None = None,
    start_ms: int = START_MS,
) -> Candles:
    """Return bars of (open, high, low, close) rows, volume 1 unless given."""
    frame = Timeframe.parse(timeframe)
    table = np.asarray(rows, dtype=np.float64).reshape(-1, 4)
    return Candles(
        symbol=Symbol("BTC/USDT"),
        timeframe=frame,
        open_time=start_ms + frame.duration_ms * np.arange(len(table), dtype=np.int64),
        open=table[:, 0],
        high=table[:, 1],
        low=table[:, 2],
        close=table[:, 3],
        volume=np.ones(len(table)) if volume is None else np.asarray(volume, dtype=np.float64),
    )


def walk(bars: int, *, seed: int, start: float = 512.0, step: float = 1 / 16) -> Candles:
    """Return a seeded random walk whose prices are multiples of `step`.

    A dyadic step keeps every price exact, so that mirroring and scaling lose nothing.
    """
    chance = np.random.default_rng(seed)
    close = start + step * np.cumsum(chance.integers(-24, 25, bars))
    opened = np.concatenate(([start], close[:-1]))
    high = np.maximum(opened, close) + step * chance.integers(0, 12, bars)
    low = np.minimum(opened, close) - step * chance.integers(0, 12, bars)
    volume = chance.integers(1, 1000, bars).astype(np.float64)
    rows = np.column_stack([opened, high, low, close])
    return candles_of([tuple(row) for row in rows.tolist()], volume=volume.tolist())
