"""Stretches of recorded markets for the laws; skipped where the recordings are absent."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from snipersight.domain.candles import Candles
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.market.raw_bars import read_bars

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "ohlcv"
SPOT_2024 = "a_permissive/binance_spot_5m_2024"
SPRING_2025 = "a_permissive/binance_usdm_spring2025"
SPOT_2021 = "b_gpl3/binance_spot_5m_2021"
A_YEAR = "b_gpl3/binance_usdm_5m_2023_2024"


def recorded(test: Any) -> Any:
    """Mark a test that needs recorded candles."""
    reason = "recorded market data is absent (../shared/data)"
    return pytest.mark.recorded(pytest.mark.skipif(not FOLDER.is_dir(), reason=reason)(test))


def stretch(folder: str, pair: str, timeframe: str, *, from_text: str, bars: int) -> Candles:
    """Return `bars` recorded bars from the first one at or after a UTC time on."""
    path = FOLDER / folder / f"{pair}-{timeframe}.parquet"
    whole = read_bars(path).candles(Symbol(pair), Timeframe.parse(timeframe))
    from_ms = int(datetime.fromisoformat(from_text).replace(tzinfo=UTC).timestamp() * 1000)
    first = int(np.searchsorted(whole.open_time, from_ms))
    part = whole.slice(first, first + bars)
    assert len(part) == bars, f"{path.name} has only {len(part)} bars from {from_text} on"
    return part
