from dataclasses import replace
from decimal import Decimal
from itertools import combinations

import numpy as np
import pytest

from snipersight.charts.canvas import Canvas, Panes, panes_of
from snipersight.charts.shapes import Label, Role
from snipersight.charts.theme import Theme
from snipersight.charts.trade import gutter_width, tags_of
from snipersight.charts.viewport import Projection, projection_of
from snipersight.domain.annotations import PlanPicture, ZoneKind
from snipersight.domain.direction import Direction
from snipersight.domain.errors import DataInvalid
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Price
from tests.unit.charts.pictures import (
    END_MS,
    PALETTE,
    RULER,
    TEXTS_IN_PANE,
    a_break,
    a_full_picture,
    a_picture,
    a_plan,
    a_scene,
    a_zone,
    labels,
    lines,
    mirrored,
    polygons,
    rect_of,
    some_candles,
    texts,
)


def layout_of(picture: PlanPicture) -> tuple[Panes, Projection]:
    """Panes and projection of a picture on the default canvas."""
    tags = tags_of(picture.plan, PALETTE, last=picture.plan.last_price)
    panes = panes_of(Canvas(), gutter_px=gutter_width(tags, RULER))
    return panes, projection_of(picture, panes.price)


def word(label: Label) -> str:
    """The text without its percentage, which depends on the level of prices."""
    return label.text.split(" · ")[0]


def test_every_price_of_the_plan_has_a_tag_with_its_meaning():
    scene = a_scene(a_picture())
    assert texts(scene, Role.TAG_PRICE) == [
        "97.25", "98.00", "99.00", "100.10", "101.50", "103.00", "104.75",
    ]  # fmt: skip
    assert texts(scene, Role.TAG_NOTE) == [
        "Stop · 1.77%",
        "Entry far",
        "Entry near",
        "Last",
        "T1 · 1.50R · 50%",
        "T2 · 3.00R · 30%",
        "T3 · 4.50R · 20%",
    ]


def test_tags_with_room_sit_at_the_height_of_their_price():
    picture = a_picture()
    _, projection = layout_of(picture)
    placed = {one.text: one.y for one in labels(a_scene(picture), Role.TAG_PRICE)}
    for price in ("97.25", "101.50", "103.00", "104.75"):
        assert placed[price] == pytest.approx(projection.y(float(price)), abs=0.01)


def test_a_displaced_tag_points_at_its_price():
    close = a_plan(entries=("99.00", "98.98", "98.96"), stop="98.94", last="99.02")
    picture = a_picture(plan=close)
    _, projection = layout_of(picture)
    scene = a_scene(picture)
    stop = next(one for one in labels(scene, Role.TAG_PRICE) if one.text == "98.94")
    level = projection.y(98.94)
    assert abs(stop.y - level) > 10
    pointers = [path for shape in lines(scene) for path in shape.paths if len(path) == 2]
    assert any(
        path[0][1] == pytest.approx(level) and path[1][1] == pytest.approx(stop.y)
        for path in pointers
    )


def test_a_short_is_the_mirror_image_of_a_long():
    long, short = a_full_picture(), mirrored(a_full_picture())
    panes, _ = layout_of(long)
    flip = panes.price.bottom + panes.price.top
    for role in (Role.TAG_NOTE, Role.SWEEP, Role.ENTRY):
        up = {(word(one), round(one.x, 6), round(one.y, 6)) for one in labels(a_scene(long), role)}
        down = {
            (word(one), round(one.x, 6), round(flip - one.y, 6))
            for one in labels(a_scene(short), role)
        }
        assert up
        assert up == down


def test_a_short_is_named_and_its_stop_lies_on_top():
    scene = a_scene(mirrored(a_picture()))
    assert "▼ SHORT" in texts(scene, Role.HEADER)
    assert texts(scene, Role.TAG_NOTE)[-1] == "Stop · 1.73%"


def test_the_header_says_what_where_how_and_until_when():
    head = texts(a_scene(a_picture()), Role.HEADER)
    assert head == [
        "BTC/USDT",
        "R:R 2.13",
        "▲ LONG",
        "Tier A · 82/100",
        "binance · perpetual · 15m · balanced · intraday",
        "created 2024-06-07 00:00 UTC · valid until 2024-06-07 06:00 UTC",
    ]


def test_the_footer_is_small_and_says_that_this_is_no_advice():
    (footer,) = labels(a_scene(a_picture()), Role.FOOTER)
    assert footer.text == "SniperSight · not advice"
    assert footer.size_px < 11


@pytest.mark.parametrize("symbol", ["1000000MOG/USDT:USDT", "A" * 200, "WIDE" * 12 + "/USDT"])
def test_a_long_symbol_leaves_room_for_what_follows(symbol):
    plan, candles = a_plan(symbol=symbol), some_candles(symbol=symbol)
    head = labels(a_scene(a_picture(plan=plan, candles=candles)), Role.HEADER)
    rects = [rect_of(label) for label in head]
    assert not any(one.overlaps(other) for one, other in combinations(rects, 2))
    assert all(rect.left >= 0 and rect.right <= 1200 for rect in rects)


def test_prices_of_a_tiny_coin_are_written_out():
    names = [f"0.000008{n}" for n in (23, 21, 20)]
    plan = a_plan(entries=names, stop="0.00000815", targets=["0.00000850"], last="0.0000083")
    candles = some_candles(level=8.3e-6, swing=4e-7)
    scene = a_scene(a_picture(plan=plan, candles=candles))
    assert "0.00000823" in texts(scene, Role.TAG_PRICE)
    assert "0.00000830" in texts(scene, Role.TAG_PRICE)
    axis = [text for text in texts(scene, Role.PRICE_AXIS) if text.startswith("0.")]
    assert axis
    assert all(len(text) == len("0.00000823") for text in axis)


def test_prices_of_a_dear_coin_have_separators():
    plan = a_plan(
        entries=("67412.30", "67400.00", "67390.00"),
        stop="67300",
        targets=["68000.05"],
        last="67500",
    )
    scene = a_scene(a_picture(plan=plan, candles=some_candles(level=67_500, swing=700)))
    assert {"67,412.30", "68,000.05", "67,300.00"} <= set(texts(scene, Role.TAG_PRICE))


def test_a_zone_without_depth_has_one_entry_tag():
    scene = a_scene(a_picture(plan=a_plan(entries=("99", "99", "99"))))
    notes = texts(scene, Role.TAG_NOTE)
    assert [note for note in notes if note.startswith("Entry")] == ["Entry"]


def test_both_halves_of_the_entry_are_named_where_they_fit():
    wide = a_scene(a_picture(plan=a_plan(entries=("99.4", "98.4", "97.4"))))
    thin = a_scene(a_picture(plan=a_plan(entries=("99.00", "98.99", "98.98"))))
    assert texts(wide, Role.ENTRY) == ["aggressive", "conservative"]
    assert texts(thin, Role.ENTRY) == []


def test_last_is_the_close_of_bars_that_came_after_the_decision():
    candles = some_candles()
    plan = a_plan(created_ms=END_MS - 20 * candles.timeframe.duration_ms, last="100.10")
    close = f"{candles.close[-1]:.2f}"
    prices = texts(a_scene(a_picture(plan=plan, candles=candles)), Role.TAG_PRICE)
    assert close in prices
    assert "100.10" not in prices


def test_risk_and_reward_areas_begin_at_the_decisions_bar():
    candles = some_candles()
    bars = 20
    plan = a_plan(created_ms=END_MS - bars * candles.timeframe.duration_ms)
    picture = a_picture(plan=plan, candles=candles)
    _, projection = layout_of(picture)
    expected = projection.x(len(projection.candles) - bars - 0.5)
    areas = [
        shape.corners[0]
        for shape in polygons(a_scene(picture))
        if str(shape.fill).startswith(PALETTE.down + "33")
    ]
    (risk,) = areas
    assert risk[:, 0].min() == pytest.approx(expected)
    assert risk[:, 1].min() == pytest.approx(projection.y(97.25))
    assert risk[:, 1].max() == pytest.approx(projection.y(98.00))


def test_texts_in_a_crowded_pane_never_overlap():
    kinds = list(ZoneKind)
    zones = [a_zone(96 + i / 8, 96.3 + i / 8, kind=kinds[i % 5], start=100 - i) for i in range(60)]
    breaks = [a_break(98 + i / 9, start=110 - 2 * i, end=90 - 2 * i) for i in range(40)]
    scene = a_scene(a_picture(zones=zones, structure=breaks))
    rects = [rect_of(label) for label in labels(scene, *TEXTS_IN_PANE)]
    assert 10 < len(rects) < 100
    assert not any(one.overlaps(other) for one, other in combinations(rects, 2))


def test_three_candles_are_enough():
    scene = a_scene(a_picture(candles=some_candles(3)))
    candles = [shape for shape in polygons(scene) if shape.width_px == pytest.approx(1.1)]
    widths = [np.ptp(corners[:, 0]) for shape in candles for corners in shape.corners]
    assert len(widths) == 3
    assert max(widths) <= 11
    assert len(texts(scene, Role.TAG_PRICE)) == 7


def test_an_unknown_volume_of_zero_leaves_its_pane_empty():
    candles = some_candles()
    silent = replace(candles, volume=np.zeros(len(candles)))
    assert "Volume max 0.00" in texts(a_scene(a_picture(candles=silent)), Role.PRICE_AXIS)


def test_no_candle_is_refused():
    with pytest.raises(DataInvalid, match="no candle"):
        a_scene(a_picture(candles=some_candles().slice(0, 0)))


@pytest.mark.parametrize(
    "candles", [some_candles(symbol="ETH/USDT"), some_candles(timeframe=Timeframe.parse("1h"))]
)
def test_candles_of_another_market_or_timeframe_are_refused(candles):
    with pytest.raises(DataInvalid, match="BTC/USDT 15m") as refusal:
        a_scene(a_picture(candles=candles))
    assert refusal.value.next_step


def test_hostile_texts_are_replaced_or_shown_but_never_interpreted():
    symbol = "$\\frac{1}{2}$\n\x1b[31m币\u202e/USDT"
    plan = a_plan(symbol=symbol, venue="a$b^c$")
    scene = a_scene(a_picture(plan=plan, candles=some_candles(symbol=symbol)))
    head = texts(scene, Role.HEADER)
    assert head[0] == "$\\frac{1}{2}$��[31m��/USDT"
    assert any(text.startswith("a$b^c$ · perpetual") for text in head)


def test_only_colours_of_the_theme_are_used():
    for theme in Theme:
        used = {
            label.colour
            for label in a_scene(a_full_picture(), theme=theme)
            if isinstance(label, Label)
        }
        other = next(one for one in Theme if one is not theme)
        foreign = {
            label.colour
            for label in a_scene(a_full_picture(), theme=other)
            if isinstance(label, Label)
        }
        assert not used & foreign


def test_many_targets_all_keep_their_tags():
    names = [str(Decimal(101) + Decimal(n) / 2) for n in range(9)]
    plan = a_plan(targets=["101"], direction=Direction.LONG)
    first = plan.targets[0]
    targets = tuple(
        replace(
            first, price=Price(Decimal(name)), fraction=Decimal("0.12") if n else Decimal("0.04")
        )
        for n, name in enumerate(names)
    )
    scene = a_scene(a_picture(plan=replace(plan, targets=targets)))
    rects = [rect_of(label) for label in labels(scene, Role.TAG_PRICE)]
    assert len(rects) == 4 + 9
    assert not any(one.overlaps(other) for one, other in combinations(rects, 2))


def test_tags_of_equal_prices_mirror_too():
    tied = a_picture(plan=a_plan(last="99.00"))
    long, short = (texts(a_scene(one), Role.TAG_NOTE) for one in (tied, mirrored(tied)))
    assert long[1:5] == ["Entry far", "Entry near", "Last", "T1 · 1.50R · 50%"]
    assert short[-2:-6:-1] == long[1:5]
