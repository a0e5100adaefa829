from snipersight.web.charts.levels import (
    LevelKind,
    entry_band,
    level_lines,
    level_span,
    levels_at,
    levels_known,
    plan_levels,
)
from snipersight.web.charts.time_axis import time_axis
from tests.builders.plans import a_plan
from tests.unit.web.charts.views import a_view, at

AXIS = time_axis(a_view(10), room=2)


def test_a_plan_gives_entry_stop_and_every_target():
    plan = a_plan()
    prices = {one.name: one.price for one in plan_levels(plan, since_ms=7)}
    assert prices["Entry"] == float(plan.entry_near)
    assert prices["Stop"] == float(plan.stop_loss.price)
    assert [prices[f"TP{n}"] for n in range(1, len(plan.targets) + 1)] == [
        float(one.price) for one in plan.targets
    ]


def test_an_entry_at_one_price_is_one_level():
    levels = levels_at(entry_near=10.0, entry_far=10.0, stop=9.0, targets=[12.0], since_ms=at(3))
    assert [one.kind for one in levels] == [LevelKind.ENTRY, LevelKind.STOP, LevelKind.TARGET]
    assert entry_band(levels, AXIS) == []


def test_the_entry_is_an_area_between_its_edges():
    levels = levels_at(entry_near=10.0, entry_far=9.5, stop=9.0, targets=[12.0], since_ms=at(3))
    (((begin, end)),) = entry_band(levels, AXIS)
    assert (begin["coord"], end["coord"]) == ([2, 10.0], [11, 9.5])


def test_no_level_spans_nothing():
    assert level_span([], room=0.1) == (None, None)


def test_room_is_left_above_and_below():
    levels = levels_at(entry_near=100.0, entry_far=100.0, stop=90.0, targets=[190.0], since_ms=0)
    assert level_span(levels, room=0.1) == (80.0, 200.0)


def test_a_level_begins_with_the_bar_that_made_it_and_leads_past_the_newest_one():
    (near, *_) = levels_at(entry_near=10.0, entry_far=9.5, stop=9.0, targets=[12.0], since_ms=at(3))
    ((begin, end),) = level_lines([near], AXIS)
    assert (begin["coord"], end["coord"]) == ([2, 10.0], [11, 10.0])


def test_no_level_is_known_before_it_was_made():
    levels = levels_at(entry_near=10.0, entry_far=9.5, stop=9.0, targets=[12.0], since_ms=at(3))
    assert levels_known(levels, at(3) - 1) == ()
    assert levels_known(levels, None) == ()
    assert levels_known(levels, at(3)) == levels


def test_an_axis_without_bars_has_no_places():
    empty = time_axis(a_view(0), room=2)
    assert (bool(empty), empty.names) == (False, [])
