import gc

import numpy as np
import numpy.typing as npt
import pytest
from matplotlib.backends.backend_agg import RendererAgg

from snipersight.charts.canvas import Canvas, Rect
from snipersight.charts.painter import paint
from snipersight.charts.shapes import Anchor, Label, Lines, Polygons, Role, Shape, box, line
from tests.unit.charts.pictures import RULER

SMALL = Canvas(width_px=800, height_px=500, scale=1)


def a_label(
    text: str,
    *,
    x: float = 10.0,
    y: float = 20.0,
    size_px: float = 20.0,
    anchor: Anchor = Anchor.START,
) -> Label:
    return Label(
        text=text, x=x, y=y, size_px=size_px, colour="#ffffff", role=Role.HEADER, anchor=anchor
    )


def pixels_of(*scene: Shape, canvas: Canvas = SMALL) -> npt.NDArray[np.float64]:
    """Rows from the top, one RGB triple a pixel."""
    return paint(scene, canvas=canvas, ground="#000000")[..., :3].astype(np.float64)


def test_a_filled_box_lands_on_its_logical_pixels():
    rect = Rect(left=100, bottom=50, right=200, top=150)
    pixels = pixels_of(Polygons(corners=(box(rect),), fill="#ff0000"))
    red = (pixels == (255, 0, 0)).all(axis=2)
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    assert (columns[0], columns[-1]) == (100, 199)
    assert (500 - rows[-1] - 1, 500 - rows[0]) == (50, 150)


def test_later_shapes_cover_earlier_ones():
    rect = Rect(left=100, bottom=50, right=200, top=150)
    under, over = (Polygons(corners=(box(rect),), fill=fill) for fill in ("#ff0000", "#0000ff"))
    assert tuple(pixels_of(under, over)[400, 150]) == (0, 0, 255)


def test_a_line_keeps_its_width_at_every_scale():
    across = Lines(paths=(line((100, 250), (700, 250)),), colour="#ffffff", width_px=4)
    for scale in (1, 3):
        canvas = Canvas(width_px=800, height_px=500, scale=scale)
        column = pixels_of(across, canvas=canvas)[:, 400 * scale, 0] / 255
        assert column.sum() == pytest.approx(4 * scale, abs=0.5)


def test_shapes_that_overlap_are_both_filled_whichever_way_they_turn():
    rect = Rect(left=100, bottom=50, right=200, top=150)
    inner = Rect(left=120, bottom=70, right=180, top=130)
    for corners in (box(inner), box(inner)[::-1]):
        pixels = pixels_of(Polygons(corners=(box(rect), corners), fill="#ff0000"))
        assert (pixels[355:445, 105:195] == (255, 0, 0)).all()


def test_a_dash_is_as_long_as_it_says_at_every_scale():
    across = Lines(paths=(line((100, 250), (700, 250)),), colour="#ffffff", width_px=2, dash=(6, 4))
    for scale in (1, 3):
        canvas = Canvas(width_px=800, height_px=500, scale=scale)
        row = pixels_of(across, canvas=canvas)[250 * scale - 1, :, 0] > 128
        assert np.count_nonzero(np.diff(row.astype(int)) > 0) == pytest.approx(600 / 10, abs=1)
        assert row.mean() == pytest.approx(600 / 800 * 0.6, abs=0.02)


def test_mathematical_signs_are_plain_text():
    text = "$\\frac{1}{2}$"
    columns = np.flatnonzero((pixels_of(a_label(text, x=300.0)) > 60).any(axis=(0, 2)))
    assert columns[-1] - columns[0] == pytest.approx(RULER.width(text, size_px=20.0), abs=6)


def test_texts_are_as_wide_as_the_ruler_says_and_start_at_their_anchor():
    text = "1000PEPE $1$ 0.00000823"
    width = RULER.width(text, size_px=20.0)
    for anchor, left in (
        (Anchor.START, 300.0),
        (Anchor.MIDDLE, 300 - width / 2),
        (Anchor.END, 300 - width),
    ):
        pixels = pixels_of(a_label(text, x=300.0, y=100.0, anchor=anchor))
        columns = np.flatnonzero((pixels > 60).any(axis=(0, 2)))
        assert columns[0] == pytest.approx(left, abs=4)
        assert columns[-1] == pytest.approx(left + width, abs=4)


def test_capitals_are_centred_on_their_height():
    pixels = pixels_of(a_label("H", x=300.0, y=100.0, size_px=40.0))
    rows = np.flatnonzero((pixels > 128).any(axis=(1, 2)))
    assert 500 - (rows[0] + rows[-1] + 1) / 2 == pytest.approx(100, abs=1)


def test_the_ground_is_the_themes_up_to_every_edge():
    for scale in (1, 2):
        canvas = Canvas(width_px=800, height_px=500, scale=scale)
        pixels = paint((), canvas=canvas, ground="#0d1219")
        assert pixels.shape == (500 * scale, 800 * scale, 4)
        assert (pixels == (0x0D, 0x12, 0x19, 255)).all()


def test_pixels_are_free_before_garbage_is_looked_for():
    gc.collect()
    gc.disable()
    try:
        paint((a_label("x"),), canvas=SMALL, ground="#000000")
        assert not [one for one in gc.get_objects() if type(one) is RendererAgg]
    finally:
        gc.enable()
