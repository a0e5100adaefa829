"""What a chart of each plan shows: the facts around it, read once more with all of them kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from snipersight.analysis.facts import BlockState, PoolKind, PriceZone, Reading
from snipersight.analysis.smc.layout import SWING, Array, Record
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
_BLOCKS: Final = {
    BlockState.FRESH: ZoneKind.ORDER_BLOCK,
    BlockState.MITIGATED: ZoneKind.ORDER_BLOCK,
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
    candles = await source.candles(plan.symbol, timeframe, start_ms=start, end_ms=report.as_of_ms)
    # Beside what is entered and sent meanwhile.
    return await asyncio.to_thread(_picture_of, plan, report, candles)


def _picture_of(plan: TradePlan, report: ScanReport, candles: Candles) -> PlanPicture:
    profile, timeframe = report.profile, candles.timeframe
    shown = candles.slice(max(0, len(candles) - _SHOWN_BARS), len(candles))
    series = SmcSeries(profile.roles.trigger, timeframe, profile.setup, facts_from_ms=0)
    series.advance(candles, until_ms=report.as_of_ms)
    facts = series.facts()
    first_ms = int(shown.open_time[0])
    return PlanPicture(
        candles=shown,
        plan=plan,
        zones=tuple(zones(facts, series.reading(), first_ms=first_ms)),
        structure=tuple(labels(facts, shown, first_ms=first_ms)),
        swept=tuple(swept_levels(facts, shown, first_ms=first_ms)),
    )


def zones(facts: Array, reading: Reading | None, *, first_ms: int) -> Iterator[Zone]:
    """Yield the blocks and gaps that ended within the shown bars, then exactly the live ones.

    What lives is what the reading says: the log also holds zones of machines that were renewed
    since, and lacks those that the present machine found while it was still silent.

    Args:
        facts: FACT records in time order.
        reading: what is known at the last shown bar; None where nothing is.
        first_ms: zones that ended before are left out.
    """
    live = [] if reading is None else [*_live_blocks(reading), *_live_gaps(reading)]
    shown = {_place(zone) for zone in live}
    for zone in _ended(_facts_of_ended(facts, after_ms=first_ms)):
        if zone.end_ms is not None and zone.end_ms > first_ms and _place(zone) not in shown:
            yield zone
    yield from live


def _facts_of_ended(facts: Array, *, after_ms: int) -> Array:
    """Return what was said of bars whose zones ended after a moment: of months, the last days."""
    ends = facts[np.isin(facts["kind"], _GONE) & (facts["known_at"] > after_ms)]
    return facts[np.isin(facts["at"], ends["at"])]


def _ended(facts: Array) -> Iterator[Zone]:
    """Yield every zone of the log that ended, with the kind it had then."""
    live: dict[tuple[bool, int, int], Zone] = {}
    for fact in facts:
        kind = FactKind(fact["kind"])
        is_block = kind in (FactKind.BLOCK, FactKind.BLOCK_FLIPPED, FactKind.BLOCK_ENDED)
        key = (is_block, int(fact["side"]), int(fact["at"]))
        if kind in _ZONES:
            live[key] = _zone(fact, _ZONES[kind], _SIDES[fact["side"]])
        elif kind is FactKind.BLOCK_FLIPPED:
            flipped = _BLOCKS[BlockState(fact["sub"])]
            live[key] = _zone(fact, flipped, _SIDES[1 - fact["side"]])
        elif kind is FactKind.GAP_FLIPPED:
            live[key] = _zone(fact, ZoneKind.INVERSE_GAP, _SIDES[1 - fact["side"]])
        elif kind in _GONE and key in live:
            yield replace(live.pop(key), end_ms=int(fact["known_at"]))


def _place(zone: Zone) -> tuple[bool, int, float, float]:
    is_gap = zone.kind in (ZoneKind.FAIR_VALUE_GAP, ZoneKind.INVERSE_GAP)
    return is_gap, zone.start_ms, zone.low, zone.high


def _zone(fact: Record, kind: ZoneKind, direction: Direction) -> Zone:
    return Zone(
        kind=kind,
        direction=direction,
        low=float(fact["low"]),
        high=float(fact["high"]),
        start_ms=int(fact["at"]),
    )


def _live_blocks(reading: Reading) -> Iterator[Zone]:
    for block in reading.blocks:
        yield _live(block.zone, _BLOCKS[block.state], block.direction)


def _live_gaps(reading: Reading) -> Iterator[Zone]:
    for gap in reading.gaps:
        kind = ZoneKind.INVERSE_GAP if gap.is_inverse else ZoneKind.FAIR_VALUE_GAP
        yield _live(gap.zone, kind, gap.direction)


def _live(zone: PriceZone, kind: ZoneKind, direction: Direction) -> Zone:
    return Zone(kind=kind, direction=direction, low=zone.low, high=zone.high, start_ms=zone.at_ms)


def labels(facts: Array, shown: Candles, *, first_ms: int) -> Iterator[StructureLabel]:
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


def swept_levels(facts: Array, shown: Candles, *, first_ms: int) -> Iterator[SweptLevel]:
    """Yield the levels swept within the shown bars; of several taken by one wick the weightiest.

    Several equal lows often go with one wick: one line says what was taken, five hide the candles.
    """
    bar_ms = shown.timeframe.duration_ms
    weightiest: dict[tuple[int, int], Record] = {}
    for fact in facts[facts["kind"] == FactKind.SWEEP]:
        key = (int(fact["known_at"]), int(fact["side"]))
        if key not in weightiest or fact["sub"] >= weightiest[key]["sub"]:
            weightiest[key] = fact
    for (known_at_ms, side_code), fact in weightiest.items():
        swept_ms = known_at_ms - bar_ms
        if swept_ms < first_ms:
            continue
        side = _SIDES[side_code]  # of the pool; taking it speaks for the other side
        yield SweptLevel(
            text=PoolKind(fact["sub"]).label(side),
            direction=side.opposite,
            price=float(fact["low"]),
            start_ms=int(fact["at"]),
            swept_ms=swept_ms,
        )
