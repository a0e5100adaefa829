import math
from collections.abc import Iterable, Sequence
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.analysis.resampling import resample
from snipersight.domain.candles import COLUMNS, Candles
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from tests.unit.market.recordings import (
    NATIVE_2024,
    SPOT_2024,
    START_MS,
    needs_recorded,
    recorded_candles,
)

M5, M15, H1, W1 = (Timeframe.parse(name) for name in ("5m", "15m", "1h", "1w"))


def candles_at(
    positions: Iterable[int],
    *,
    volumes: Sequence[float] | None = None,
    seed: int = 0,
    timeframe: Timeframe = M5,
) -> Candles:
    """Return bars at the given places of the grid, with random prices in cents."""
    places = np.array(list(positions))
    rng = np.random.default_rng(seed)
    prices = np.sort(rng.integers(9_000, 11_000, (len(places), 4)) / 100, axis=1)
    return Candles(
        symbol=Symbol("BTC/USDT"),
        timeframe=timeframe,
        open_time=timeframe.floor(START_MS) + timeframe.duration_ms * places,
        open=prices[:, 1],
        high=prices[:, 3],
        low=prices[:, 0],
        close=prices[:, 2],
        volume=np.array([1.5] * len(places) if volumes is None else volumes),
    )


def same(one: Candles, other: Candles) -> bool:
    pairs = ((getattr(one, name), getattr(other, name)) for name in ("open_time", *COLUMNS))
    return all(np.array_equal(a, b) for a, b in pairs)


positions = st.lists(st.integers(0, 90), min_size=1, max_size=60, unique=True).map(sorted)
decimal_volumes = st.integers(0, 10**10).map(lambda units: units / 10**5)


@needs_recorded
@pytest.mark.parametrize("pair", ["BTCUSDT", "SOLUSDT", "PEPEUSDT", "XRPUSDT"])
@pytest.mark.parametrize("timeframe", [M15, H1], ids=str)
def test_resampled_bars_equal_the_exchanges_own_to_the_last_bit(pair, timeframe):
    resampled = resample(recorded_candles(SPOT_2024 / f"{pair}-5m.parquet"), timeframe)
    native = recorded_candles(NATIVE_2024 / f"{pair}-{timeframe}.parquet")
    shared = native.between(int(resampled.open_time[0]), int(resampled.close_time[-1]))
    assert len(shared) == len(resampled) > 5_000
    assert same(resampled, shared)


def test_a_bar_takes_first_open_highest_high_lowest_low_last_close_and_summed_volume():
    fine = Candles(
        symbol=Symbol("BTC/USDT"),
        timeframe=M5,
        open_time=START_MS + M5.duration_ms * np.arange(3),
        open=np.array([10.0, 11.0, 9.0]),
        high=np.array([12.0, 13.0, 10.0]),
        low=np.array([9.5, 10.5, 8.0]),
        close=np.array([11.0, 11.5, 9.5]),
        volume=np.array([0.1, 0.2, 0.3]),
    )
    bar = resample(fine, M15)
    assert [float(getattr(bar, name)[0]) for name in COLUMNS] == [10.0, 13.0, 8.0, 9.5, 0.6]
    assert bar.timeframe == M15
    assert int(bar.open_time[0]) == START_MS


def test_decimal_volumes_are_summed_exactly_where_floats_would_drift():
    volumes = [8.383, 4.987, 3.675]
    assert sum(volumes) != 17.045
    assert math.fsum(volumes) != 17.045
    assert resample(candles_at(range(3), volumes=volumes), M15).volume.tolist() == [17.045]


def test_large_sums_beyond_exact_integers_fall_back_to_one_rounding():
    volumes = [9e15 + 2, 1.25, 7e15]
    bar = resample(candles_at(range(3), volumes=volumes), M15)
    assert bar.volume.tolist() == [math.fsum(volumes)]


def test_the_last_bucket_waits_for_its_final_fine_bar():
    assert len(resample(candles_at([0, 1]), M15)) == 0
    assert len(resample(candles_at([0, 1, 2]), M15)) == 1


def test_the_last_bucket_is_closed_once_a_later_one_has_begun():
    bars = resample(candles_at([0, 1, 3, 4]), M15)
    assert bars.open_time.tolist() == [START_MS]


def test_a_first_bucket_without_its_opening_bar_is_left_out():
    bars = resample(candles_at([1, 2, 3, 4, 5]), M15)
    assert bars.open_time.tolist() == [START_MS + M15.duration_ms]


def test_a_bucket_in_between_is_built_from_the_bars_it_has():
    fine = candles_at([0, 1, 2, 4, 6, 7, 8])
    bars = resample(fine, M15)
    assert len(bars) == 3
    assert bars.open[1] == fine.open[3]
    assert bars.close[1] == fine.close[3]


def test_a_bucket_without_bars_does_not_exist():
    bars = resample(candles_at([0, 1, 2, 6, 7, 8]), M15)
    assert np.diff(bars.open_time).tolist() == [2 * M15.duration_ms]


def test_weeks_open_on_monday():
    day = Timeframe.parse("1d")
    weeks = resample(candles_at(range(20), timeframe=day), W1)
    assert [int(t) for t in weeks.open_time] == [
        1_717_977_600_000,
        1_718_582_400_000,
    ]  # 10, 17 June


def test_nothing_resamples_to_nothing_and_the_same_timeframe_is_left_alone():
    empty = candles_at([0]).slice(0, 0)
    assert len(resample(empty, H1)) == 0
    fine = candles_at([1, 2])
    assert resample(fine, M5) is fine


@pytest.mark.parametrize("name", ["3m", "1m"])
def test_a_timeframe_that_is_no_multiple_is_refused(name):
    with pytest.raises(ConfigInvalid, match=f"{name} bars cannot be made of 5m bars"):
        resample(candles_at([0, 1]), Timeframe.parse(name))


@given(positions, st.integers(0, 99))
def test_high_low_and_volume_are_those_of_the_fine_bars(places, seed):
    fine = candles_at(places, seed=seed)
    for bar in range(len(coarse := resample(fine, M15))):
        opens = int(coarse.open_time[bar])
        inside = fine.between(opens, opens + M15.duration_ms)
        assert coarse.high[bar] == inside.high.max()
        assert coarse.low[bar] == inside.low.min()
        assert coarse.open[bar] == inside.open[0]
        assert coarse.close[bar] == inside.close[-1]
        assert coarse.volume[bar] == 1.5 * len(inside)


@given(st.lists(decimal_volumes, min_size=12, max_size=12))
def test_volume_is_the_exact_decimal_sum_rounded_once(volumes):
    total = sum(Decimal(repr(volume)) for volume in volumes)
    assert resample(candles_at(range(12), volumes=volumes), H1).volume[0] == float(total)


@given(st.lists(st.floats(0, 1e12), min_size=12, max_size=12))
def test_any_volume_is_within_one_rounding_of_its_sum(volumes):
    coarse = resample(candles_at(range(12), volumes=volumes), H1)
    assert coarse.volume[0] == pytest.approx(math.fsum(volumes), rel=1e-15, abs=1e-300)


@given(positions, st.data())
def test_resampling_in_two_steps_equals_one(places, data):
    volumes = data.draw(st.lists(decimal_volumes, min_size=len(places), max_size=len(places)))
    fine = candles_at(places, volumes=volumes)
    direct, stepwise = resample(fine, H1), resample(resample(fine, M15), H1)
    # A step loses the first or last bucket's remainder, so the direct answer may hold more bars.
    kept = np.isin(direct.open_time, stepwise.open_time)
    assert set(stepwise.open_time) <= set(direct.open_time)
    for name in COLUMNS:
        whole = getattr(direct, name)[kept]
        assert np.array_equal(
            whole, getattr(stepwise, name)[np.isin(stepwise.open_time, direct.open_time)]
        )


@given(positions, st.integers(1, 60))
def test_bars_that_arrive_later_never_change_a_closed_one(places, cut):
    fine = candles_at(places, volumes=[place / 7 for place in places])
    early, late = resample(fine.slice(0, cut), H1), resample(fine, H1)
    assert same(early, late.slice(0, len(early)))
