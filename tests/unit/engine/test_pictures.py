"""A picture shows what is known at its moment: nothing that is over, nothing that is not known yet."""

import asyncio
from functools import cache

import numpy as np
import pytest

from snipersight.analysis.facts import BlockState, Reading
from snipersight.analysis.smc.log import FACT, FactKind
from snipersight.analysis.smc.series import SmcSeries
from snipersight.domain.annotations import PlanPicture, Zone, ZoneKind
from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import DAY_MS
from snipersight.domain.units import Symbol
from snipersight.engine.pictures import picture, pictures, zones
from snipersight.engine.report import ScanReport
from tests.builders import a_block, a_gap, a_reading
from tests.fakes.candle_table import CandleTable
from tests.fakes.scanning import (
    FINE,
    NOON_MS,
    a_lively_profile,
    decision_closes,
    scan,
    synthetic_table,
)

SYMBOLS = ("BTC/USDT:USDT", "SOL/USDT:USDT", "DOGE/USDT:USDT")
BAR_MS = 300_000
GAPS = (ZoneKind.FAIR_VALUE_GAP, ZoneKind.INVERSE_GAP)
_KINDS = {
    BlockState.FRESH: ZoneKind.ORDER_BLOCK,
    BlockState.MITIGATED: ZoneKind.ORDER_BLOCK,
    BlockState.BREAKER: ZoneKind.BREAKER,
    BlockState.MITIGATION_BLOCK: ZoneKind.MITIGATION_BLOCK,
}


def table() -> CandleTable:
    return synthetic_table(SYMBOLS)


def long_lived() -> Profile:
    """Return a profile whose zones outlive every look back: some were found in silence."""
    trigger = a_lively_profile().roles.trigger.model_dump()
    trigger |= {"zone_max_age_bars": 250, "level_max_age_bars": 250, "calendar": ()}
    return a_lively_profile(
        roles={"trigger": trigger, "zone": trigger, "bias": trigger}, setup={"valid_bars": 6}
    )


@cache
def reports(profile: Profile | None = None) -> tuple[ScanReport, ...]:
    """Return scans at closes that decided plans, which are alive then."""
    chosen = profile or a_lively_profile()
    arguments = {"symbols": ",".join(SYMBOLS)}
    days = [NOON_MS - days * DAY_MS for days in range(2)]
    first = [scan(table(), a_lively_profile(), as_of_ms=day, **arguments) for day in days]  # type: ignore[arg-type] # keyword for keyword
    closes = [close for report in first for close in decision_closes(report)][:6]
    return tuple(scan(table(), chosen, as_of_ms=close, **arguments) for close in closes)  # type: ignore[arg-type] # keyword for keyword


@cache
def shown() -> tuple[tuple[PlanPicture, ScanReport], ...]:
    return tuple((drawn, report) for report in reports() for drawn in asyncio.run(_all(report)))


async def _all(report: ScanReport) -> list[PlanPicture]:
    return list(await pictures(report, table()))


def reading_at(symbol: Symbol, profile: Profile, as_of_ms: int) -> Reading:
    """Return what the detectors know at a moment, from the market's whole history."""
    series = SmcSeries(profile.roles.trigger, FINE, profile.setup)
    series.advance(table().base[symbol], until_ms=as_of_ms)
    reading = series.reading()
    assert reading is not None
    return reading


def live(reading: Reading) -> set[Zone]:
    blocks = [(_KINDS[block.state], block.direction, block.zone) for block in reading.blocks]
    kinds = {True: ZoneKind.INVERSE_GAP, False: ZoneKind.FAIR_VALUE_GAP}
    gaps = [(kinds[gap.is_inverse], gap.direction, gap.zone) for gap in reading.gaps]
    return {
        Zone(kind=kind, direction=side, low=zone.low, high=zone.high, start_ms=zone.at_ms)
        for kind, side, zone in (*blocks, *gaps)
    }


def test_every_plan_has_its_picture_in_order():
    assert len(shown()) >= 4
    for report in reports():
        drawn = asyncio.run(_all(report))
        assert [one.plan for one in drawn] == [ranked.plan for ranked in report.plans]


def test_a_picture_ends_at_the_newest_close_and_shows_two_hundred_bars():
    for drawn, report in shown():
        assert int(drawn.candles.close_time[-1]) == report.as_of_ms
        assert len(drawn.candles) == 200


def test_the_zones_without_an_end_are_exactly_the_live_ones():
    seen = 0
    for drawn, report in shown():
        expected = live(reading_at(drawn.plan.symbol, report.profile, report.as_of_ms))
        assert {zone for zone in drawn.zones if zone.end_ms is None} == expected
        seen += len(expected)
    assert seen > 20


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_zones_that_outlive_the_look_back_are_shown_too(symbol):
    """A zone found before the present machine began to speak is in no log, and is alive."""
    profile = long_lived()
    candles = table().base[Symbol(symbol)]
    epoch_ms = profile.roles.trigger.epoch_bars * BAR_MS
    unlogged = 0
    for epochs in range(1, 6):
        # 210 bars into an epoch the log reaches no further back than the epoch, zones 250 bars.
        as_of_ms = NOON_MS - NOON_MS % epoch_ms - epochs * epoch_ms + 210 * BAR_MS
        start_ms = as_of_ms - profile.history()[FINE] - 200 * BAR_MS
        series = SmcSeries(profile.roles.trigger, FINE, profile.setup, facts_from_ms=0)
        series.advance(candles.between(start_ms, as_of_ms), until_ms=as_of_ms)
        facts = series.facts()
        drawn = {zone for zone in zones(facts, series.reading(), first_ms=0) if not zone.end_ms}
        assert drawn == live(reading_at(Symbol(symbol), profile, as_of_ms))
        begun = facts[(facts["kind"] == FactKind.BLOCK) | (facts["kind"] == FactKind.GAP)]
        unlogged += len({zone.start_ms for zone in drawn} - set(begun["at"].tolist()))
    assert unlogged > 0


def test_nothing_is_drawn_before_it_is_known_or_after_the_moment():
    for drawn, report in shown():
        for zone in drawn.zones:
            assert zone.start_ms < report.as_of_ms
            assert zone.end_ms is None or zone.start_ms < zone.end_ms <= report.as_of_ms
        for label in drawn.structure:
            assert label.start_ms < label.end_ms < report.as_of_ms
        for level in drawn.swept:
            assert level.start_ms < level.swept_ms < report.as_of_ms


def test_zones_that_ended_before_the_first_bar_are_left_out():
    for drawn, _ in shown():
        first_ms = int(drawn.candles.open_time[0])
        assert all(zone.end_ms is None or zone.end_ms > first_ms for zone in drawn.zones)


def test_no_zone_is_drawn_twice():
    for drawn, _ in shown():
        places = [(zone.kind in GAPS, zone.start_ms, zone.low, zone.high) for zone in drawn.zones]
        assert len(places) == len(set(places))


def bar_at(candles: Candles, open_ms: int) -> tuple[float, float, float]:
    index = int(candles.open_time.searchsorted(open_ms))
    assert int(candles.open_time[index]) == open_ms
    return float(candles.high[index]), float(candles.low[index]), float(candles.close[index])


def test_a_structure_label_runs_from_a_swing_to_the_close_beyond_it():
    seen = set()
    for drawn, _ in shown():
        for label in drawn.structure:
            high, low, _ = bar_at(drawn.candles, label.start_ms)
            _, _, close = bar_at(drawn.candles, label.end_ms)
            is_up = label.direction is Direction.LONG
            assert label.price == (high if is_up else low)
            assert close > label.price if is_up else close < label.price
            seen.add(label.text)
    assert seen >= {"BOS", "iBOS", "iCHoCH"}


def test_a_swept_level_was_pierced_and_closed_back_on_the_bar_it_names():
    seen = set()
    for drawn, _ in shown():
        for level in drawn.swept:
            high, low, close = bar_at(drawn.candles, level.swept_ms)
            if level.direction is Direction.LONG:  # lows were taken, which speaks for a long
                assert low < level.price <= close
            else:
                assert high > level.price >= close
            seen.add(level.direction)
    assert seen == set(Direction)


def test_the_sweep_and_the_shift_of_a_plan_are_in_its_picture():
    for drawn, report in shown():
        if int(drawn.plan.created_at.timestamp() * 1000) != report.as_of_ms:
            continue
        side = drawn.plan.direction
        decided = report.as_of_ms - BAR_MS
        assert any(one.end_ms == decided and one.direction is side for one in drawn.structure)
        assert any(one.direction is side for one in drawn.swept)


def test_a_market_that_cannot_be_read_a_second_time_is_an_error():
    drawn, report = shown()[0]
    gone = CandleTable(base={}, listed=table().listed, now=NOON_MS)
    with pytest.raises(Exception, match="not in the table"):
        asyncio.run(picture(drawn.plan, report, gone))


# The log alone: kinds, sides and ends by hand.

Row = tuple[FactKind, int, int, int, int, float, float]


def a_log(*rows: Row) -> np.ndarray:
    """Return facts of (kind, side, sub, at, known_at, low, high)."""
    facts = np.zeros(len(rows), FACT)
    for fact, (kind, side, sub, at, known_at, low, high) in zip(facts, rows, strict=True):
        fact["kind"], fact["side"], fact["sub"] = kind, side, sub
        fact["at"], fact["known_at"], fact["low"], fact["high"] = at, known_at, low, high
    return facts


def ended(*rows: Row, first_ms: int = 0) -> list[Zone]:
    return list(zones(a_log(*rows), None, first_ms=first_ms))


@pytest.mark.parametrize(("state", "kind"), [(2, ZoneKind.BREAKER), (3, ZoneKind.MITIGATION_BLOCK)])
@pytest.mark.parametrize(("side", "flipped"), [(0, Direction.SHORT), (1, Direction.LONG)])
def test_a_block_that_was_closed_through_ends_as_what_it_became(state, kind, side, flipped):
    (zone,) = ended(
        (FactKind.BLOCK, side, 0, 10, 20, 98.0, 100.0),
        (FactKind.BLOCK_FLIPPED, side, state, 10, 40, 98.0, 100.0),
        (FactKind.BLOCK_ENDED, side, 1, 10, 60, 98.0, 100.0),
    )
    assert zone == Zone(kind=kind, direction=flipped, low=98.0, high=100.0, start_ms=10, end_ms=60)


def test_a_gap_and_a_block_of_one_bar_are_two_zones():
    found = ended(
        (FactKind.BLOCK, 0, 0, 10, 20, 98.0, 100.0),
        (FactKind.GAP, 0, 0, 10, 20, 99.0, 101.0),
        (FactKind.GAP_FLIPPED, 0, 0, 10, 30, 99.0, 101.0),
        (FactKind.GAP_ENDED, 0, 1, 10, 40, 99.0, 101.0),
        (FactKind.BLOCK_ENDED, 0, 0, 10, 50, 98.0, 100.0),
    )
    assert [(zone.kind, zone.direction, zone.end_ms) for zone in found] == [
        (ZoneKind.INVERSE_GAP, Direction.SHORT, 40),
        (ZoneKind.ORDER_BLOCK, Direction.LONG, 50),
    ]


def test_an_end_without_a_beginning_is_passed_over():
    assert ended((FactKind.BLOCK_ENDED, 0, 0, 10, 50, 98.0, 100.0)) == []


def test_a_zone_the_log_left_open_is_drawn_only_if_it_lives():
    """It was the fact of a machine that has been renewed since."""
    begun = (FactKind.BLOCK, 0, 0, 10, 20, 98.0, 100.0)
    assert ended(begun) == []
    reading = a_reading(blocks=(), gaps=(a_gap(99.0, 101.0, Direction.LONG),))
    (zone,) = zones(a_log(begun), reading, first_ms=0)
    assert zone.kind is ZoneKind.FAIR_VALUE_GAP


def test_a_living_zone_is_not_drawn_as_ended_as_well():
    block = a_block(98.0, 100.0, Direction.LONG)
    at = block.zone.at_ms
    log = a_log(
        (FactKind.BLOCK, 0, 0, at, at + 1, 98.0, 100.0),
        (FactKind.BLOCK_ENDED, 0, 0, at, at + 2, 98.0, 100.0),
    )
    (zone,) = zones(log, a_reading(blocks=(block,), gaps=()), first_ms=0)
    assert zone.end_ms is None
