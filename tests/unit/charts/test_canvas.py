import pytest

from snipersight.charts.canvas import Canvas, Rect, panes_of
from snipersight.charts.shapes import Board, box, pill
from snipersight.domain.errors import ConfigInvalid


@pytest.mark.parametrize(
    ("name", "value"),
    [("width_px", 799), ("width_px", 4001), ("height_px", 499), ("scale", 0), ("scale", 5)],
)
def test_sizes_that_nobody_could_read_or_send_are_refused(name, value):
    with pytest.raises(ConfigInvalid, match=f"{name} of a chart is {value}"):
        Canvas(**{name: value})


def test_panes_lie_beside_one_another():
    canvas = Canvas()
    panes = panes_of(canvas, gutter_px=200)
    parts = (panes.header, panes.price, panes.volume, panes.gutter, panes.footer)
    whole = Rect(left=0, bottom=0, right=canvas.width_px, top=canvas.height_px)
    for number, part in enumerate(parts):
        assert part.inside(whole)
        assert part.width > 0
        assert part.height > 0
        assert not any(part.overlaps(other) for other in parts[number + 1 :])


def test_rectangles_that_share_only_an_edge_do_not_overlap():
    one = Rect(left=0, bottom=0, right=10, top=10)
    assert not one.overlaps(Rect(left=10, bottom=0, right=20, top=10))
    assert one.overlaps(Rect(left=9.9, bottom=9.9, right=20, top=20))


def test_a_board_takes_the_first_free_place_and_none_outside():
    board = Board(Rect(left=0, bottom=0, right=100, top=20))
    left, right = (Rect(left=x, bottom=0, right=x + 50, top=20) for x in (0, 50))
    assert board.place([left, right]) == left
    assert board.place([left, right]) == right
    assert board.place([left, right]) is None
    assert Board(board.pane).place([Rect(left=60, bottom=0, right=110, top=20)]) is None


def test_a_pill_stays_within_its_rectangle_and_touches_every_edge():
    rect = Rect(left=10, bottom=20, right=60, top=40)
    for corners in (pill(rect), pill(rect, 99.0), box(rect)):
        assert corners.min(axis=0) == pytest.approx((10, 20))
        assert corners.max(axis=0) == pytest.approx((60, 40))
