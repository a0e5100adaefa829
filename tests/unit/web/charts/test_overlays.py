from typing import Any

import pytest

from snipersight.bootstrap.dashboard.views import PoolLine
from snipersight.domain.annotations import ZoneKind
from snipersight.domain.direction import Direction
from snipersight.web.charts.overlays import (
    MOST_ZONES,
    NEAREST,
    fact_lines,
    inside_zones,
    nearest_zones,
    pool_lines,
    zone_areas,
)
from tests.unit.web.charts.views import a_break, a_sweep, a_view, a_zone, at


def areas(*zones: Any, bars: int = 10) -> list[list[dict[str, Any]]]:
    view = a_view(bars, zones=zones)
    return zone_areas(view, view, every=True)


def test_a_zone_reaches_from_its_bar_to_its_end():
    ((begin, end),) = areas(a_zone(2, 6))
    assert (begin["coord"], end["coord"]) == ([2, 101.0], [6, 100.0])


def test_a_living_zone_reaches_to_the_newest_bar():
    ((_, end),) = areas(a_zone(2))
    assert end["coord"][0] == 9


def test_a_zone_from_before_the_bars_begins_at_the_first():
    ((begin, _),) = areas(a_zone(-50))
    assert begin["coord"][0] == 0


@pytest.mark.parametrize("zone", [a_zone(-9, -3), a_zone(30)])
def test_a_zone_outside_the_bars_is_left_out(zone):
    assert areas(zone) == []


def test_a_chart_without_bars_has_no_zones():
    assert areas(a_zone(), bars=0) == []


def test_of_too_many_zones_the_living_and_the_younger_ones_stay():
    ended = [a_zone(bar, 300, low=bar, high=bar + 1) for bar in range(MOST_ZONES + 5)]
    alive = a_zone(0, low=7.0, high=8.0)
    kept = areas(alive, *ended, bars=400)
    assert len(kept) == MOST_ZONES
    assert kept[-1][0]["coord"] == [0, 8.0]
    assert kept[0][0]["coord"][0] == 6  # the oldest ended ones are gone


def test_only_living_zones_are_named():
    ended, alive = areas(a_zone(1, 3), a_zone(2))
    assert ended[0]["label"] == {"show": False}
    assert alive[0]["name"] == "OB ▲"


def test_the_name_of_a_young_zone_stays_within_the_chart():
    old, young = areas(a_zone(2), a_zone(38), bars=40)
    assert old[0]["label"]["position"] == "insideTopLeft"
    assert young[0]["label"]["position"] == "insideTopRight"


def test_ended_zones_are_fainter_than_living_ones():
    ended, alive = areas(a_zone(1, 3), a_zone(2))
    assert ended[0]["itemStyle"]["opacity"] < alive[0]["itemStyle"]["opacity"]


def test_until_somebody_asks_for_all_the_living_zones_nearest_to_the_price_are_drawn():
    living = [a_zone(bar, low=50.0 + 5 * bar, high=52.0 + 5 * bar) for bar in range(20)]
    view = a_view(30, zones=(*living, a_zone(1, 5, low=129.0, high=131.0)))
    near = nearest_zones(view, view)  # the price is 130
    assert [one.low for one in near] == [110.0 + 5 * at for at in range(NEAREST)]
    assert len(inside_zones(view, view)) == 21
    assert len(zone_areas(view, view)) == NEAREST
    assert len(zone_areas(view, view, every=True)) == 21


def test_the_price_that_zones_are_near_to_is_that_of_the_moment_they_are_known_at():
    living = [a_zone(0, low=50.0 + 5 * bar, high=52.0 + 5 * bar) for bar in range(20)]
    then, now = a_view(3, zones=tuple(living)), a_view(30)
    assert max(one.high for one in nearest_zones(then, now)) < 130


def test_an_inner_break_of_the_same_level_as_an_outer_one_is_not_drawn_over_it():
    view = a_view(structure=(a_break(text="iBOS"), a_break(), a_break(2, 5, text="iBOS")))
    assert [begin["label"]["formatter"] for begin, _ in fact_lines(view, view)] == ["BOS", "iBOS"]


def test_what_has_turned_its_role_is_dashed():
    ((begin, _),) = areas(a_zone(kind=ZoneKind.BREAKER))
    assert begin["itemStyle"]["borderType"] == "dashed"


def test_a_break_is_a_line_at_its_price_with_its_name():
    view = a_view(structure=(a_break(1, 4),))
    ((begin, end),) = fact_lines(view, view)
    assert (begin["coord"], end["coord"]) == ([1, 103.0], [4, 103.0])
    assert begin["label"]["formatter"] == "BOS"


def test_a_sweep_is_named_with_a_cross():
    view = a_view(swept=(a_sweep(),))
    ((begin, _),) = fact_lines(view, view)
    assert begin["label"]["formatter"] == "EQL ✕"
    assert begin["lineStyle"]["type"] == "dotted"


def test_of_many_lines_only_the_newest_are_named():
    view = a_view(100, structure=tuple(a_break(bar, bar + 1) for bar in range(90)))
    named = [begin["label"]["show"] for begin, _ in fact_lines(view, view)]
    assert named == [False] * 78 + [True] * 12


def test_liquidity_that_rests_reaches_to_the_newest_bar():
    pool = PoolLine(text="PDL", price=98.0, start_ms=at(3), is_above=False)
    view = a_view(pools=(pool,))
    ((begin, end),) = pool_lines(view, view)
    assert (begin["coord"], end["coord"]) == ([3, 98.0], [9, 98.0])


def test_long_and_short_differ_in_more_than_colour():
    up, down = a_break(), a_break(direction=Direction.SHORT)
    view = a_view(structure=(up, down))
    places = {begin["label"]["position"] for begin, _ in fact_lines(view, view)}
    assert places == {"insideMiddleTop", "insideMiddleBottom"}
