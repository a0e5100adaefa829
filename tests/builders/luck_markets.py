"""Folders of candles that wander without an edge: whatever is found in them is luck, or a leak."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from snipersight.domain.evidence_columns import Numbers
from snipersight.domain.timeframe import Timeframe

FROM_MS: Final = 1_735_689_600_000  # 2025-01-01
# Where each begins, and the decimals of its tick.
_MARKETS: Final = {"BTC": (90_000.0, 1), "DOGE": (0.3, 5), "ETH": (3_000.0, 2)}
_STEPS: Final = 12  # of price within a bar, so that its high and low are those of a path
_SPREAD: Final = 0.004  # of a bar's move
_NAME: Final = "binance_usdm_luck"  # which tells the venue
_FRAME: Final = Timeframe.parse("15m")


def write_luck(above: Path, seed: int, *, bars: int) -> Path:
    """Write markets whose next step nothing of the past tells, and return their folder.

    Quiet and lively times follow one another, as in real markets; the direction of a step is always
    a coin's.

    Args:
        above: where the folder is made.
        seed: of every price.
        bars: of 15 minutes, of each market.
    """
    folder = above / f"{_NAME}_{seed}"
    folder.mkdir()
    dice = np.random.default_rng((20_251_123, seed))
    times = FROM_MS + np.arange(bars, dtype=np.int64) * _FRAME.duration_ms
    for name, (price, decimals) in _MARKETS.items():
        path = price * np.exp(np.cumsum(_steps(dice, bars))).reshape(bars, _STEPS)
        path = path.round(decimals)
        opens = np.concatenate([[price], path[:-1, -1]])
        whole = np.column_stack([opens, path])
        columns = {
            "timestamp": times,
            "open": opens,
            "high": whole.max(axis=1),
            "low": whole.min(axis=1),
            "close": path[:, -1],
            "volume": dice.lognormal(8.0, 0.6, bars),
        }
        pl.DataFrame(columns).write_parquet(folder / f"{name}USDT-{_FRAME}.parquet")
    return folder


def _steps(dice: np.random.Generator, bars: int) -> Numbers:
    liveliness = np.exp(0.3 * np.cumsum(dice.normal(0, 0.15, bars)) % 2 - 1)
    spread = _SPREAD * liveliness[:, None] / np.sqrt(_STEPS)
    steps = dice.normal(size=(bars, _STEPS)) * spread
    # Less what spread alone adds, so that a price is expected to stay where it is.
    drifting: Numbers = np.asarray(steps - spread**2 / 2, dtype=np.float64).ravel()
    return drifting
