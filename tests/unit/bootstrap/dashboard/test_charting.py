"""A chart shows what was known at its last close, and a later bar changes nothing of it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from snipersight.bootstrap.dashboard.chart_reading import read_chart
from snipersight.bootstrap.dashboard.chart_task import ChartTask
from snipersight.bootstrap.dashboard.chart_worker import ChartWorker
from snipersight.bootstrap.dashboard.errors import NotKnown
from snipersight.bootstrap.dashboard.side_process import SideProcess
from snipersight.bootstrap.dashboard.views import ChartView
from snipersight.bootstrap.profiles import load_profile
from snipersight.domain.candles import Candles
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.market.candle_cache_bars import HeldBars
from snipersight.market.candle_cache_file import CacheKey, encode
from tests.builders.bars import walk

NOW_MS = 1_780_113_600_000
BAR_MS = 900_000
FIFTEEN = Timeframe.parse("15m")


def a_task(home: Path, **changes: Any) -> ChartTask:
    values: dict[str, Any] = {
        "home": home,
        "venue": "sandbox",
        "symbol": Symbol("ETH/USDT:USDT"),
        "timeframe": FIFTEEN,
        "profile": load_profile("aggressive", own_folder=home),
        "until_ms": None,
        "now_ms": NOW_MS,
        "bars": 120,
    }
    return ChartTask(**(values | changes))


def test_nothing_is_shown_that_was_not_known_at_the_moment(tmp_path):
    until_ms = NOW_MS - 40 * BAR_MS + 5
    then = read_chart(a_task(tmp_path, until_ms=until_ms))
    assert then.known_ms == until_ms - 5
    assert then.open_ms[-1] == then.known_ms - BAR_MS
    assert (then.has_earlier, then.has_later) == (True, True)
    assert all(zone.start_ms < then.known_ms for zone in then.zones)
    assert all(line.end_ms < then.known_ms for line in then.structure)
    assert all(line.swept_ms < then.known_ms for line in then.swept)
    assert len(then.zones) > 3
    # The market of that moment knows no later bar at all, and says the same.
    blind = read_chart(a_task(tmp_path, now_ms=until_ms))
    assert blind.zones == then.zones
    assert (blind.structure, blind.swept, blind.pools) == (then.structure, then.swept, then.pools)
    assert blind.has_later is False


def test_later_bars_end_zones_and_move_no_price(tmp_path):
    earlier = read_chart(a_task(tmp_path, until_ms=NOW_MS - 10 * BAR_MS))
    later = read_chart(a_task(tmp_path, bars=130))
    bars = dict(zip(later.open_ms, zip(later.low, later.high, strict=True), strict=True))
    same = zip(earlier.open_ms, earlier.low, earlier.high, strict=True)
    assert all(bars[open_ms] == (low, high) for open_ms, low, high in same)
    known = {(line.start_ms, line.end_ms, line.price) for line in later.structure}
    assert {(line.start_ms, line.end_ms, line.price) for line in earlier.structure} <= known


def test_without_a_profile_there_are_bars_and_no_facts(tmp_path):
    bare = read_chart(a_task(tmp_path, profile=None, bars=7))
    assert len(bare.open_ms) == len(bare.close) == 7
    assert (bare.zones, bare.structure, bare.swept, bare.pools) == ((), (), (), ())


@pytest.mark.parametrize("until_ms", [0, 1_000])
def test_a_time_before_the_market_has_no_bars_and_says_so(tmp_path, until_ms):
    empty = read_chart(a_task(tmp_path, until_ms=until_ms))
    assert (empty.open_ms, empty.known_ms) == ((), None)
    assert empty.remark


def test_an_unlisted_symbol_is_not_known(tmp_path):
    with pytest.raises(NotKnown):
        read_chart(a_task(tmp_path, symbol=Symbol("NOPE/USDT")))


def keep(home: Path, candles: Candles) -> tuple[Path, dict[str, Any]]:
    """Keep candles as a scan does, and return the file and how a chart of them is asked for."""
    key = CacheKey("binanceusdm", candles.symbol, candles.timeframe)
    path = home / "cache" / "candles" / key.relative_path
    path.parent.mkdir(parents=True, exist_ok=True)
    interval = (int(candles.open_time[0]), int(candles.open_time[-1]) + BAR_MS)
    path.write_bytes(encode(key, HeldBars(candles=candles, intervals=(interval,))))
    asked = {"venue": "binanceusdm", "symbol": candles.symbol, "timeframe": candles.timeframe}
    return path, asked | {"now_ms": interval[1] + 10 * BAR_MS}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_a_file_holds_beyond_the_moment_changes_nothing(tmp_path, seed):
    candles = walk(2_000, seed=seed)
    _, asked = keep(tmp_path, candles)
    until_ms = int(candles.open_time[1_500]) + 7
    whole = read_chart(a_task(tmp_path, **asked, until_ms=until_ms))
    keep(tmp_path, candles.slice(0, 1_500))
    cut = read_chart(a_task(tmp_path, **asked, until_ms=until_ms))
    assert (whole.zones, whole.structure, whole.swept, whole.pools) == (
        cut.zones,
        cut.structure,
        cut.swept,
        cut.pools,
    )
    assert (len(whole.zones) > 3, whole.has_later, cut.has_later) == (True, True, False)


def test_kept_candles_are_shown_as_far_as_they_reach(tmp_path):
    candles = walk(300, seed=1)
    path, asked = keep(tmp_path, candles)
    task = a_task(tmp_path, **asked, profile=None)
    shown = read_chart(task)
    assert np.allclose(shown.close, candles.close[-120:])
    assert (shown.has_earlier, shown.has_later) == (True, False)
    assert "kept up to" in shown.remark
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(StateUnavailable, match="cannot be read"):
        read_chart(task)
    path.unlink()
    missing = read_chart(task)
    assert missing.open_ms == ()
    assert "no 15m candles" in missing.remark


class _CountingProcess(SideProcess):
    """Stands for the process: runs what it is given here, and counts."""

    def __init__(self, home: Path) -> None:
        super().__init__(home, what="charts")
        self.calls = 0

    def call(self, work: Any, task: ChartTask) -> Any:  # type: ignore[override]  # charts only
        self.calls += 1
        return ChartView(
            venue=task.venue,
            symbol=task.symbol,
            timeframe=task.timeframe.name,
            bar_ms=BAR_MS,
            open_ms=(),
            open=(),
            high=(),
            low=(),
            close=(),
            volume=(),
            has_later=task.until_ms is not None,
        )


def test_charts_of_the_past_are_read_once_and_the_newest_each_time(tmp_path):
    process = _CountingProcess(tmp_path)
    worker = ChartWorker(process)
    past, now = a_task(tmp_path, until_ms=NOW_MS - BAR_MS), a_task(tmp_path)
    for task in (past, past, now, now):
        worker.read(task)
    assert process.calls == 3


def _die() -> None:
    import os

    os._exit(3)


def _say(text: str) -> str:
    return text


def test_a_process_that_dies_is_told_and_started_anew(tmp_path):
    process = SideProcess(tmp_path, what="charts")
    try:
        with pytest.raises(StateUnavailable, match="charts has died"):
            process.call(_die)
        assert process.call(_say, "again") == "again"
    finally:
        process.close()
