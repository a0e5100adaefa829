import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.charts.font import FontRuler
from snipersight.charts.shapes import ellipsized

RULER = FontRuler()


@given(st.text(max_size=40))
def test_legible_text_has_one_line_and_no_control_signs(text):
    shown = RULER.legible(text)
    assert len(shown) == len(text)
    assert shown.isprintable()


def test_what_the_font_lacks_becomes_a_visible_sign():
    assert RULER.legible("币 A\tB\u202e") == "� A�B�"


def test_what_the_font_has_stays():
    assert RULER.legible("BTC/USDT:USDT $ · ▲ − 50%") == "BTC/USDT:USDT $ · ▲ − 50%"


def test_bold_is_wider_and_width_grows_with_size():
    assert RULER.width("ABC", size_px=10, bold=True) > RULER.width("ABC", size_px=10)
    assert RULER.width("ABC", size_px=20) == pytest.approx(2 * RULER.width("ABC", size_px=10))


@given(st.text("ABC/:", max_size=60), st.floats(30, 300))
def test_ellipsized_text_fits_its_room(text, room):
    shown = ellipsized(text, room, RULER, size_px=12, bold=True)
    assert RULER.width(shown, size_px=12, bold=True) <= room
    assert shown == text or (shown.endswith("…") and text.startswith(shown[:-1]))
