from snipersight.web.charts.levels import (
    LevelKind,
    entry_band,
    level_span,
    levels_at,
    plan_levels,
)
from tests.builders.plans import a_plan


def test_a_plan_gives_entry_stop_and_every_target():
    plan = a_plan()
    prices = {one.name: one.price for one in plan_levels(plan)}
    assert prices["Entry"] == float(plan.entry_near)
    assert prices["Stop"] == float(plan.stop_loss.price)
    assert [prices[f"TP{n}"] for n in range(1, len(plan.targets) + 1)] == [
        float(one.price) for one in plan.targets
    ]


def test_an_entry_at_one_price_is_one_level():
    levels = levels_at(entry_near=10.0, entry_far=10.0, stop=9.0, targets=[12.0])
    assert [one.kind for one in levels] == [LevelKind.ENTRY, LevelKind.STOP, LevelKind.TARGET]
    assert entry_band(levels, last_bar=9) == []


def test_the_entry_is_an_area_between_its_edges():
    levels = levels_at(entry_near=10.0, entry_far=9.5, stop=9.0, targets=[12.0])
    (((begin, end)),) = entry_band(levels, last_bar=9)
    assert (begin["coord"], end["coord"]) == ([0, 10.0], [9, 9.5])


def test_no_level_spans_nothing():
    assert level_span([], room=0.1) == (None, None)


def test_room_is_left_above_and_below():
    levels = levels_at(entry_near=100.0, entry_far=100.0, stop=90.0, targets=[190.0])
    assert level_span(levels, room=0.1) == (80.0, 200.0)
