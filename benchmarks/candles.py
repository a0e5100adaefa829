"""Candles to measure on: recorded ones where they are, else the built-in market's."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np

from snipersight.domain.candles import COLUMNS, Candles
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.sandbox.market import SyntheticMarket

ROOT = Path(__file__).resolve().parents[1]
RECORDED = ROOT.parent / "shared/data/ohlcv/a_permissive/binance_spot_5m_2024"
FIVE_MINUTES = Timeframe.parse("5m")
BITCOIN = Symbol("BTC/USDT")
END_MS = 1_735_689_600_000  # 2025-01-01


def recorded_or_built_in(bars: int) -> tuple[Candles, str]:
    """Return the oldest `bars` recorded 5m BTC candles, or built-in ones, and what they are."""
    if not RECORDED.is_dir():
        return built_in(BITCOIN, FIVE_MINUTES, bars), "BTC/USDT 5m of the built-in market"
    return asyncio.run(_recorded()).slice(0, bars), "recorded BTC/USDT 5m of 2024"


async def _recorded() -> Candles:
    from snipersight.market.parquet_source import ParquetDirectory

    source = ParquetDirectory(RECORDED)
    try:
        return await source.candles(BITCOIN, FIVE_MINUTES, start_ms=0, end_ms=END_MS)
    finally:
        await source.close()


def built_in(symbol: Symbol, timeframe: Timeframe, bars: int) -> Candles:
    """Return the newest `bars` candles of the built-in market before 2025."""
    start_ms = END_MS - bars * timeframe.duration_ms
    market = SyntheticMarket()
    return asyncio.run(market.candles(symbol, timeframe, start_ms=start_ms, end_ms=END_MS))


def save_columns(candles: Candles, path: Path) -> None:
    """Write the columns where another environment's Python can read them."""
    columns = {name: getattr(candles, name) for name in COLUMNS}
    np.savez(path, **columns)
