"""What a chart of each plan shows: the facts around it, read once more with all of them kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from snipersight.analysis.facts import BlockState, PoolKind
from snipersight.analysis.smc.layout import SWING
from snipersight.analysis.smc.log import FactKind
from snipersight.analysis.smc.series import SmcSeries
from snipersight.domain.annotations import (
    PlanPicture,
    StructureLabel,
    SweptLevel,
    Zone,
    ZoneKind,
)
from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from snipersight.domain.plan import TradePlan
from snipersight.domain.ports import CandleSource
from snipersight.engine.report import ScanReport

_SIDES: Final = (Direction.LONG, Direction.SHORT)
_SHIFTS: Final = ("initial", "BOS", "CHoCH")
_SHOWN_BARS: Final = 200
_GONE: Final = (FactKind.BLOCK_ENDED, FactKind.GAP_ENDED)
_ZONES: Final = {FactKind.BLOCK: ZoneKind.ORDER_BLOCK, FactKind.GAP: ZoneKind.FAIR_VALUE_GAP}
_FLIPPED: Final = {
    BlockState.BREAKER: ZoneKind.BREAKER,
    BlockState.MITIGATION_BLOCK: ZoneKind.MITIGATION_BLOCK,
}


async def pictures(report: ScanReport, source: CandleSource) -> Iterable[PlanPicture]:
    """Return a picture of every plan of a report, in its order."""
    return [await picture(ranked.plan, report, source) for ranked in report.plans]


async def picture(plan: TradePlan, report: ScanReport, source: CandleSource) -> PlanPicture:
    """Return what is known around one plan at the report's moment.

    Raises:
        NoData, DataInvalid, VenueUnavailable: the candles cannot be read a second time.
    """
    profile = report.profile
    timeframe = profile.timeframe("trigger")
    warm_up = profile.history()[timeframe] + _SHOWN_BARS * timeframe.duration_ms
    start = timeframe.floor(report.as_of_ms - warm_up)
    candles = await source.candles(
        plan.symbol, timeframe, start_ms=start, end_ms=report.as_of_ms
    )
    shown = candles.slice(max(0, len(candles) - _SHOWN_BARS), len(candles))
    series = SmcSeries(profile.roles.trigger, timeframe, profile.setup, facts_from_ms=0)
    series.advance(candles, until_ms=report.as_of_ms)
    facts = series.facts()
    first_ms = int(shown.open_time[0])
    return PlanPicture(
        candles=shown,
        plan=plan,
        zones=tuple(zones(facts, first_ms=first_ms)),
        structure=tuple(labels(facts, shown, first_ms=first_ms)),
        swept=tuple(swept_levels(facts, shown, first_ms=first_ms)),
    )


def zones(facts: Any, *, first_ms: int) -> Iterator[Zone]:
    """Yield every block and gap of the log with its last kind and its end, oldest first.

    Args:
        facts: FACT records in time order.
        first_ms: zones that ended before are left out.
    """
    live: dict[tuple[bool, int, int], Zone] = {}
    for fact in facts:
        kind = FactKind(fact["kind"])
        is_block = kind in (FactKind.BLOCK, FactKind.BLOCK_FLIPPED, FactKind.BLOCK_ENDED)
        key = (is_block, int(fact["side"]), int(fact["at"]))
        if kind in _ZONES:
            live[key] = _zone(fact, _ZONES[kind], _SIDES[fact["side"]])
        elif kind is FactKind.BLOCK_FLIPPED:
            flipped = _FLIPPED[BlockState(fact["sub"])]
            live[key] = _zone(fact, flipped, _SIDES[1 - fact["side"]])
        elif kind is FactKind.GAP_FLIPPED:
            live[key] = _zone(fact, ZoneKind.INVERSE_GAP, _SIDES[1 - fact["side"]])
        elif kind in _GONE and key in live:
            ended = _zone(fact, live[key].kind, live.pop(key).direction, ended=True)
            if ended.end_ms is not None and ended.end_ms > first_ms:
                yield ended
    yield from live.values()


def _zone(fact: Any, kind: ZoneKind, direction: Direction, *, ended: bool = False) -> Zone:
    return Zone(
        kind=kind,
        direction=direction,
        low=float(fact["low"]),
        high=float(fact["high"]),
        start_ms=int(fact["at"]),
        end_ms=int(fact["known_at"]) if ended else None,
    )


def labels(facts: Any, shown: Candles, *, first_ms: int) -> Iterator[StructureLabel]:
    """Yield the breaks of structure whose broken level lies within the shown bars."""
    bar_ms = shown.timeframe.duration_ms
    for fact in facts[facts["kind"] == FactKind.SHIFT]:
        if fact["at"] < first_ms:
            continue
        strength, kind = divmod(int(fact["sub"]), 4)
        text = _SHIFTS[kind] if strength == SWING or kind == 0 else f"i{_SHIFTS[kind]}"
        yield StructureLabel(
            text=text,
            direction=_SIDES[fact["side"]],
            price=float(fact["low"]),
            start_ms=int(fact["at"]),
            end_ms=int(fact["known_at"]) - bar_ms,
        )


def swept_levels(facts: Any, shown: Candles, *, first_ms: int) -> Iterator[SweptLevel]:
    """Yield the levels that were swept within the shown bars."""
    bar_ms = shown.timeframe.duration_ms
    for fact in facts[facts["kind"] == FactKind.SWEEP]:
        swept_ms = int(fact["known_at"]) - bar_ms
        if swept_ms < first_ms:
            continue
        side = _SIDES[fact["side"]]  # of the pool; taking it speaks for the other side
        yield SweptLevel(
            text=PoolKind(fact["sub"]).label(side),
            direction=side.opposite,
            price=float(fact["low"]),
            start_ms=int(fact["at"]),
            swept_ms=swept_ms,
        )
