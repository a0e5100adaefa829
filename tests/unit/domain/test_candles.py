from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.candles import Candles, utc_text
from snipersight.domain.errors import DataInvalid
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol

START_MS = 1_717_718_400_000  # 2024-06-07 00:00 UTC
STEP_MS = 300_000


def four_bars(**overrides: Any) -> Candles:
    values: dict[str, Any] = {
        "open_time": START_MS + STEP_MS * np.arange(4),
        "open": [10.0, 11.0, 12.0, 13.0],
        "high": [12.0, 13.0, 14.0, 15.0],
        "low": [9.0, 10.0, 11.0, 12.0],
        "close": [11.0, 12.0, 13.0, 14.0],
        "volume": [1.0, 0.0, 3.0, 4.0],
    }
    return Candles(
        symbol=Symbol("BTC/USDT"), timeframe=Timeframe.parse("5m"), **(values | overrides)
    )


def with_value(column: str, row: int, value: float) -> dict[str, Any]:
    values = getattr(four_bars(), column).copy()
    values[row] = value
    return {column: values}


@pytest.mark.parametrize(
    ("fault", "change"),
    [
        ("duplicate bar at 2024-06-07T00:05:00Z", with_value("open_time", 2, START_MS + STEP_MS)),
        ("unsorted bar at 2024-06-07T00:00:00Z", with_value("open_time", 2, START_MS)),
        ("is not on the 5m grid", with_value("open_time", 3, START_MS + 4 * STEP_MS + 1000)),
        ("NaN or infinite value at 2024-06-07T00:05:00Z", with_value("close", 1, np.nan)),
        ("NaN or infinite value", with_value("high", 3, np.inf)),
        ("zero or negative price", with_value("low", 0, 0.0)),
        ("zero or negative price", with_value("low", 2, -1.0)),
        ("high below open, close or low", with_value("high", 1, 11.5)),
        ("low above open or close", with_value("low", 3, 13.5)),
        ("negative volume", with_value("volume", 0, -0.1)),
        ("columns differ in length", {"volume": [1.0]}),
    ],
)
def test_bars_that_break_the_contract_are_refused(fault: str, change: dict[str, Any]):
    with pytest.raises(DataInvalid, match=fault) as caught:
        four_bars(**change)
    assert caught.value.where == "BTC/USDT 5m"


def test_the_refusal_shows_the_row():
    with pytest.raises(DataInvalid, match=r"O 11\.0 H 11\.5 L 10\.0 C 12\.0 V 0\.0"):
        four_bars(**with_value("high", 1, 11.5))


def test_gaps_and_bars_without_volume_are_allowed():
    times = START_MS + STEP_MS * np.array([0, 1, 5, 9])
    assert len(four_bars(open_time=times)) == 4


def test_no_bars_are_valid_candles():
    assert len(four_bars().slice(0, 0)) == 0


def test_arrays_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        four_bars().close[0] = 1.0


def test_the_callers_array_stays_writable():
    opens = np.array([10.0, 11.0, 12.0, 13.0])
    four_bars(open=opens)
    opens[0] = 10.5
    assert opens.flags.writeable


def test_a_bar_is_known_from_its_close_on_and_not_before():
    candles = four_bars()
    assert len(candles.known_at(START_MS + STEP_MS - 1)) == 0
    assert len(candles.known_at(START_MS + STEP_MS)) == 1


def test_between_takes_bars_that_open_from_the_start_and_are_closed_at_the_end():
    part = four_bars().between(START_MS + 1, START_MS + 3 * STEP_MS)
    assert part.open_time.tolist() == [START_MS + STEP_MS, START_MS + 2 * STEP_MS]
    assert len(four_bars().between(START_MS + STEP_MS, START_MS)) == 0


def test_times_read_as_utc():
    assert utc_text(START_MS + 999) == "2024-06-07T00:00:00Z"


@given(st.integers(-STEP_MS, 6 * STEP_MS))
def test_what_was_known_earlier_is_the_beginning_of_what_is_known_later(offset: int):
    candles = four_bars()
    early = candles.known_at(START_MS + offset)
    assert early.open_time.tolist() == candles.open_time.tolist()[: len(early)]
    assert all(early.close_time <= START_MS + offset)


def test_a_part_of_bars_is_bars_that_cannot_be_written():
    part = four_bars().slice(1, 3)
    whole = four_bars(
        open_time=part.open_time,
        **{name: getattr(part, name) for name in ("open", "high", "low", "close", "volume")},
    )
    assert (len(part), part.symbol, part.timeframe) == (2, whole.symbol, whole.timeframe)
    assert part.open_time.tolist() == [START_MS + STEP_MS, START_MS + 2 * STEP_MS]
    assert part.volume.tolist() == [0.0, 3.0]
    for values in (part.open_time, part.open, part.high, part.low, part.close, part.volume):
        assert not values.flags.writeable


def test_bars_that_were_checked_before_cannot_be_written_through():
    written = np.array([10.0, 11.0])
    columns = dict.fromkeys(("open", "high", "low", "close", "volume"), written)
    times = np.array([START_MS, START_MS + STEP_MS])
    bars = Candles.checked_before(Symbol("BTC/USDT"), Timeframe.parse("5m"), times, columns)
    with pytest.raises(ValueError, match="read-only"):
        bars.close[0] = 1.0
    assert written.flags.writeable
    assert int(bars.close_time[-1]) == START_MS + 2 * STEP_MS
