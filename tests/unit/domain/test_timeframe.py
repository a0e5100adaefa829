import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.timeframe import ALL_TIMEFRAMES, DAY_MS, HOUR_MS, Timeframe

MONDAY_MS = 1_717_977_600_000  # 2024-06-10 00:00 UTC
frames = st.sampled_from(ALL_TIMEFRAMES)
moments = st.integers(0, 4_102_444_800_000)


def test_a_short_name_is_parsed_and_printed_alike():
    assert [str(Timeframe.parse(str(frame))) for frame in ALL_TIMEFRAMES] == [
        "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "1w",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["7m", "15M", "", "1M", "60"])
def test_an_unknown_name_is_refused_with_the_known_ones(name: str):
    with pytest.raises(ConfigInvalid, match=r"unknown timeframe.*15m"):
        Timeframe.parse(name)


def test_timeframes_are_ordered_by_duration():
    assert sorted(ALL_TIMEFRAMES, reverse=True)[0] == Timeframe.parse("1w")


def test_weeks_open_on_monday():
    week = Timeframe.parse("1w")
    assert week.floor(MONDAY_MS + 3 * DAY_MS) == MONDAY_MS
    assert week.is_open_time(MONDAY_MS)
    assert not week.is_open_time(MONDAY_MS + DAY_MS)


def test_the_last_closed_bar_closes_at_the_moment_at_the_latest():
    hour = Timeframe.parse("1h")
    assert hour.last_closed(MONDAY_MS) == MONDAY_MS - HOUR_MS
    assert hour.last_closed(MONDAY_MS + HOUR_MS - 1) == MONDAY_MS - HOUR_MS


@pytest.mark.parametrize(
    ("fine", "coarse", "whole"),
    [
        ("5m", "15m", True),
        ("3m", "5m", False),
        ("1d", "1w", True),
        ("8h", "12h", False),
        ("15m", "5m", False),
    ],
)
def test_a_bar_divides_a_coarser_one_only_into_whole_bars(fine: str, coarse: str, whole: bool):
    assert Timeframe.parse(fine).divides(Timeframe.parse(coarse)) is whole


@given(frames, moments)
def test_the_floor_is_the_open_of_the_bar_around_a_moment(frame: Timeframe, moment: int):
    opens = frame.floor(moment)
    assert opens <= moment < opens + frame.duration_ms
    assert frame.is_open_time(opens)
    assert frame.last_closed(moment) + frame.duration_ms == opens
