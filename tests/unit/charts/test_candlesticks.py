from dataclasses import replace

import numpy as np
import pytest

from snipersight.charts.candlesticks import candle_shapes, volume_shapes
from snipersight.charts.canvas import Rect
from snipersight.charts.viewport import projection_of
from tests.unit.charts.pictures import PALETTE, a_picture, lines, polygons, some_candles

PANE = Rect(left=20, bottom=200, right=920, top=700)
STRIP = Rect(left=20, bottom=50, right=920, top=150)
CANDLES = some_candles(120)
PROJECTION = projection_of(a_picture(candles=CANDLES), PANE)


def test_rising_bars_are_hollow_and_falling_ones_filled():
    hollow, filled = polygons(candle_shapes(PROJECTION, PALETTE))
    rising = int(np.count_nonzero(CANDLES.close >= CANDLES.open))
    assert (hollow.fill, hollow.edge) == (PALETTE.ground, PALETTE.up)
    assert (filled.fill, filled.edge) == (PALETTE.down, PALETTE.down)
    assert (len(hollow.corners), len(filled.corners)) == (rising, 120 - rising)


def test_bodies_and_wicks_lie_at_their_prices():
    shapes = candle_shapes(PROJECTION, PALETTE)
    hollow, wicks = polygons(shapes)[0], lines(shapes)[0]
    index = int(np.flatnonzero(CANDLES.close >= CANDLES.open)[0])
    body, wick = hollow.corners[0], wicks.paths[0]
    assert body[:, 1].min() == pytest.approx(PROJECTION.y(CANDLES.open[index]))
    assert body[:, 1].max() == pytest.approx(PROJECTION.y(CANDLES.close[index]))
    assert wick[:, 1].tolist() == pytest.approx(
        [PROJECTION.y(CANDLES.low[index]), PROJECTION.y(CANDLES.high[index])]
    )
    assert wick[0][0] == pytest.approx(PROJECTION.x(index))


def test_a_doji_stays_visible():
    flat = replace(CANDLES, close=CANDLES.open)
    projection = projection_of(a_picture(candles=flat), PANE)
    hollow, filled = polygons(candle_shapes(projection, PALETTE))
    assert not filled.corners
    assert min(np.ptp(corners[:, 1]) for corners in hollow.corners) >= 1


def test_the_largest_volume_fills_its_strip():
    columns = [c for shape in volume_shapes(PROJECTION, STRIP, PALETTE) for c in shape.corners]
    assert len(columns) == 120
    assert max(column[:, 1].max() for column in columns) == pytest.approx(STRIP.top)
    assert min(column[:, 1].min() for column in columns) == STRIP.bottom


def test_no_volume_draws_no_columns():
    silent = replace(CANDLES, volume=np.zeros(120))
    projection = projection_of(a_picture(candles=silent), PANE)
    assert volume_shapes(projection, STRIP, PALETTE) == []
