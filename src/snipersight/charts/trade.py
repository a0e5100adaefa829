"""The plan on the chart: entry zone, what may be lost, what may be won, and its price tags."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from snipersight.charts.canvas import Panes, Rect
from snipersight.charts.labels import Caption, Captioner
from snipersight.charts.shapes import (
    DASHED,
    DOTTED,
    SOLID,
    Anchor,
    Label,
    Lines,
    Polygons,
    Role,
    Ruler,
    Shape,
    box,
    line,
    pill,
)
from snipersight.charts.tags import spread
from snipersight.charts.theme import Palette, faded
from snipersight.charts.viewport import Projection
from snipersight.charts.wording import (
    distance_text,
    multiple_text,
    plan_prices,
    price_decimals,
    price_text,
    share_text,
)
from snipersight.domain.plan import Target, TradePlan
from snipersight.domain.units import Price

PRICE_PX: Final = 13.0
NOTE_PX: Final = 11.5
TAG_PX: Final = 22.0  # height of a tag
TAG_GAP_PX: Final = 3.0
POINTER_PX: Final = 14.0  # between the pane and the tags, where displaced tags point back
PAD_PX: Final = 7.0
_ZONE_SHARE: Final = 0.62  # of the future, filled by the trade's areas; names use the rest
_THINNEST_PX: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """One price at the right edge.

    Args:
        price: quote per base unit.
        text: the price at the instrument's precision.
        note: what it is.
        colour: of its plate and line.
        dash: of its line.
    """

    price: Decimal
    text: str
    note: str
    colour: str
    dash: tuple[float, ...]


def tags_of(plan: TradePlan, palette: Palette, *, last: Price) -> tuple[Tag, ...]:
    """Return the price tags of a plan and of the newest price, in ascending order of price.

    A zone without depth has one entry.
    """
    stop, near, far = plan.stop_loss.price, plan.entry_near, plan.entry_far
    edges = [(far, "Entry far"), (near, "Entry near")] if far != near else [(near, "Entry")]
    notes = [
        (stop, f"Stop · {distance_text(stop, entry=near)}", palette.down, SOLID),
        *((price, note, palette.entry, SOLID) for price, note in edges),
        (last, "Last", palette.last, DOTTED),
        *(
            (target.price, _target_note(number, target), palette.up, SOLID)
            for number, target in enumerate(plan.targets, start=1)
        ),
    ]
    decimals = decimals_of(plan)
    tags = [
        Tag(price=price, text=price_text(price, decimals), note=note, colour=colour, dash=dash)
        for price, note, colour, dash in notes
    ]
    # Losing side first; turned round for a short, equal prices mirror too.
    return tuple(sorted(tags[:: plan.direction.sign], key=lambda tag: tag.price))


def decimals_of(plan: TradePlan) -> int:
    """Return how many decimals the prices of a plan need."""
    return price_decimals((*plan_prices(plan), plan.last_price))


def _target_note(number: int, target: Target) -> str:
    return f"T{number} · {multiple_text(target.r_multiple)} · {share_text(target.fraction)}"


def gutter_width(tags: tuple[Tag, ...], ruler: Ruler) -> float:
    """Return how wide the gutter must be for the widest price and the widest note."""
    return POINTER_PX + price_width(tags, ruler) + note_width(tags, ruler)


def price_width(tags: tuple[Tag, ...], ruler: Ruler) -> float:
    """Return the width of the tags' price part."""
    return max(ruler.width(t.text, size_px=PRICE_PX, bold=True) for t in tags) + 2 * PAD_PX


def note_width(tags: tuple[Tag, ...], ruler: Ruler) -> float:
    """Return the width of the tags' note part."""
    return max(ruler.width(t.note, size_px=NOTE_PX) for t in tags) + 2 * PAD_PX


def area_shapes(plan: TradePlan, projection: Projection, palette: Palette) -> list[Shape]:
    """Return risk, entry and reward areas from the decision's bar on, one step a target."""
    left, right = area_edges(plan, projection)

    def area(one: Decimal, other: Decimal, colour: str, alpha: float) -> Shape:
        rect = _band(one, other, left, right, projection)
        return Polygons(corners=(box(rect),), fill=faded(colour, alpha))

    shapes = [area(plan.entry_far, plan.stop_loss.price, palette.down, 0.2)]
    before, alpha = plan.entry_near, 0.24
    for target in plan.targets:
        shapes.append(area(before, target.price, palette.up, alpha))
        before, alpha = target.price, max(alpha - 0.07, 0.08)
    shapes.append(area(plan.entry_near, plan.entry_mid, palette.entry, 0.42))
    shapes.append(area(plan.entry_mid, plan.entry_far, palette.entry, 0.24))
    return shapes


def area_edges(plan: TradePlan, projection: Projection) -> tuple[float, float]:
    """Return where the trade's areas begin (the decision's bar) and end."""
    future = projection.pane.right - projection.future_x
    return projection.decision_x(plan.created_at), projection.future_x + _ZONE_SHARE * future


def _band(one: Decimal, other: Decimal, left: float, right: float, projection: Projection) -> Rect:
    low, high = sorted((projection.y(float(one)), projection.y(float(other))))
    thin = max(_THINNEST_PX - (high - low), 0.0) / 2
    return Rect(left=left, bottom=low - thin, right=right, top=high + thin)


def level_shapes(
    plan: TradePlan, tags: tuple[Tag, ...], projection: Projection, palette: Palette
) -> list[Shape]:
    """Return the moment of the decision and a line for each price, as far as its tag."""
    left, _ = area_edges(plan, projection)
    pane = projection.pane
    decision = line((left, pane.bottom), (left, pane.top))
    shapes: list[Shape] = [Lines(paths=(decision,), colour=faded(palette.muted, 0.5), dash=DASHED)]
    for tag in tags:
        y = projection.y(float(tag.price))
        start = projection.future_x if tag.dash == DOTTED else left
        path = line((start, y), (pane.right, y))
        shapes.append(Lines(paths=(path,), colour=tag.colour, width_px=1.2, dash=tag.dash))
    return shapes


def write_entry(plan: TradePlan, captioner: Captioner) -> list[Shape]:
    """Return the names of the two halves of the entry zone, where they are tall enough."""
    halves = (
        ("aggressive", plan.entry_near, plan.entry_mid),
        ("conservative", plan.entry_mid, plan.entry_far),
    )
    captions = [_half_caption(name, a, b, plan, captioner) for name, a, b in halves]
    return captioner.write_all(caption for caption in captions if caption is not None)


def _half_caption(
    name: str, one: Decimal, other: Decimal, plan: TradePlan, captioner: Captioner
) -> Caption | None:
    left, right = area_edges(plan, captioner.projection)
    rect = _band(one, other, left, right, captioner.projection)
    size = 10.0
    if rect.height < 1.4 * size:
        return None
    x = right - captioner.width(name, size) / 2 - 4
    return Caption(
        text=name,
        colour=captioner.palette.text,
        role=Role.ENTRY,
        spots=((x, rect.middle),),
        size_px=size,
    )


def tag_shapes(
    tags: tuple[Tag, ...], panes: Panes, projection: Projection, palette: Palette, ruler: Ruler
) -> list[Shape]:
    """Return the tags beside the pane, moved apart where they would touch, each pointing back."""
    levels = [projection.y(float(tag.price)) for tag in tags]
    gutter, pitch = panes.gutter, TAG_PX + TAG_GAP_PX
    middles = spread(levels, height=pitch, low=gutter.bottom, high=gutter.top)
    width = price_width(tags, ruler)
    shapes: list[Shape] = []
    for tag, level, middle in zip(tags, levels, middles, strict=True):
        left = gutter.left + POINTER_PX
        plate = Rect(
            left=left, bottom=middle - TAG_PX / 2, right=gutter.right, top=middle + TAG_PX / 2
        )
        pointer = line((gutter.left, level), (left, middle))
        shapes.append(Lines(paths=(pointer,), colour=tag.colour, width_px=1.2, dash=tag.dash))
        shapes += _tag(tag, plate, left + width, palette)
    return shapes


def _tag(tag: Tag, plate: Rect, seam: float, palette: Palette) -> list[Shape]:
    price = Rect(left=plate.left, bottom=plate.bottom, right=seam, top=plate.top)
    # Round on the left, square at the seam.
    square = Rect(left=seam - PAD_PX, bottom=plate.bottom, right=seam, top=plate.top)
    return [
        Polygons(corners=(pill(plate),), fill=palette.ground),
        Polygons(corners=(pill(plate),), fill=faded(tag.colour, 0.14), edge=tag.colour),
        Polygons(corners=(pill(price), box(square)), fill=tag.colour, edge=tag.colour),
        Label(
            text=tag.text,
            x=seam - PAD_PX,
            y=plate.middle,
            size_px=PRICE_PX,
            colour=palette.on_tag,
            role=Role.TAG_PRICE,
            anchor=Anchor.END,
            bold=True,
        ),
        Label(
            text=tag.note,
            x=seam + PAD_PX,
            y=plate.middle,
            size_px=NOTE_PX,
            colour=palette.text,
            role=Role.TAG_NOTE,
        ),
    ]
