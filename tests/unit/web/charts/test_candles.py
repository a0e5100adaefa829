import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.web.charts.candles import (
    FIRST_WINDOW,
    FREE_BARS,
    Drawn,
    Shown,
    candle_options,
    overlay_series,
    price_tags,
)
from snipersight.web.charts.levels import levels_at
from tests.unit.web.charts.views import a_break, a_view, a_zone, at

LEVELS = levels_at(
    entry_near=105.0, entry_far=104.0, stop=90.0, targets=[120.0, 150.0], since_ms=at(2)
)
PLAN = Drawn(levels=LEVELS, decided_ms=at(2))


def series(options: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in options["series"] if one.get("name") == name)


def test_a_bar_is_drawn_as_open_close_low_and_high():
    bars = series(candle_options(a_view(2)), "BTC/USDT")
    assert bars["data"] == [[100.0, 101.0, 99.0, 102.0], [101.0, 102.0, 100.0, 103.0]]


def test_times_are_categories_so_that_gaps_take_no_room():
    times = candle_options(a_view(3))["xAxis"][0]
    assert times["type"] == "category"
    assert times["data"] == [str(at(bar)) for bar in range(3 + FREE_BARS)]


@given(st.lists(st.floats(min_value=1e-6, max_value=1e6), min_size=1, max_size=6))
def test_the_price_axis_reaches_every_level_whatever_the_window(targets):
    levels = levels_at(
        entry_near=105.0, entry_far=104.0, stop=90.0, targets=targets, since_ms=at(2)
    )
    span = series(candle_options(a_view(), drawn=Drawn(levels=levels)), "levels")
    (_, low), (_, high) = span["data"]
    assert low <= min(one.price for one in levels)
    assert high >= max(one.price for one in levels)
    assert span["xAxisIndex"] == 1  # the axis that no window moves


def test_only_the_first_axis_of_time_is_moved():
    windows = candle_options(a_view())["dataZoom"]
    assert {one["xAxisIndex"] for one in windows} == {0}


@pytest.mark.parametrize(("bars", "first"), [(5, 0), (500, 499 - FIRST_WINDOW)])
def test_the_newest_bars_are_in_the_first_window(bars, first):
    window = candle_options(a_view(bars))["dataZoom"][0]
    assert (window["startValue"], window["endValue"]) == (first, bars - 1 + FREE_BARS)


def test_without_a_plan_no_level_stretches_the_axis():
    assert series(candle_options(a_view()), "levels")["data"] == []


def test_every_level_has_a_line_with_its_name():
    lines = series(candle_options(a_view(), drawn=PLAN), "plan")["markLine"]["data"]
    named = {
        one[0]["name"]: one[0]["coord"][1]
        for one in lines
        if isinstance(one, list) and "name" in one[0]
    }
    assert named == {"Entry": 105.0, "Far": 104.0, "Stop": 90.0, "TP1": 120.0, "TP2": 150.0}


def test_every_level_has_a_tag_that_the_script_keeps_apart_from_the_others():
    tags = candle_options(a_view(), drawn=PLAN)["levels"]
    assert tags[0] == {"name": "Entry", "price": 105.0, "kind": "entry"}
    assert [one["name"] for one in tags] == ["Entry", "Far", "Stop", "TP1", "TP2", ""]
    assert tags[-1]["price"] == a_view().close[-1]


def test_before_the_decision_nothing_of_the_plan_is_drawn():
    before = a_view(1)  # closes one bar before the decision
    for options in (
        candle_options(before, drawn=PLAN),
        candle_options(a_view(), drawn=PLAN, facts=before),
    ):
        assert [one["kind"] for one in options["levels"]] == ["last"]
        assert series(options, "entry")["markArea"]["data"] == []
        assert series(options, "levels")["data"] == []
        (last,) = [
            one for one in series(options, "plan")["markLine"]["data"] if isinstance(one, list)
        ]
        assert "name" not in last[0]  # the price alone
    assert len(price_tags(a_view(2), drawn=PLAN)) == 6  # from its close on


def test_the_volume_of_every_bar_is_drawn_on_an_axis_of_its_own():
    volume = series(candle_options(a_view(3)), "volume")
    assert (len(volume["data"]), volume["yAxisIndex"]) == (3, 1)


def test_the_bar_of_the_decision_is_marked_where_it_closes():
    lines = series(candle_options(a_view(), drawn=Drawn(decided_ms=at(4))), "plan")
    assert [one["xAxis"] for one in lines["markLine"]["data"] if "xAxis" in one] == [3]


def test_a_decision_outside_the_bars_is_not_marked():
    lines = series(candle_options(a_view(), drawn=Drawn(decided_ms=at(40))), "plan")
    assert [one for one in lines["markLine"]["data"] if "xAxis" in one] == []


def test_facts_of_another_moment_replace_those_of_the_last_bar():
    view = a_view(zones=(a_zone(), a_zone(3)))
    then = a_view(4, zones=(a_zone(),))
    assert len(series(candle_options(view), "zones")["markArea"]["data"]) == 2
    assert len(series(candle_options(view, facts=then), "zones")["markArea"]["data"]) == 1


def test_what_is_switched_off_is_not_drawn():
    view = a_view(zones=(a_zone(),), structure=(a_break(),))
    options = candle_options(view, shown=Shown(zones=False, structure=False))
    assert series(options, "zones")["markArea"]["data"] == []
    assert series(options, "structure")["markLine"]["data"] == []


def test_series_that_change_alone_are_found_again_by_their_id():
    whole = [one.get("id") for one in candle_options(a_view())["series"]]
    assert {one["id"] for one in overlay_series(a_view())} <= set(whole)
    assert len(set(whole) - {None}) == len([one for one in whole if one is not None])


def test_no_bars_give_options_all_the_same():
    assert series(candle_options(a_view(0), drawn=PLAN), "BTC/USDT")["data"] == []


def test_nothing_of_a_chart_is_code():
    # The page's library would run what stands under a name that begins with a colon.
    view = a_view(zones=(a_zone(),), structure=(a_break(text="<img src=x onerror=alert(1)>"),))
    text = json.dumps(candle_options(view, drawn=PLAN))
    assert '":' not in text.replace('": ', "")
