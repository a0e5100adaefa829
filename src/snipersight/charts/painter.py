"""Shapes onto a matplotlib figure. Imports matplotlib: load it late.

Only the object interface is used, so that any thread may draw, and colours, widths, fonts and
layout are given outright, so that a user's matplotlibrc does not change them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from snipersight.charts.canvas import Canvas
from snipersight.charts.font import FontRuler, font_path
from snipersight.charts.png import png_file
from snipersight.charts.shapes import CAP_HEIGHT, Anchor, Label, Lines, Polygons, Scene, Shape

_DPI: Final = 100.0  # of one logical pixel grid; the scale multiplies it
_POINTS: Final = 72.0 / _DPI  # points in a logical pixel
_RULER: Final = FontRuler()
_BEFORE: Final = {Anchor.START: 0.0, Anchor.MIDDLE: 0.5, Anchor.END: 1.0}  # of a text, its place


def figure_of(scene: Scene, *, canvas: Canvas, ground: str) -> Figure:
    """Return a figure with one artist a shape, in the scene's order.

    Args:
        scene: shapes, bottom ones first.
        canvas: the picture's size.
        ground: background as `#rrggbb`.
    """
    size = (canvas.width_px / _DPI, canvas.height_px / _DPI)
    figure = Figure(figsize=size, dpi=_DPI * canvas.scale, facecolor=ground, edgecolor="none")
    figure.set_layout_engine("none")
    pixels = Affine2D().scale(canvas.scale)
    for height, shape in enumerate(scene):
        artist = _artist(shape)
        artist.set_zorder(height)
        artist.set_transform(pixels)
        figure.add_artist(artist)
    return figure


def png_of(figure: Figure) -> bytes:
    """Return the figure as a PNG file; the same figure gives the same bytes."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]  # matplotlib leaves it untyped
    pixels = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]  # the same
    file = png_file(pixels, dots_per_inch=int(figure.dpi))
    # Figure and canvas hold each other: their pixels would stay until garbage is looked for.
    del canvas.renderer
    return file


def _artist(shape: Shape) -> Artist:
    if isinstance(shape, Polygons):
        return _polygons(shape)
    return _lines(shape) if isinstance(shape, Lines) else _text(shape)


def _polygons(shape: Polygons) -> PolyCollection:
    return PolyCollection(
        shape.corners,
        facecolors=shape.fill or "none",
        edgecolors=shape.edge or "none",
        linewidths=shape.width_px * _POINTS,
        linestyles=_style(shape.dash, shape.width_px),
        antialiaseds=True,
        hatch=None,
    )


def _lines(shape: Lines) -> LineCollection:
    return LineCollection(
        shape.paths,
        colors=shape.colour,
        linewidths=shape.width_px * _POINTS,
        linestyles=_style(shape.dash, shape.width_px),
        antialiaseds=True,
    )


def _style(dash: tuple[float, ...], width_px: float) -> str | tuple[float, tuple[float, ...]]:
    # matplotlib multiplies the lengths of a dash by the width of its line.
    return (0.0, tuple(length / width_px * _POINTS for length in dash)) if dash else "solid"


class _Words(Text):
    """One line at its place: not laid out again, which takes a fifth of drawing all texts.

    It does not keep the pixels it was drawn on either, as other texts do until garbage is looked
    for.
    """

    def draw(self, renderer: RendererBase) -> None:
        """Draw it from its left end on, along its base line."""
        x, y = self.get_transform().transform(self.get_position())
        _, height = renderer.get_canvas_width_height()
        ink = renderer.new_gc()
        ink.set_foreground(self.get_color())
        font = self.get_fontproperties()
        renderer.draw_text(ink, x, height - y, self.get_text(), font, 0.0, mtext=self)
        ink.restore()


def _text(label: Label) -> Text:
    width = _RULER.width(label.text, size_px=label.size_px, bold=label.bold)
    text = _Words(
        label.x - _BEFORE[label.anchor] * width,
        label.y - CAP_HEIGHT / 2 * label.size_px,
        label.text,
        color=label.colour,
        fontproperties=FontProperties(
            fname=str(font_path(bold=label.bold)), size=label.size_px * _POINTS
        ),
        parse_math=False,  # a $ in a name is a dollar
        usetex=False,
    )
    text.set_gid(label.role.value)
    return text
