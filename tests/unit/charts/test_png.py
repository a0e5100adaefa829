"""The files hold exactly the pixels that were drawn, for whoever reads them."""

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from snipersight.charts.png import png_file

SHAPES = array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9)
PICTURES = SHAPES.flatmap(lambda shape: arrays(np.uint8, (*shape, 4)))


def opened(file: bytes) -> Image.Image:
    image = Image.open(BytesIO(file))
    image.load()  # checks the sums of every part
    return image


@given(PICTURES, st.integers(min_value=1, max_value=1200))
def test_another_reader_finds_every_pixel_and_no_transparency(pixels, dots):
    image = opened(png_file(pixels, dots_per_inch=dots))
    assert image.mode == "RGB"
    assert np.array_equal(np.asarray(image), pixels[:, :, :3])


def test_resolution_and_maker_are_told():
    image = opened(png_file(np.zeros((2, 3, 4), dtype=np.uint8), dots_per_inch=200))
    assert image.info["dpi"] == pytest.approx((200, 200), abs=0.02)
    assert image.info["Software"] == "SniperSight"


def test_the_same_pixels_give_the_same_bytes():
    pixels = np.arange(240, dtype=np.uint8).reshape(10, 8, 3)
    assert png_file(pixels, dots_per_inch=100) == png_file(pixels.copy(), dots_per_inch=100)


@pytest.mark.parametrize("shape", [(0, 1, 4), (1, 0, 4), (1, 1, 2)])
def test_what_is_no_picture_is_refused(shape):
    with pytest.raises(ValueError, match="no picture"):
        png_file(np.zeros(shape, dtype=np.uint8), dots_per_inch=100)
