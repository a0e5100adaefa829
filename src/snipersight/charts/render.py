"""A plan's picture as PNG bytes or as a file."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from snipersight.charts.canvas import Canvas
from snipersight.charts.errors import ChartUnavailable
from snipersight.charts.theme import PALETTES, Theme
from snipersight.domain.annotations import PlanPicture


def render_plan(
    picture: PlanPicture, *, theme: Theme = Theme.DARK, canvas: Canvas | None = None
) -> bytes:
    """Return a PNG of a plan on its candles; the same picture gives the same bytes.

    Shown are the newest 120–160 candles, what the analysis knows around them, and the plan's
    entry zone, stop and targets. Prices carry as many decimals as the finest of the plan. Safe to
    call from several threads.

    Args:
        picture: candles, plan, zones, structure and swept levels.
        theme: dark or light.
        canvas: size; None is 1,200 × 800 logical pixels at double sharpness.

    Raises:
        DataInvalid: there is no candle, or the candles are not those of the plan.
    """
    from snipersight.charts.font import FontRuler
    from snipersight.charts.painter import DPI, paint
    from snipersight.charts.png import png_file
    from snipersight.charts.scene import compose

    size = canvas or Canvas()
    palette = PALETTES[theme]
    scene = compose(picture, canvas=size, palette=palette, ruler=FontRuler())
    pixels = paint(scene, canvas=size, ground=palette.ground)
    return png_file(pixels, dots_per_inch=int(DPI * size.scale))


def save_plan(
    picture: PlanPicture,
    path: Path,
    *,
    theme: Theme = Theme.DARK,
    canvas: Canvas | None = None,
) -> None:
    """Write the PNG of `render_plan` to a file that only its owner can read.

    A reader sees the old file or the whole new one, never a part. Missing folders are made.

    Args:
        picture, theme, canvas: see `render_plan`.
        path: file to write; replaced if it exists.

    Raises:
        DataInvalid: see `render_plan`; nothing is written.
        ChartUnavailable: the file cannot be written; an older file stays as it was.
    """
    image = render_plan(picture, theme=theme, canvas=canvas)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, image)
    except OSError as error:
        raise ChartUnavailable(
            f"the chart cannot be written: {error.strerror or error}",
            where=str(path),
            next_step="choose a folder you may write to, with free space",
        ) from error


def _replace(path: Path, content: bytes) -> None:
    # mkstemp makes the file readable by its owner alone; replacing keeps that.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
