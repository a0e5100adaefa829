import pytest

from snipersight.charts.canvas import Rect
from snipersight.charts.shapes import DASHED, DOTTED, SOLID, Role
from snipersight.charts.structure import (
    is_internal,
    structure_shapes,
    sweep_shapes,
    sweeps_lows,
    visible_structure,
    visible_sweeps,
)
from snipersight.charts.viewport import projection_of
from snipersight.domain.annotations import SweptLevel
from snipersight.domain.direction import Direction
from tests.unit.charts.pictures import (
    PALETTE,
    a_break,
    a_picture,
    a_scene,
    a_sweep,
    ago,
    labels,
    lines,
    polygons,
    some_candles,
)

PANE = Rect(left=20, bottom=100, right=920, top=700)
CANDLES = some_candles()
PROJECTION = projection_of(a_picture(candles=CANDLES), PANE)


def a_low_sweep(at: int = 20) -> SweptLevel:
    return a_sweep(float(CANDLES.low[-at]) + 0.01, at=at)


def a_high_sweep(at: int = 20) -> SweptLevel:
    price = float(CANDLES.high[-at]) - 0.01
    return a_sweep(price, text="EQH", direction=Direction.SHORT, at=at)


def test_a_break_is_a_line_from_the_swing_to_the_bar_that_broke_it():
    (shape,) = structure_shapes((a_break(100.5, start=60, end=40),), PROJECTION, PALETTE)
    (path,) = shape.paths
    assert path[0] == pytest.approx((PROJECTION.clipped_x(ago(60)), PROJECTION.y(100.5)))
    assert path[1] == pytest.approx((PROJECTION.clipped_x(ago(40)), PROJECTION.y(100.5)))
    assert (shape.colour, shape.dash) == (PALETTE.up, SOLID)


def test_an_internal_break_is_dotted_and_a_bearish_one_red():
    one = a_break(text="iCHoCH", direction=Direction.SHORT)
    (shape,) = structure_shapes((one,), PROJECTION, PALETTE)
    assert (shape.colour, shape.dash) == (PALETTE.down, DOTTED)


@pytest.mark.parametrize(
    ("text", "answer"),
    [("BOS", False), ("CHoCH", False), ("iBOS", True), ("iCHoCH", True), ("initial", False)],
)
def test_the_first_break_is_not_taken_for_an_internal_one(text, answer):
    assert is_internal(a_break(text=text)) is answer


def test_breaks_and_sweeps_outside_the_view_are_dropped():
    old, high, seen = a_break(start=900, end=800), a_break(500.0), a_break()
    assert visible_structure((old, high, seen), PROJECTION) == (seen,)
    gone, here = a_sweep(99.0, at=500), a_low_sweep()
    assert visible_sweeps((gone, here), PROJECTION) == (here,)


def test_the_name_of_a_bullish_break_stands_in_the_middle_above_its_line():
    picture = a_picture(candles=CANDLES, structure=[a_break(104.0, start=60, end=40)])
    (name,) = labels(a_scene(picture), Role.STRUCTURE)
    (below,) = labels(
        a_scene(
            a_picture(
                candles=CANDLES,
                structure=[a_break(104.0, start=60, end=40, direction=Direction.SHORT)],
            )
        ),
        Role.STRUCTURE,
    )
    assert name.text == "BOS"
    assert name.x == pytest.approx(below.x)
    assert name.y - below.y == pytest.approx(18.0)


def test_a_sweep_is_dashed_and_its_marker_lies_beyond_the_wick():
    for level, index in ((a_low_sweep(), -20), (a_high_sweep(), -20)):
        shapes = sweep_shapes((level,), PROJECTION, PALETTE)
        (line,), (marker,) = lines(shapes), polygons(shapes)
        assert line.dash == DASHED
        ys = marker.corners[0][:, 1]
        if level.direction is Direction.LONG:
            assert ys.max() < PROJECTION.y(float(CANDLES.low[index]))
        else:
            assert ys.min() > PROJECTION.y(float(CANDLES.high[index]))


def test_lows_are_swept_when_the_bar_closed_back_above():
    assert sweeps_lows(a_low_sweep(), PROJECTION)
    assert not sweeps_lows(a_high_sweep(), PROJECTION)


def test_a_close_on_the_level_itself_is_read_by_direction():
    close = float(CANDLES.close[-20])
    assert sweeps_lows(a_sweep(close, direction=Direction.LONG), PROJECTION)
    assert not sweeps_lows(a_sweep(close, direction=Direction.SHORT), PROJECTION)


def test_a_swept_level_says_so():
    (name,) = labels(a_scene(a_picture(candles=CANDLES, swept=[a_low_sweep()])), Role.SWEEP)
    assert name.text == "EQL swept"
