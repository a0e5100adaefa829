"""Chart views with as many bars as a test needs."""

from __future__ import annotations

from typing import Any

from snipersight.bootstrap.dashboard.views import ChartView
from snipersight.domain.annotations import StructureLabel, SweptLevel, Zone, ZoneKind
from snipersight.domain.direction import Direction

BEGAN_MS = 1_700_000_000_000
BAR_MS = 900_000


def at(bar: int) -> int:
    """Return when a bar opens."""
    return BEGAN_MS + bar * BAR_MS


def a_view(bars: int = 10, **more: Any) -> ChartView:
    """Return bars that rise by one each; `more` are further fields."""
    return ChartView(
        venue="sandbox",
        symbol="BTC/USDT",
        timeframe="15m",
        bar_ms=BAR_MS,
        open_ms=tuple(at(bar) for bar in range(bars)),
        open=tuple(100.0 + bar for bar in range(bars)),
        high=tuple(102.0 + bar for bar in range(bars)),
        low=tuple(99.0 + bar for bar in range(bars)),
        close=tuple(101.0 + bar for bar in range(bars)),
        volume=(1.0,) * bars,
        known_ms=at(bars) if bars else None,
        **more,
    )


def a_zone(start: int = 2, end: int | None = None, **more: Any) -> Zone:
    """Return a zone between two bars; None: it lives."""
    fields: dict[str, Any] = {
        "kind": ZoneKind.ORDER_BLOCK,
        "direction": Direction.LONG,
        "low": 100.0,
        "high": 101.0,
        **more,
    }
    return Zone(start_ms=at(start), end_ms=None if end is None else at(end), **fields)


def a_break(start: int = 1, end: int = 4, **more: Any) -> StructureLabel:
    """Return a break of structure."""
    fields: dict[str, Any] = {"text": "BOS", "direction": Direction.LONG, "price": 103.0, **more}
    return StructureLabel(start_ms=at(start), end_ms=at(end), **fields)


def a_sweep(start: int = 1, swept: int = 4, **more: Any) -> SweptLevel:
    """Return a swept level."""
    fields: dict[str, Any] = {"text": "EQL", "direction": Direction.LONG, "price": 99.0, **more}
    return SweptLevel(start_ms=at(start), swept_ms=at(swept), **fields)
