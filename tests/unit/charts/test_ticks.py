import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.charts.ticks import price_ticks, time_ticks
from snipersight.domain.timeframe import DAY_MS, HOUR_MS, Timeframe

START_MS = 1_717_632_000_000  # 2024-06-06 00:00 UTC, a Thursday


def grid(name: str, count: int = 200) -> list[int]:
    timeframe = Timeframe.parse(name)
    first = timeframe.floor(START_MS)
    return [first + i * timeframe.duration_ms for i in range(count)]


@given(
    low=st.floats(1e-7, 1e5),
    span=st.floats(1e-3, 3),
    most=st.integers(5, 14),
)
def test_price_ticks_lie_inside_and_are_few(low, span, most):
    high = low * (1 + span)
    ticks = price_ticks(low, high, most=most, decimals=12)
    assert 1 <= len(ticks) <= most + 1
    assert all(low * (1 - 1e-9) <= tick <= high * (1 + 1e-9) for tick in ticks)


def test_price_ticks_are_round():
    assert price_ticks(70_050, 71_800, most=10, decimals=2) == pytest.approx(
        [70_200, 70_400, 70_600, 70_800, 71_000, 71_200, 71_400, 71_600, 71_800]
    )


def test_price_ticks_of_a_tiny_coin_are_never_finer_than_its_last_decimal():
    ticks = price_ticks(8.21e-6, 8.25e-6, most=14, decimals=8)
    assert ticks == pytest.approx([8.21e-6, 8.22e-6, 8.23e-6, 8.24e-6, 8.25e-6])


@pytest.mark.parametrize(
    ("name", "slot_px", "expected"),
    [
        ("5m", 6.0, ["02:00", "04:00", "06:00"]),
        ("15m", 6.0, ["04:00", "08:00", "12:00"]),
        ("1h", 6.0, ["7 Jun", "8 Jun", "9 Jun"]),
        ("4h", 6.0, ["8 Jun", "11 Jun", "14 Jun"]),
        ("1d", 6.0, ["Jul", "Aug", "Sep"]),
        ("1w", 6.0, ["Jul", "2025", "Jul"]),
    ],
)
def test_time_labels_suit_the_timeframe(name, slot_px, expected):
    ticks = time_ticks(grid(name), slot_px=slot_px, gap_px=84)
    assert [tick.text for tick in ticks[:3]] == expected


def test_a_day_that_begins_stands_out_among_hours():
    ticks = time_ticks(grid("15m"), slot_px=6.0, gap_px=84)
    assert next(tick.text for tick in ticks if tick.is_major) == "7 Jun"
    assert not ticks[0].is_major


@given(
    name=st.sampled_from(["1m", "5m", "15m", "1h", "4h", "12h", "1d", "1w"]),
    slot_px=st.floats(3, 20),
    missing=st.sets(st.integers(1, 150), max_size=100),
)
def test_time_labels_keep_their_distance_even_over_gaps(name, slot_px, missing):
    times = [time for i, time in enumerate(grid(name)) if i not in missing]
    ticks = time_ticks(times, slot_px=slot_px, gap_px=84)
    steps = [(b.index - a.index) * slot_px for a, b in pairwise(ticks)]
    assert all(step >= 84 for step in steps)


def test_a_label_after_a_gap_tells_the_time_of_its_own_bar():
    times = [START_MS, START_MS + HOUR_MS, START_MS + 5 * DAY_MS + HOUR_MS]
    (tick,) = time_ticks(times, slot_px=100, gap_px=150)
    assert (tick.index, tick.text) == (2, "11 Jun")


def test_a_single_bar_has_no_label():
    assert time_ticks([START_MS], slot_px=6.0, gap_px=84) == ()


def test_steps_of_price_ticks_are_even():
    ticks = price_ticks(0.113, 0.151, most=9, decimals=5)
    steps = {round(b - a, 9) for a, b in pairwise(ticks)}
    assert len(steps) == 1
    assert math.isclose(steps.pop(), 0.005)
