from dataclasses import replace

import numpy as np
import pytest

from snipersight.charts.canvas import Rect
from snipersight.charts.viewport import newest_price, projection_of, shown_bars
from snipersight.domain.timeframe import Timeframe
from tests.unit.charts.pictures import (
    END_MS,
    a_break,
    a_picture,
    a_plan,
    a_sweep,
    ago,
    some_candles,
)

PANE = Rect(left=20, bottom=100, right=920, top=700)


def test_a_thousand_candles_are_trimmed_to_the_newest_hundred_and_twenty():
    shown = shown_bars(a_picture(candles=some_candles(1000)))
    assert len(shown) == 120
    assert shown.open_time[-1] == ago(1)


def test_a_swept_level_that_began_a_little_earlier_widens_the_view_to_its_start():
    sweep = replace(a_sweep(99.0), start_ms=ago(150))
    shown = shown_bars(a_picture(candles=some_candles(1000), swept=[sweep]))
    assert len(shown) == 154
    assert shown.open_time[0] < sweep.start_ms


def test_a_level_from_long_ago_does_not_widen_the_view():
    sweep = replace(a_sweep(99.0), start_ms=ago(700))
    old_break = a_break(start=158, end=30)
    picture = a_picture(candles=some_candles(1000), swept=[sweep], structure=[old_break])
    assert len(shown_bars(picture)) == 120


def test_fewer_candles_than_usual_are_all_shown():
    assert len(shown_bars(a_picture(candles=some_candles(3)))) == 3


def test_old_extremes_that_would_squeeze_the_plan_are_left_out():
    candles = some_candles(200)
    high = candles.high.copy()
    high[:-70] += 300.0
    picture = a_picture(candles=replace(candles, high=high))
    assert len(shown_bars(picture)) == 60


def test_a_plan_that_is_small_at_any_width_gets_the_usual_view():
    picture = a_picture(candles=some_candles(swing=300.0, level=1000.0))
    assert len(shown_bars(picture)) == 120


def test_every_price_of_plan_and_candles_lies_inside_the_pane():
    picture = a_picture(plan=a_plan(stop="70", targets=["140"]))
    projection = projection_of(picture, PANE)
    candles = projection.candles
    prices = [70.0, 140.0, float(candles.low.min()), float(candles.high.max())]
    assert all(PANE.bottom < projection.y(price) < PANE.top for price in prices)


def test_bars_follow_one_another_and_leave_room_for_the_future():
    projection = projection_of(a_picture(), PANE)
    xs = projection.xs()
    assert np.allclose(np.diff(xs), projection.slot_px)
    assert xs[0] == pytest.approx(PANE.left + projection.slot_px / 2)
    assert xs[-1] == pytest.approx(projection.x(len(xs) - 1))
    assert 0.2 * PANE.width < PANE.right - projection.future_x < 0.3 * PANE.width


def test_a_time_finds_its_bar_and_a_missing_bar_the_next_one():
    candles = some_candles(100)
    keep = np.delete(np.arange(100), 60)
    holed = replace(
        candles,
        **{
            name: getattr(candles, name)[keep]
            for name in ("open_time", "open", "high", "low", "close", "volume")
        },
    )
    projection = projection_of(a_picture(candles=holed), PANE)
    assert projection.index_of(int(candles.open_time[59])) == 59
    assert projection.index_of(int(candles.open_time[60])) == 60
    assert projection.index_of(int(candles.open_time[61])) == 60


def test_times_outside_the_view_are_kept_at_its_edges():
    projection = projection_of(a_picture(), PANE)
    assert projection.clipped_x(ago(5000)) == PANE.left
    assert projection.clipped_x(END_MS + 10_000 * 900_000) == PANE.right
    assert projection.index_of(END_MS) == len(projection.candles)


def test_the_decision_lies_where_its_bar_closes():
    bars = 12
    created = END_MS - bars * Timeframe.parse("15m").duration_ms
    plan = a_plan(created_ms=created)
    projection = projection_of(a_picture(plan=plan), PANE)
    edge = projection.x(len(projection.candles) - bars - 0.5)
    assert projection.decision_x(plan.created_at) == pytest.approx(edge)


def test_a_decision_after_the_newest_bar_lies_at_its_edge():
    plan = a_plan(created_ms=END_MS + 100 * 900_000)
    projection = projection_of(a_picture(plan=plan), PANE)
    assert projection.decision_x(plan.created_at) == projection.future_x


def test_the_newest_price_is_the_plans_own_until_a_bar_follows():
    candles = some_candles()
    assert str(newest_price(a_picture(candles=candles))) == "100.10"
    earlier = a_plan(created_ms=ago(1))
    close = float(newest_price(a_picture(candles=candles, plan=earlier)))
    assert close == candles.close[-1]
