"""Figures as SVG to stand inside a page: no styles of their own, no addresses, names that are theirs.

A page that allows no inline styles still shows them, because every style is an attribute.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import StringIO
from typing import Final
from xml.etree import ElementTree as ET

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from snipersight.charts.evidence.ink import VARIABLES, Ink
from snipersight.charts.font import FontRuler

FONT_PX: Final = 12.0
SMALL_PX: Final = 11.0
_DPI: Final = 72.0  # of SVG in matplotlib: one point is one unit of the picture
_DROPPED: Final = frozenset({"metadata", "style"})
_RULER: Final = FontRuler()
_FRACTION: Final = re.compile(r"(-?\d+\.\d)\d+")  # a tenth of a pixel is finer than any screen
_SPACES: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """How large a picture is, in pixels of the page, and how its ids begin.

    Args:
        name: tells its ids from those of every other picture of the page.
        width_px, height_px: at its natural size; the page may scale it.
    """

    name: str
    width_px: int
    height_px: int

    @property
    def is_narrow(self) -> bool:
        """Return whether it is made for a phone."""
        return self.width_px < 480


def new_figure(frame: Frame) -> Figure:
    """Return an empty figure without ground: the page's shows through."""
    figure = Figure(figsize=(frame.width_px / _DPI, frame.height_px / _DPI), dpi=_DPI)
    figure.patch.set_visible(False)
    figure.set_layout_engine("none")
    return figure


def svg_of(figure: Figure, frame: Frame, *, alt: str) -> str:
    """Return a figure as an `svg` element of HTML; the same figure gives the same text.

    Args:
        figure: what to draw.
        frame: its size and name.
        alt: what it shows, for who cannot see it.
    """
    out = StringIO()
    # As text, so that the page's font is used and can be searched; as paths it triples in size.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": frame.name}):
        canvas = FigureCanvasSVG(figure)
        canvas.print_svg(out, metadata={"Date": None})  # type: ignore[no-untyped-call]  # matplotlib's
    root = ET.fromstring(out.getvalue())  # noqa: S314 - written two lines above
    _clean(root)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.set("role", "img")
    root.set("aria-label", alt)
    return ET.tostring(root, encoding="unicode")


def text_width(text: str, size_px: float = FONT_PX) -> float:
    """Return about how wide a text gets; the page's font may be a little narrower."""
    return _RULER.width(text, size_px=size_px)


def legible(text: str) -> str:
    """Return a text that the font can draw, on one line."""
    return _RULER.legible(text)


def _clean(element: ET.Element) -> None:
    element.tag = element.tag.rpartition("}")[2]
    element.tail = None
    element.text = None if element.tag != "text" else element.text
    for child in list(element):
        if child.tag.rpartition("}")[2] in _DROPPED:
            element.remove(child)
        else:
            _clean(child)
    attributes = dict(element.attrib)
    element.attrib.clear()
    for key, value in attributes.items():
        _put(element, key.rpartition("}")[2], value)


def _put(element: ET.Element, key: str, value: str) -> None:
    if key == "d":
        element.set("d", _SPACES.sub(" ", _FRACTION.sub(r"\1", value)).strip())
    elif key == "style":
        for declaration in value.split(";"):
            style, _, said = declaration.partition(":")
            _put_style(element, style.strip(), said.strip())
    # matplotlib numbers its groups alike in every figure and refers to none of them; what it
    # refers to has a salted name. Texts stand upright, and the font is the page's.
    elif not (key == "id" and element.tag in ("g", "svg")) and not value.startswith("rotate(-0 "):
        element.set(key, VARIABLES.get(value, value))


def _put_style(element: ET.Element, style: str, said: str) -> None:
    if style != "font":
        if style:
            element.set(style, VARIABLES.get(said, said))
        return
    before, size = said.partition("px")[0].rpartition(" ")[::2]
    element.set("font-size", size)
    if before:
        element.set("font-weight", before)


def ink_of(value: float) -> Ink:
    """Return the colour of a result: what is lost, what is won, and what is neither."""
    return Ink.UP if value > 0 else Ink.DOWN if value < 0 else Ink.MUTED
