"""Zones, structure and liquidity as areas and lines, by bar and price."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from snipersight.bootstrap.dashboard.views import ChartView, PoolLine
from snipersight.charts.zones import zone_name
from snipersight.domain.annotations import StructureLabel, SweptLevel, Zone, ZoneKind
from snipersight.domain.direction import Direction
from snipersight.web.charts.paint import Options

MOST_ZONES: Final = 200  # of one chart; the younger ones are kept
NEAREST: Final = 8  # living zones that are drawn until somebody asks for all of them
MOST_LINES: Final = 200
_OPACITY: Final = 0.16
_ENDED_OPACITY: Final = 0.06  # what is over is context, no more
_MOST_NAMED: Final = 24  # more names than these cover the candles they are about
_MOST_NAMED_LINES: Final = 12
_NAME_BARS: Final = 12  # as wide as a name about: that of a zone younger than this ends at the edge
_HALO: Final = {"textBorderColor": "$panel", "textBorderWidth": 3}  # readable on candles, too
_COLOURS: Final = {
    ZoneKind.ORDER_BLOCK: "$zone-ob",
    ZoneKind.BREAKER: "$zone-breaker",
    ZoneKind.MITIGATION_BLOCK: "$zone-mitigation",
    ZoneKind.FAIR_VALUE_GAP: "$zone-fvg",
    ZoneKind.INVERSE_GAP: "$zone-ifvg",
}
_TURNED: Final = (ZoneKind.BREAKER, ZoneKind.MITIGATION_BLOCK, ZoneKind.INVERSE_GAP)


def zone_legend() -> list[tuple[str, str]]:
    """Return the colour, a name of the style sheet, and the words for each kind of zone."""
    return [(_COLOURS[kind].removeprefix("$"), kind.value.replace("_", " ")) for kind in _COLOURS]


def zone_areas(known: ChartView, bars: ChartView, *, every: bool = False) -> list[list[Options]]:
    """Return the zones of one view as areas over the bars of another, the younger ones named.

    A zone that was over before the first bar, or begins after the last one, is left out.

    Args:
        known: the zones, and the price that they are near to.
        bars: of the chart.
        every: those that are over or far away, too.
    """
    drawn = inside_zones(known, bars) if every else nearest_zones(known, bars)
    first_named = len(drawn) - _MOST_NAMED
    return [_area(zone, bars, is_named=at >= first_named) for at, zone in enumerate(drawn)]


def inside_zones(known: ChartView, bars: ChartView) -> list[Zone]:
    """Return the zones that lie within the bars, the living and the younger ones last."""
    inside = [one for one in known.zones if _overlaps(one.start_ms, one.end_ms, bars)]
    return sorted(inside, key=lambda one: (one.end_ms is None, one.start_ms))[-MOST_ZONES:]


def nearest_zones(known: ChartView, bars: ChartView) -> list[Zone]:
    """Return the living zones nearest to the price at that moment, the younger ones last.

    All of them together hide the candles; what a price can reach next is among these.
    """
    living = [one for one in inside_zones(known, bars) if one.end_ms is None]
    if not known.close:
        return living[-NEAREST:]
    price = known.close[-1]
    # Of two that are as near, the younger one.
    near = sorted(living, key=lambda one: (_distance(one, price), -one.start_ms))[:NEAREST]
    return sorted(near, key=lambda one: one.start_ms)


def _distance(zone: Zone, price: float) -> float:
    return max(zone.low - price, price - zone.high, 0.0)


def fact_lines(known: ChartView, bars: ChartView) -> list[list[Options]]:
    """Return breaks of structure and swept levels as lines from origin to end, the newest named."""
    breaks = [
        (one.end_ms, _break_line(one, bars))
        for one in _distinct(known.structure)
        if _overlaps(one.start_ms, one.end_ms, bars)
    ]
    sweeps = [
        (one.swept_ms, _sweep_line(one, bars))
        for one in known.swept
        if _overlaps(one.start_ms, one.swept_ms, bars)
    ]
    ordered = sorted(breaks + sweeps, key=lambda one: one[0])[-MOST_LINES:]
    for _, (begin, _end) in ordered[:-_MOST_NAMED_LINES]:
        begin["label"] = {"show": False}
    return [line for _, line in ordered]


def _distinct(breaks: Sequence[StructureLabel]) -> list[StructureLabel]:
    """Return the breaks, of an inner and an outer one of the same level the outer one."""
    by_line = {
        (one.end_ms, one.price, one.direction): one for one in breaks if one.text.startswith("i")
    }
    by_line |= {
        (one.end_ms, one.price, one.direction): one
        for one in breaks
        if not one.text.startswith("i")
    }
    return list(by_line.values())


def pool_lines(known: ChartView, bars: ChartView) -> list[list[Options]]:
    """Return liquidity that rests, as lines up to the last bar."""
    return [_pool_line(one, bars) for one in known.pools if _overlaps(one.start_ms, None, bars)]


def _overlaps(start_ms: int, end_ms: int | None, bars: ChartView) -> bool:
    if not bars.open_ms:
        return False
    begins_in_time = start_ms <= bars.open_ms[-1]
    return begins_in_time and (end_ms is None or end_ms >= bars.open_ms[0])


def _bar(at_ms: int | None, bars: ChartView) -> int:
    """Return the bar that a moment lies in, the nearest one if it lies outside."""
    if at_ms is None:
        return len(bars.open_ms) - 1
    return max(0, bisect_right(bars.open_ms, at_ms) - 1)


def _area(zone: Zone, bars: ChartView, *, is_named: bool) -> list[Options]:
    colour, lives = _COLOURS[zone.kind], zone.end_ms is None
    begin: Options = {
        "coord": [_bar(zone.start_ms, bars), zone.high],
        "itemStyle": {
            "color": colour,
            "opacity": _OPACITY if lives else _ENDED_OPACITY,
            "borderColor": colour,
            "borderWidth": 1 if lives else 0,
            "borderType": "dashed" if zone.kind in _TURNED else "solid",
        },
        "label": {"show": False},
    }
    if is_named and lives:
        is_young = _bar(zone.start_ms, bars) > len(bars.open_ms) - _NAME_BARS
        begin["name"] = zone_name(zone)
        begin["label"] = {
            "show": True,
            "color": colour,
            "fontSize": 10,
            "position": "insideTopRight" if is_young else "insideTopLeft",
            **_HALO,
        }
    return [begin, {"coord": [_bar(zone.end_ms, bars), zone.low]}]


def _segment(
    text: str, price: float, *, span: tuple[int, int], colour: str, dash: str, is_above: bool
) -> list[Options]:
    label = {
        "show": True,
        "formatter": text,
        "color": colour,
        "fontSize": 10,
        "distance": 2,
        **_HALO,
        "position": "insideMiddleTop" if is_above else "insideMiddleBottom",
    }
    begin = {
        "coord": [span[0], price],
        "lineStyle": {"color": colour, "type": dash, "width": 1},
        "label": label,
    }
    return [begin, {"coord": [span[1], price]}]


def _break_line(one: StructureLabel, bars: ChartView) -> list[Options]:
    is_up = one.direction is Direction.LONG
    span = (_bar(one.start_ms, bars), _bar(one.end_ms, bars))
    colour = "$long" if is_up else "$short"
    return _segment(one.text, one.price, span=span, colour=colour, dash="solid", is_above=is_up)


def _sweep_line(one: SweptLevel, bars: ChartView) -> list[Options]:
    span = (_bar(one.start_ms, bars), _bar(one.swept_ms, bars))
    is_above = one.direction is Direction.SHORT  # taken above: the move after it is down
    text = f"{one.text} ✕" if one.text else "✕"
    return _segment(text, one.price, span=span, colour="$text", dash="dotted", is_above=is_above)


def _pool_line(one: PoolLine, bars: ChartView) -> list[Options]:
    span = (_bar(one.start_ms, bars), _bar(None, bars))
    return _segment(
        one.text, one.price, span=span, colour="$muted", dash="dashed", is_above=one.is_above
    )
