"""Recorded candles of some markets, taken for perpetuals with rules of our own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from snipersight.domain.timeframe import DAY_MS
from snipersight.domain.units import Symbol
from snipersight.market.raw_bars import read_bars
from tests.builders import an_instrument
from tests.fakes.candle_table import CandleTable
from tests.fakes.scanning import FINE

OHLCV = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "ohlcv"
SPOT_2024 = OHLCV / "a_permissive" / "binance_spot_5m_2024"
SPOT_2021 = OHLCV / "b_gpl3" / "binance_spot_5m_2021"
_TICKS = {"BTC": "0.1", "ETH": "0.01", "SOL": "0.01", "PEPE": "0.00000001", "XRP": "0.0001"}


@cache
def recorded_table(folder: Path, bases: Sequence[str], *, end_ms: int, days: int) -> CandleTable:
    """Return the last days before a moment, which becomes the newest."""
    symbols = {base: Symbol(f"{base}/USDT:USDT") for base in bases}
    start_ms = end_ms - end_ms % DAY_MS - days * DAY_MS
    base_bars = {
        symbol: read_bars(folder / f"{base}USDT-5m.parquet")
        .candles(symbol, FINE)
        .between(start_ms, end_ms)
        for base, symbol in symbols.items()
    }
    listed = {
        symbol: an_instrument(symbol, tick=_TICKS.get(base, "0.00001"), lot="0.00001")
        for base, symbol in symbols.items()
    }
    return CandleTable(base=base_bars, listed=listed, now=end_ms)
