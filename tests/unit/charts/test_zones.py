from dataclasses import replace

import pytest

from snipersight.charts.canvas import Rect
from snipersight.charts.shapes import DASHED, SOLID, Role
from snipersight.charts.viewport import projection_of
from snipersight.charts.zones import ZoneBox, visible_zones, zone_name, zone_shapes
from snipersight.domain.annotations import Zone, ZoneKind
from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from tests.unit.charts.pictures import (
    PALETTE,
    a_picture,
    a_scene,
    a_zone,
    ago,
    some_candles,
    texts,
)

PANE = Rect(left=20, bottom=100, right=920, top=700)


def boxes_of(*zones: Zone, candles: Candles | None = None) -> tuple[ZoneBox, ...]:
    picture = a_picture(zones=zones, candles=candles)
    return visible_zones(picture.zones, picture.plan, projection_of(picture, PANE))


@pytest.mark.parametrize(
    ("kind", "direction", "name"),
    [
        (ZoneKind.ORDER_BLOCK, Direction.LONG, "OB ▲"),
        (ZoneKind.BREAKER, Direction.SHORT, "Breaker ▼"),
        (ZoneKind.MITIGATION_BLOCK, Direction.LONG, "Mitigation ▲"),
        (ZoneKind.FAIR_VALUE_GAP, Direction.SHORT, "FVG ▼"),
        (ZoneKind.INVERSE_GAP, Direction.LONG, "IFVG ▲"),
    ],
)
def test_zones_have_the_names_traders_use(kind, direction, name):
    assert zone_name(a_zone(99, 100, kind=kind, direction=direction)) == name


def test_a_living_zone_reaches_the_right_edge_and_an_ended_one_its_end():
    picture = a_picture()
    projection = projection_of(picture, PANE)
    living, ended = boxes_of(a_zone(99.6, 100, start=30), a_zone(100.2, 101, start=40, end=10))
    assert living.rect.right == PANE.right
    assert ended.rect.right == pytest.approx(projection.clipped_x(ago(10), side=0.5))
    assert living.rect.left == pytest.approx(projection.clipped_x(ago(30), side=-0.5))
    assert ended.rect.bottom == pytest.approx(projection.y(100.2))
    assert ended.rect.top == pytest.approx(projection.y(101))


@pytest.mark.parametrize(
    "zone",
    [
        a_zone(150, 160),
        a_zone(50, 60),
        a_zone(99.5, 100, start=900, end=800),
    ],
    ids=["above", "below", "before"],
)
def test_a_zone_wholly_outside_the_view_is_dropped(zone):
    assert boxes_of(zone, candles=some_candles(1000)) == ()
    scene = a_scene(a_picture(zones=[zone], candles=some_candles(1000)))
    assert texts(scene, Role.ZONE) == []


def test_a_zone_that_sticks_out_is_cut_at_the_pane():
    (found,) = boxes_of(a_zone(50, 99, start=900), candles=some_candles(1000))
    assert (found.rect.left, found.rect.bottom) == (PANE.left, PANE.bottom)


def test_a_zone_of_one_price_is_still_drawn():
    (found,) = boxes_of(a_zone(99.5, 99.5))
    assert found.rect.height == pytest.approx(2.0)


def test_the_zone_that_holds_the_entry_comes_first_then_living_then_younger_ones():
    entry = a_zone(98.2, 98.8, start=110, end=20)
    against = a_zone(98.2, 98.8, start=50, end=20, direction=Direction.SHORT)
    young, old = a_zone(101, 102, start=10), a_zone(101, 102, start=90)
    found = [box.zone for box in boxes_of(against, old, young, entry)]
    assert found == [entry, young, old, against]


def test_no_more_than_sixteen_zones_are_drawn():
    zones = [a_zone(99 + i / 50, 99.1 + i / 50, start=100 - i) for i in range(60)]
    kept = [box.zone for box in boxes_of(*zones)]
    assert len(kept) == 16
    assert zones[-1] in kept


def test_zones_that_turned_their_role_are_dashed_and_ended_ones_paler():
    fresh, turned, ended = (
        a_zone(99.6, 100),
        a_zone(100.2, 101, kind=ZoneKind.BREAKER),
        a_zone(101.2, 102, end=5),
    )
    shapes = {str(s.edge): s for s in zone_shapes(boxes_of(fresh, turned, ended), PALETTE)}
    block = PALETTE.zones[ZoneKind.ORDER_BLOCK]
    edges = sorted(edge for edge in shapes if edge.startswith(block))
    assert len(edges) == 2
    assert shapes[PALETTE.zones[ZoneKind.BREAKER] + edges[1][-2:]].dash == DASHED
    assert shapes[edges[0]].dash == SOLID


def test_the_least_important_names_are_dropped_when_zones_crowd():
    important = a_zone(98.2, 98.8, start=100)
    crowd = [replace(important, direction=Direction.SHORT, start_ms=ago(99 - i)) for i in range(15)]
    names = texts(a_scene(a_picture(zones=[*crowd, important])), Role.ZONE)
    assert "OB ▲" in names
    assert len(names) < 16
