"""Draw the README's pictures anew: `.venv/bin/python docs/pictures/draw.py`.

`scan.png` is what `snipersight scan --as-of 2025-07-19` prints in a terminal of 128 columns;
`chart.png` is the picture of its best plan, as `--charts` saves it. Both come from the command's own
code, under the settings in force.
"""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import matplotlib as mpl
from PIL import Image, ImageDraw, ImageFont
from rich.color import Color
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import DIMMED_MONOKAI as THEME

from snipersight.bootstrap.session import Session, open_session, open_surroundings
from snipersight.bootstrap.sources import SourceChoice
from snipersight.cli.arguments import parse_as_of
from snipersight.cli.options import ThemeName
from snipersight.cli.picturing import save_pictures
from snipersight.cli.report_table import print_report
from snipersight.engine.report import ScanReport
from snipersight.engine.scan import run_scan

COMMAND: Final = "snipersight scan --as-of 2025-07-19"
FOLDER: Final = Path(__file__).parent
COLUMNS: Final = 128
FONT_SIZE, LINE_HEIGHT, MARGIN = 18, 25, 24
INK, PAPER, FAINT = (216, 220, 228), (19, 22, 29), (128, 134, 146)

Pixel = tuple[int, int, int]
Font = ImageFont.FreeTypeFont


def main() -> None:
    """Scan once, and draw the report and the best plan."""
    session = open_session(
        open_surroundings(),
        SourceChoice(),
        profile="balanced",
        symbols="top20",
        as_of_ms=parse_as_of("2025-07-19"),
    )
    with tempfile.TemporaryDirectory() as folder:
        report, pictures = asyncio.run(_scan(session, Path(folder)))
        best = Image.open(pictures[report.plans[0].plan.plan_id])
        _save(best, "chart.png")
    _save(terminal(report), "scan.png")


async def _scan(session: Session, folder: Path) -> tuple[ScanReport, dict[str, str]]:
    report = await run_scan(
        session.request,
        source=session.source,
        gate=session.gate,
        account=session.account,
        sink=session.sink,
        progress=lambda *_: None,
    )
    drawn = await save_pictures(report, session.source, folder, top=1, theme=ThemeName.DARK)
    await session.source.close()
    return report, dict(drawn)


def terminal(report: ScanReport) -> Image.Image:
    """Return the printed report as a terminal shows it."""
    console = Console(
        file=io.StringIO(), record=True, width=COLUMNS, force_terminal=True,
        color_system="truecolor", highlight=False, markup=False, emoji=False,
    )  # fmt: skip
    console.print(f"$ {COMMAND}", style="bold")
    console.print()
    print_report(report, report.plans, console)
    lines = list(Segment.split_lines(console._record_buffer))
    fonts = _font("DejaVuSansMono.ttf"), _font("DejaVuSansMono-Bold.ttf")
    cell = round(fonts[0].getlength("M"))
    size = (2 * MARGIN + cell * COLUMNS, 2 * MARGIN + LINE_HEIGHT * len(lines))
    image = Image.new("RGB", size, PAPER)
    for row, line in enumerate(lines):
        _draw_line(ImageDraw.Draw(image), line, row, cell=cell, fonts=fonts)
    return image


def _draw_line(
    canvas: ImageDraw.ImageDraw,
    line: Iterable[Segment],
    row: int,
    *,
    cell: int,
    fonts: tuple[Font, Font],
) -> None:
    column = 0
    for segment in line:
        style = segment.style or Style()
        for letter in segment.text:
            spot = (MARGIN + column * cell, MARGIN + row * LINE_HEIGHT)
            canvas.text(spot, letter, font=fonts[bool(style.bold)], fill=_ink(style))
            column += 1


def _ink(style: Style) -> Pixel:
    colour = style.color or Color.default()
    if colour.is_default:
        return FAINT if style.dim else INK
    red, green, blue = colour.get_truecolor(THEME)
    return red, green, blue


def _font(name: str) -> Font:
    return ImageFont.truetype(Path(mpl.get_data_path()) / "fonts/ttf" / name, FONT_SIZE)


def _save(image: Image.Image, name: str) -> None:
    # 128 colours are enough for flat drawings and make a third of the bytes.
    few = image.convert("RGB").quantize(128, dither=Image.Dither.NONE)
    few.save(FOLDER / name, optimize=True)


if __name__ == "__main__":
    main()
