"""What stands above and below the chart: which plan this is, and that it is no advice."""

from __future__ import annotations

from typing import Final

from snipersight.charts.canvas import Panes, Rect
from snipersight.charts.shapes import (
    Anchor,
    Label,
    Polygons,
    Role,
    Ruler,
    Shape,
    ellipsized,
    pill,
)
from snipersight.charts.theme import Palette
from snipersight.charts.wording import minute_text
from snipersight.domain.direction import Direction
from snipersight.domain.plan import TradePlan

_SYMBOL_PX: Final = 25.0
_RATIO_PX: Final = 20.0
_CHIP_PX: Final = 14.0
_LINE_PX: Final = 12.5
_CHIP_PAD_PX: Final = 9.0
_CHIP_HEIGHT_PX: Final = 26.0
_SPACE_PX: Final = 14.0
_FOOTNOTE: Final = "SniperSight · not advice"


def header_shapes(plan: TradePlan, panes: Panes, palette: Palette, ruler: Ruler) -> list[Shape]:
    """Return two lines: symbol, side, tier, score and R:R; then where, how and until when."""
    area = panes.header
    return [
        *_first_line(plan, area, palette, ruler),
        *_second_line(plan, area, palette, ruler),
    ]


def _first_line(plan: TradePlan, area: Rect, palette: Palette, ruler: Ruler) -> list[Shape]:
    y = area.top - 27
    ratio = f"R:R {plan.risk_reward:.2f}"
    chips = _chips(plan, palette)
    widths = [_chip_width(text, ruler) for text, _ in chips]
    taken = sum(widths) + ruler.width(ratio, size_px=_RATIO_PX, bold=True)
    room = area.width - taken - (len(chips) + 1) * _SPACE_PX
    name = ellipsized(ruler.legible(plan.symbol), room, ruler, size_px=_SYMBOL_PX, bold=True)
    shapes: list[Shape] = [
        _text(name, area.left, y, size_px=_SYMBOL_PX, colour=palette.text, bold=True),
        _text(ratio, area.right, y, size_px=_RATIO_PX, colour=palette.text, bold=True, is_end=True),
    ]
    x = area.left + ruler.width(name, size_px=_SYMBOL_PX, bold=True) + _SPACE_PX
    for (text, colour), width in zip(chips, widths, strict=True):
        shapes += _chip(text, x, y, width=width, colour=colour, palette=palette)
        x += width + _SPACE_PX / 2
    return shapes


def _chips(plan: TradePlan, palette: Palette) -> tuple[tuple[str, str | None], ...]:
    """Return text and colour of the chips; without a colour a chip is grey."""
    arrow = "▲" if plan.direction is Direction.LONG else "▼"
    score = f"Tier {plan.confluence.tier} · {plan.confluence.score:.0f}/100"
    return ((f"{arrow} {plan.direction}", palette.side(plan.direction)), (score, None))


def _chip_width(text: str, ruler: Ruler) -> float:
    return ruler.width(text, size_px=_CHIP_PX, bold=True) + 2 * _CHIP_PAD_PX


def _chip(
    text: str, x: float, y: float, *, width: float, colour: str | None, palette: Palette
) -> list[Shape]:
    half = _CHIP_HEIGHT_PX / 2
    rect = Rect(left=x, bottom=y - half, right=x + width, top=y + half)
    ink = palette.on_tag if colour else palette.text
    plate = Polygons(corners=(pill(rect, 5.0),), fill=colour or palette.grid)
    return [plate, _text(text, x + _CHIP_PAD_PX, y, size_px=_CHIP_PX, colour=ink, bold=True)]


def _second_line(plan: TradePlan, area: Rect, palette: Palette, ruler: Ruler) -> list[Shape]:
    y = area.top - 56
    times = f"created {minute_text(plan.created_at)} · valid until {minute_text(plan.valid_until)}"
    # A profile named after its trade type says so once.
    words = dict.fromkeys((plan.venue, plan.market, plan.timeframe, plan.profile, plan.trade_type))
    room = area.width - ruler.width(times, size_px=_LINE_PX) - 2 * _SPACE_PX
    what = ruler.legible(" · ".join(str(word) for word in words))
    what = ellipsized(what, room, ruler, size_px=_LINE_PX, bold=False)
    return [
        _text(what, area.left, y, size_px=_LINE_PX, colour=palette.muted),
        _text(times, area.right, y, size_px=_LINE_PX, colour=palette.muted, is_end=True),
    ]


def _text(
    text: str,
    x: float,
    y: float,
    *,
    size_px: float,
    colour: str,
    bold: bool = False,
    is_end: bool = False,
) -> Label:
    return Label(
        text=text,
        x=x,
        y=y,
        size_px=size_px,
        colour=colour,
        role=Role.HEADER,
        anchor=Anchor.END if is_end else Anchor.START,
        bold=bold,
    )


def footer_label(panes: Panes, palette: Palette) -> Label:
    """Return the small line at the bottom right."""
    return Label(
        text=_FOOTNOTE,
        x=panes.footer.right,
        y=panes.volume.bottom - 13,
        size_px=10.5,
        colour=palette.muted,
        role=Role.FOOTER,
        anchor=Anchor.END,
    )
