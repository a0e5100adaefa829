import re

import pytest

from snipersight.charts.evidence.axes import r_text, tick_text, write
from snipersight.charts.evidence.ink import Ink, css_variables, tier_ink
from snipersight.charts.evidence.svg import Frame, new_figure, svg_of
from snipersight.charts.theme import Theme

FRAME = Frame(name="one", width_px=400, height_px=200)


def drawn(frame: Frame = FRAME, *, text: str = "name", alt: str = "words") -> str:
    figure = new_figure(frame)
    axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
    axes.plot((0, 1), (0, 1), "o-", color=Ink.UP, markerfacecolor="none")
    axes.bar((0, 1), (1, 2), color=Ink.DOWN, alpha=0.5)
    axes.set_axis_off()
    write(axes, 0.5, 0.5, text, is_bold=True)
    return svg_of(figure, frame, alt=alt)


def test_every_style_is_an_attribute_so_that_a_page_needs_no_inline_styles():
    assert " style=" not in drawn()
    assert "<style" not in drawn()
    assert 'font-weight="700"' in drawn()


def test_colours_are_variables_of_the_page():
    svg = drawn()
    assert 'stroke="var(--up)"' in svg
    assert 'fill="var(--down)"' in svg
    assert "#fe01" not in svg


def test_nothing_is_fetched_and_no_namespace_names_an_address():
    assert "http" not in drawn()
    assert "://" not in drawn()


def test_ids_of_two_pictures_of_one_page_are_never_the_same():
    other = Frame(name="two", width_px=400, height_px=200)
    first, second = (set(re.findall(r'id="([^"]+)"', drawn(frame))) for frame in (FRAME, other))
    assert first
    assert not first & second


def test_what_is_referred_to_is_in_the_picture():
    svg = drawn()
    ids = set(re.findall(r' id="([^"]+)"', svg))
    referred = set(re.findall(r'href="#([^"]+)"', svg)) | set(re.findall(r"url\(#([^)]+)\)", svg))
    assert referred
    assert referred <= ids


def test_texts_and_descriptions_are_escaped():
    svg = drawn(text="<b>&$x$", alt='"><script>')
    assert "&lt;b&gt;&amp;$x$" in svg
    assert "<script>" not in svg
    assert 'role="img"' in svg


def test_the_same_figure_gives_the_same_text():
    assert drawn() == drawn()


def test_each_theme_gives_every_ink_a_colour_of_its_own():
    for theme in Theme:
        declared = dict(part.split(": ") for part in css_variables(theme).rstrip(";").split("; "))
        assert set(declared) == {ink.variable for ink in Ink}
        assert len(set(declared.values())) == len(Ink)


def test_an_unknown_tier_has_a_colour_too():
    assert tier_ink("A") is not tier_ink("C")
    assert tier_ink("Z") is Ink.TEXT


@pytest.mark.parametrize(
    ("value", "exact", "short"),
    [
        (0.25, "+0.25R", "+0.25R"),
        (-1.0, "−1.00R", "−1R"),
        (0.0, "0.00R", "0R"),
        (-0.001, "0.00R", "−0.001R"),
        (1064.3, "+1,064.3R", "+1,064.3R"),
    ],
)
def test_results_carry_their_sign(value: float, exact: str, short: str):
    assert r_text(value) == exact
    assert tick_text(value) == short
