"""From a plan's picture to the shapes that show it. Pure: no file, no clock, no drawing."""

from __future__ import annotations

from snipersight.charts.axes import grid_shapes, volume_note
from snipersight.charts.candlesticks import candle_shapes, volume_shapes
from snipersight.charts.canvas import Canvas, Panes, Rect, panes_of
from snipersight.charts.header import footer_label, header_shapes
from snipersight.charts.labels import Captioner
from snipersight.charts.shapes import Board, Label, Role, Ruler, Scene, Shape
from snipersight.charts.structure import (
    structure_shapes,
    sweep_shapes,
    visible_structure,
    visible_sweeps,
    write_structure,
    write_sweeps,
)
from snipersight.charts.theme import Palette
from snipersight.charts.trade import (
    TAG_PX,
    Tag,
    area_shapes,
    decimals_of,
    gutter_width,
    level_shapes,
    tag_shapes,
    tags_of,
    write_entry,
)
from snipersight.charts.viewport import Projection, newest_price, projection_of
from snipersight.charts.zones import visible_zones, write_zones, zone_shapes
from snipersight.domain.annotations import PlanPicture
from snipersight.domain.errors import DataInvalid


def compose(picture: PlanPicture, *, canvas: Canvas, palette: Palette, ruler: Ruler) -> Scene:
    """Return the shapes of a picture, bottom ones first.

    Args:
        picture: candles, plan and the facts around them.
        canvas: the size to lay out for.
        palette: the colours.
        ruler: measures texts.

    Raises:
        DataInvalid: there is no candle, or the candles are not those of the plan.
    """
    _require_same_market(picture)
    tags = tags_of(picture.plan, palette, last=newest_price(picture))
    panes = panes_of(canvas, gutter_px=gutter_width(tags, ruler))
    projection = projection_of(picture, panes.price)
    beside = tag_shapes(tags, panes, projection, palette, ruler)
    inside = _inside(picture, tags, projection, palette, ruler)
    taken, decimals = _tag_rects(beside), decimals_of(picture.plan)
    grid = grid_shapes(panes, projection, palette, decimals=decimals, taken=taken)
    return (*grid, *inside, *_around(picture, panes, projection, palette, ruler), *beside)


def _require_same_market(picture: PlanPicture) -> None:
    candles, plan = picture.candles, picture.plan
    where = f"chart of {plan.symbol} {plan.timeframe}"
    if len(candles) == 0:
        raise DataInvalid("there is no candle to draw", where=where)
    if (candles.symbol, candles.timeframe) != (plan.symbol, plan.timeframe):
        raise DataInvalid(
            f"the candles are those of {candles.symbol} {candles.timeframe}",
            where=where,
            next_step="pass the candles of the plan's own symbol and trigger timeframe",
        )


def _tag_rects(shapes: list[Shape]) -> list[Rect]:
    return [
        Rect(left=0, bottom=shape.y - TAG_PX / 2, right=1, top=shape.y + TAG_PX / 2)
        for shape in shapes
        if isinstance(shape, Label) and shape.role is Role.TAG_PRICE
    ]


def _inside(
    picture: PlanPicture,
    tags: tuple[Tag, ...],
    projection: Projection,
    palette: Palette,
    ruler: Ruler,
) -> list[Shape]:
    """Return what lies in the price pane; texts take their places in order of importance."""
    plan = picture.plan
    boxes = visible_zones(picture.zones, plan, projection)
    breaks = visible_structure(picture.structure, projection)
    sweeps = visible_sweeps(picture.swept, projection)
    captioner = Captioner(
        board=Board(projection.pane), ruler=ruler, palette=palette, projection=projection
    )
    texts = [
        *write_entry(plan, captioner),
        *write_sweeps(sweeps, captioner),
        *write_structure(breaks, captioner),
        *write_zones(boxes, captioner),
    ]
    return [
        *zone_shapes(boxes, palette),
        *area_shapes(plan, projection, palette),
        *structure_shapes(breaks, projection, palette),
        *sweep_shapes(sweeps, projection, palette),
        *candle_shapes(projection, palette),
        *level_shapes(plan, tags, projection, palette),
        *texts,
    ]


def _around(
    picture: PlanPicture, panes: Panes, projection: Projection, palette: Palette, ruler: Ruler
) -> list[Shape]:
    return [
        *volume_shapes(projection, panes.volume, palette),
        volume_note(panes, projection, palette),
        *header_shapes(picture.plan, panes, palette, ruler),
        footer_label(panes, palette),
    ]
