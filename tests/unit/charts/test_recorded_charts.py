"""Recorded markets on a chart: whatever the prices look like, every tag can be read."""

from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest

from snipersight.charts.shapes import Role
from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from tests.unit.charts.pictures import a_picture, a_plan, a_scene, labels

FOLDER = Path(__file__).parents[4] / "shared/data/ohlcv/a_permissive/binance_spot_5m_2024"
CRASH = datetime(2024, 8, 5, 12, tzinfo=UTC)
M5 = Timeframe.parse("5m")

pytestmark = [
    pytest.mark.recorded,
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no recorded candles in {FOLDER}"),
]


def recorded(name: str, symbol: str) -> Candles:
    bars = (
        pl.scan_parquet(FOLDER / f"{name}-5m.parquet")
        .filter(pl.col("timestamp") < CRASH)
        .tail(300)
        .collect()
    )
    columns = {key: bars[key].to_numpy() for key in ("open", "high", "low", "close", "volume")}
    return Candles(
        symbol=Symbol(symbol),
        timeframe=M5,
        open_time=bars["timestamp"].dt.epoch("ms").to_numpy(),
        **columns,
    )


@pytest.mark.parametrize(
    ("name", "symbol", "decimals"),
    [("BTCUSDT", "BTC/USDT", 2), ("PEPEUSDT", "PEPE/USDT", 8), ("XRPUSDT", "XRP/USDT", 4)],
)
@pytest.mark.parametrize("direction", list(Direction))
def test_tags_show_the_instruments_precision_and_never_touch(name, symbol, decimals, direction):
    candles = recorded(name, symbol)
    last, step = float(candles.close[-1]), direction.sign * float(candles.close[-1]) / 100
    near, mid, far, stop, one, two = (
        f"{last + step * k:.{decimals}f}" for k in (-1, -1.2, -1.4, -1.7, 0.5, 1.5)
    )
    plan = a_plan(
        direction, symbol=symbol, timeframe=M5, entries=(near, mid, far), stop=stop,
        targets=(one, two), last=f"{last:.{decimals}f}", created_ms=int(candles.close_time[-1]),
    )  # fmt: skip
    scene = a_scene(a_picture(candles=candles, plan=plan))
    tags = labels(scene, Role.TAG_PRICE)
    assert {f"{float(stop):,.{decimals}f}", f"{last:,.{decimals}f}"} <= {tag.text for tag in tags}
    assert all(abs(a.y - b.y) >= 22 for a, b in combinations(tags, 2))
    times = [label.text for label in labels(scene, Role.TIME_AXIS)]
    assert "12:00" in times
