"""Shapes onto matplotlib's canvas of pixels. Imports matplotlib: load it late.

The renderer is asked directly: as artists of a figure the same chart takes a fifth longer, and
figure and canvas hold each other until garbage is looked for. Nothing global is used, so that any
thread may draw; colours, widths, fonts and layout are given outright, so that a user's matplotlibrc
does not change them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgba
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from snipersight.charts.canvas import Canvas
from snipersight.charts.font import FontRuler, font_path
from snipersight.charts.shapes import (
    CAP_HEIGHT,
    Anchor,
    Label,
    Lines,
    Points,
    Polygons,
    Scene,
    Shape,
)

Pixels = npt.NDArray[np.uint8]  # shape (rows from the top, columns, red green blue alpha)

DPI: Final = 100.0  # of one logical pixel grid; the scale multiplies it
_POINTS: Final = 72.0 / DPI  # points in a logical pixel
_RULER: Final = FontRuler()
_BEFORE: Final = {Anchor.START: 0.0, Anchor.MIDDLE: 0.5, Anchor.END: 1.0}  # of a text, its place


def paint(scene: Scene, *, canvas: Canvas, ground: str) -> Pixels:
    """Return the pixels of a scene, one shape above the other.

    Args:
        scene: shapes, bottom ones first.
        canvas: the picture's size.
        ground: background as `#rrggbb`.
    """
    width, height = canvas.width_px * canvas.scale, canvas.height_px * canvas.scale
    renderer = RendererAgg(width, height, DPI * canvas.scale)  # type: ignore[no-untyped-call]
    brush = _Brush(renderer, canvas)
    whole = np.array([(0.0, 0.0), (0.0, height), (width, height), (width, 0.0)]) / canvas.scale
    for shape in (Polygons(corners=(whole,), fill=ground), *scene):
        brush.draw(shape)
    return brush.pixels()


class _Brush:
    """Draws shapes on a renderer, whose pixels begin at the top, in a canvas's logical pixels."""

    def __init__(self, renderer: RendererAgg, canvas: Canvas) -> None:
        self._renderer: Final = renderer
        self._canvas: Final = canvas
        self._scaled: Final = Affine2D().scale(canvas.scale).frozen()

    def pixels(self) -> Pixels:
        """Return what was drawn."""
        shown = self._renderer.buffer_rgba()  # type: ignore[no-untyped-call]
        return np.asarray(shown)

    def draw(self, shape: Shape) -> None:
        """Draw a shape above what is there."""
        if isinstance(shape, Label):
            self._write(shape)
        elif isinstance(shape, Lines):
            self._trace(shape, _open(shape.paths), edge=shape.colour)
        else:
            for corners in shape.corners:  # together, those that overlap could cut each other out
                self._trace(shape, _closed(corners), edge=shape.edge, fill=shape.fill)

    def _trace(
        self, style: Polygons | Lines, path: Path, *, edge: str | None, fill: str | None = None
    ) -> None:
        ink = self._renderer.new_gc()
        ink.set_linewidth(style.width_px * _POINTS if edge else 0.0)
        ink.set_foreground(edge or "none")
        if style.dash:
            ink.set_dashes(0.0, [length * _POINTS for length in style.dash])
        inside = None if fill is None else to_rgba(fill)
        draw: Callable[..., None] = self._renderer.draw_path  # matplotlib leaves it untyped
        draw(ink, path, self._scaled, inside)

    def _write(self, label: Label) -> None:
        width = _RULER.width(label.text, size_px=label.size_px, bold=label.bold)
        left = (label.x - _BEFORE[label.anchor] * width) * self._canvas.scale
        base = (label.y - CAP_HEIGHT / 2 * label.size_px) * self._canvas.scale
        ink = self._renderer.new_gc()
        ink.set_foreground(label.colour)
        font = FontProperties(fname=str(font_path(bold=label.bold)), size=label.size_px * _POINTS)
        # Nothing of it is mathematics: a $ in a name is a dollar.
        draw: Callable[..., None] = self._renderer.draw_text
        draw(ink, left, self._renderer.height - base, label.text, font, 0.0)


def _open(lines: Sequence[Points]) -> Path:
    """Return lines as one path, every corner of which is drawn."""
    codes = [code for one in lines for code in (Path.MOVETO, *[Path.LINETO] * (len(one) - 1))]
    path = Path(np.concatenate([np.empty((0, 2)), *lines]), codes)
    path.should_simplify = False
    return path


def _closed(corners: Points) -> Path:
    codes = [Path.MOVETO, *[Path.LINETO] * (len(corners) - 1), Path.CLOSEPOLY]
    return Path(np.concatenate((corners, corners[:1])), codes)
