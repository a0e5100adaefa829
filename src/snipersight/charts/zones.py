"""Order blocks, breakers, mitigation blocks and gaps as translucent boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from snipersight.charts.canvas import Rect
from snipersight.charts.labels import Caption, Captioner
from snipersight.charts.shapes import DASHED, SOLID, Polygons, Role, Shape, box
from snipersight.charts.theme import Palette, faded
from snipersight.charts.viewport import Projection
from snipersight.domain.annotations import Zone, ZoneKind
from snipersight.domain.direction import Direction
from snipersight.domain.plan import TradePlan

_MOST_BOXES: Final = 16  # more of them are fog
_THINNEST_PX: Final = 2.0
_CAPTION_PX: Final = 10.5
_NAMES: Final = {
    ZoneKind.ORDER_BLOCK: "OB",
    ZoneKind.BREAKER: "Breaker",
    ZoneKind.MITIGATION_BLOCK: "Mitigation",
    ZoneKind.FAIR_VALUE_GAP: "FVG",
    ZoneKind.INVERSE_GAP: "IFVG",
}
# What has turned its role is dashed.
_DASHES: Final = {
    ZoneKind.ORDER_BLOCK: SOLID,
    ZoneKind.BREAKER: DASHED,
    ZoneKind.MITIGATION_BLOCK: DASHED,
    ZoneKind.FAIR_VALUE_GAP: SOLID,
    ZoneKind.INVERSE_GAP: DASHED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneBox:
    """A zone and the part of it that lies in the pane."""

    zone: Zone
    rect: Rect


def zone_name(zone: Zone) -> str:
    """Return `OB ▲` for a bullish order block, `IFVG ▼` for a bearish inverse gap."""
    return f"{_NAMES[zone.kind]} {'▲' if zone.direction is Direction.LONG else '▼'}"


def visible_zones(
    zones: tuple[Zone, ...], plan: TradePlan, projection: Projection
) -> tuple[ZoneBox, ...]:
    """Return the zones that reach into the pane, the most important first, at most 16.

    First those the entry lies in, then the living ones, then the younger ones.
    """
    ranked = sorted(zones, key=lambda zone: _importance(zone, plan), reverse=True)
    boxes = (ZoneBox(zone=zone, rect=_rect_of(zone, projection)) for zone in ranked)
    seen = (found for found in boxes if found.rect.width > 0 and found.rect.height > 0)
    return tuple(found for found, _ in zip(seen, range(_MOST_BOXES), strict=False))


def _importance(zone: Zone, plan: TradePlan) -> tuple[bool, bool, int]:
    low, high = sorted((float(plan.entry_near), float(plan.entry_far)))
    holds_entry = zone.low <= high and low <= zone.high and zone.direction is plan.direction
    return holds_entry, zone.end_ms is None, zone.start_ms


def _rect_of(zone: Zone, projection: Projection) -> Rect:
    end = projection.pane.right
    if zone.end_ms is not None:
        end = projection.clipped_x(zone.end_ms, side=0.5)
    bottom, top = projection.clipped_y(zone.low), projection.clipped_y(zone.high)
    # A zone one tick tall is still a zone; one outside the range stays without height.
    thin = max(_THINNEST_PX - (top - bottom), 0.0) / 2 if _is_in_range(zone, projection) else 0.0
    start = projection.clipped_x(zone.start_ms, side=-0.5)
    return Rect(left=start, bottom=bottom - thin, right=end, top=top + thin)


def _is_in_range(zone: Zone, projection: Projection) -> bool:
    return zone.high >= projection.low and zone.low <= projection.high


def zone_shapes(boxes: tuple[ZoneBox, ...], palette: Palette) -> list[Polygons]:
    """Return the boxes, the least important at the bottom, ended ones paler."""
    return [_box_shape(found, palette) for found in reversed(boxes)]


def _box_shape(found: ZoneBox, palette: Palette) -> Polygons:
    colour = palette.zones[found.zone.kind]
    strength = 1.0 if found.zone.end_ms is None else 0.55
    return Polygons(
        corners=(box(found.rect),),
        fill=faded(colour, 0.15 * strength),
        edge=faded(colour, 0.7 * strength),
        width_px=0.9,
        dash=_DASHES[found.zone.kind],
    )


def write_zones(boxes: tuple[ZoneBox, ...], captioner: Captioner) -> list[Shape]:
    """Return the names of the zones that found room, the most important first."""
    return captioner.write_all(_caption(found, captioner) for found in boxes)


def _caption(found: ZoneBox, captioner: Captioner) -> Caption:
    text = zone_name(found.zone)
    half = captioner.width(text, _CAPTION_PX) / 2
    left, right = found.rect.left + half + 2, found.rect.right - half - 2
    xs = (right, left, (left + right) / 2) if found.rect.width > 2 * half else (left,)
    ys = _heights(found.rect)
    return Caption(
        text=text,
        colour=captioner.palette.zones[found.zone.kind],
        role=Role.ZONE,
        spots=tuple((x, y) for y in ys for x in xs),
        size_px=_CAPTION_PX,
    )


def _heights(rect: Rect) -> tuple[float, ...]:
    """Return the heights of a name: inside the box where it fits, else just above or below."""
    if rect.height >= 1.4 * _CAPTION_PX:
        return (rect.middle,)
    return (rect.top + 0.75 * _CAPTION_PX, rect.bottom - 0.75 * _CAPTION_PX)
