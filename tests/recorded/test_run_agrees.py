"""On recorded markets a run says at each close what a scan as of it says, byte for byte."""

from __future__ import annotations

import random

import pytest

from snipersight.bootstrap.profiles import load_profile
from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import DAY_MS, HOUR_MS
from tests.fakes.candle_table import CandleTable
from tests.fakes.live_scanning import BAR_MS, Watch, changed, revised
from tests.fakes.recorded import OHLCV, SPOT_2021, SPOT_2024, recorded_table
from tests.fakes.scanning import a_lively_profile, decision_closes

pytestmark = [
    pytest.mark.recorded,
    pytest.mark.skipif(
        not OHLCV.is_dir(), reason="recorded market data is absent (../shared/data)"
    ),
]

JUNE_2024 = 1_717_761_600_000  # 2024-06-07 12:00 UTC
MAY_2021 = 1_621_468_800_000  # 2021-05-20 00:00 UTC, the day after Bitcoin fell by a third
FIVE = ("BTC", "ETH", "SOL", "PEPE", "XRP")
EARLIER = ("BTC", "ETH", "ADA", "LINK", "MATIC")
PERIODS = {
    "a quiet day": (SPOT_2024, FIVE, JUNE_2024),
    "the crash of May 2021": (SPOT_2021, EARLIER, MAY_2021),
}


def a_watch(period: str, profile: Profile, *, days: int) -> tuple[Watch, int]:
    folder, bases, end_ms = PERIODS[period]
    return Watch(recorded_table(folder, bases, end_ms=end_ms, days=days), profile), end_ms


@pytest.mark.parametrize("period", PERIODS)
def test_a_day_of_closes_with_restarts_agrees(period):
    chance = random.Random(period)
    profile = a_lively_profile(gates={"leader_alignment": "not_against"})
    watch, end_ms = a_watch(period, profile, days=14)
    closes = {close for close in decision_closes(watch.scanned(end_ms)) if chance.random() < 0.4}
    for close in range(end_ms - DAY_MS, end_ms + 1, BAR_MS):
        if close in closes or close % (2 * HOUR_MS) == 0:
            assert watch.agrees(close)
        else:
            watch.look(close)
        if chance.random() < 0.01:
            watch = Watch(watch.source, profile)
    assert closes


@pytest.mark.parametrize("period", PERIODS)
def test_bars_that_come_late_or_change_agree(period):
    chance = random.Random(period)
    watch, end_ms = a_watch(period, a_lively_profile(), days=14)
    whole = watch.source
    assert isinstance(whole, CandleTable)
    shown: dict[str, int] = {}
    for close in range(end_ms - 3 * HOUR_MS, end_ms + 1, BAR_MS):
        table = whole.cut(close)
        for symbol in whole.base:
            late = chance.choice([0, 0, 0, 0, 1, 2])
            shown[symbol] = max(shown.get(symbol, 0), close - late * BAR_MS)
            table = changed(table, symbol, table.base[symbol].known_at(shown[symbol]))
        watch.source = table
        assert watch.agrees(close)
        if chance.random() < 0.2:
            symbol = chance.choice(sorted(whole.base))
            newest = table.base[symbol].open_time[-1]
            whole = changed(whole, symbol, revised(whole.base[symbol], int(newest)))
    assert watch.trouble("revised")


@pytest.mark.parametrize("name", ["scalp", pytest.param("aggressive", marks=pytest.mark.slow)])
def test_a_shipped_profile_agrees(name):
    profile = load_profile(name, own_folder=OHLCV / "no profiles")
    watch, end_ms = a_watch("a quiet day", profile, days=45 if name == "scalp" else 130)
    bar_ms = profile.timeframe("trigger").duration_ms
    for number, close in enumerate(range(end_ms - 60 * bar_ms, end_ms + 1, bar_ms)):
        if number % 6 == 0:
            assert watch.agrees(close)
        else:
            watch.look(close)
