"""A bar that comes late is decided when it comes, at the close it belongs to."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from snipersight.domain.errors import VenueUnavailable
from snipersight.domain.timeframe import HOUR_MS, Timeframe
from snipersight.domain.units import Symbol
from snipersight.engine.report import ScanReport
from tests.fakes.candle_table import CandleTable
from tests.fakes.live_scanning import BAR_MS, BTC, ETH, SOL, Watch, changed, markets
from tests.fakes.scanning import NOON_MS, a_lively_profile, decision_closes, report_bytes

ZONE, BIAS = Timeframe.parse("15m"), Timeframe.parse("1h")
LED = a_lively_profile(gates={"leader_alignment": "not_against"})


def decided_at(report: ScanReport, symbol: Symbol, close_ms: int) -> bool:
    plans = {(one.plan.symbol, int(one.plan.created_at.timestamp() * 1000)) for one in report.plans}
    refused = {(one.symbol, one.at_ms) for one in report.refusals if one.direction is not None}
    return (symbol, close_ms) in plans | refused


@cache
def a_decision(step_ms: int) -> tuple[Symbol, int]:
    """Return a market other than the leading one, and a close at which it decided."""
    report = Watch(markets()).scanned(NOON_MS)
    for close in decision_closes(report):
        for symbol in (ETH, SOL):
            if close % step_ms == 0 and decided_at(report, symbol, close):
                return symbol, close
    raise AssertionError("nothing was decided at such a close")


def before(close_ms: int, profile=None) -> Watch:
    """Return a watch that has looked at the closes of the hour before one."""
    watch = Watch(markets(), profile)
    for close in range(close_ms - HOUR_MS, close_ms, BAR_MS):
        watch.source = markets().cut(close)
        watch.look(close)
    return watch


def without_newest(table: CandleTable, symbol: Symbol, timeframe: Timeframe) -> CandleTable:
    """Return the table without the newest bar that one market has in one timeframe."""
    close_ms = table.now or 0
    own = table.coarse(symbol, timeframe, end_ms=close_ms).known_at(close_ms - BAR_MS)
    return replace(table, own={**table.own, (symbol, timeframe): own})


def test_a_late_trigger_bar_is_decided_when_it_comes():
    symbol, close = a_decision(BAR_MS)
    watch, whole = before(close), markets().cut(close)
    watch.source = changed(whole, symbol, whole.base[symbol].known_at(close - BAR_MS))
    scanned = watch.look(close)
    assert scanned.late == (symbol,)
    assert not decided_at(scanned.report, symbol, close)
    assert report_bytes(scanned.report) == report_bytes(watch.scanned(close))
    watch.source = whole
    scanned = watch.look(close)
    assert scanned.late == ()
    assert decided_at(scanned.report, symbol, close)
    assert report_bytes(scanned.report) == report_bytes(watch.scanned(close))


@pytest.mark.parametrize("timeframe", [ZONE, BIAS])
def test_nothing_is_decided_while_a_bar_that_it_rests_on_is_late(timeframe):
    symbol, close = a_decision(timeframe.duration_ms)
    watch, whole = before(close), markets().cut(close)
    watch.source = without_newest(whole, symbol, timeframe)
    scanned = watch.look(close, is_final=False)
    assert scanned.late == (symbol,)
    assert not decided_at(scanned.report, symbol, close)
    watch.source = whole
    scanned = watch.look(close, is_final=False)
    assert scanned.late == ()
    assert decided_at(scanned.report, symbol, close)
    assert report_bytes(scanned.report) == report_bytes(watch.scanned(close))


@pytest.mark.parametrize("timeframe", [ZONE, BIAS])
def test_what_was_decided_without_a_bar_is_decided_anew_when_it_comes(timeframe):
    symbol, close = a_decision(timeframe.duration_ms)
    watch, whole = before(close), markets().cut(close)
    watch.source = without_newest(whole, symbol, timeframe)
    assert watch.agrees(close)
    watch.source = markets().cut(close + BAR_MS)
    assert watch.agrees(close + BAR_MS)


def test_a_bar_that_was_never_published_is_late_at_its_own_close_only():
    symbol, close = a_decision(BIAS.duration_ms)
    watch = before(close)
    watch.source = without_newest(markets().cut(close), symbol, BIAS)
    assert watch.look(close).late == (symbol,)
    hourly = watch.source.own
    watch.source = replace(markets().cut(close + BAR_MS), own=hourly)
    assert watch.look(close + BAR_MS).late == ()


def test_nothing_is_decided_while_the_leading_market_is_late():
    symbol, close = a_decision(BIAS.duration_ms)
    watch, whole = before(close, LED), markets().cut(close)
    watch.source = without_newest(whole, BTC, BIAS)
    scanned = watch.look(close, is_final=False)
    assert set(scanned.late) == {BTC, ETH, SOL}
    assert not decided_at(scanned.report, symbol, close)
    assert watch.agrees(close)
    watch.source = markets().cut(close + BAR_MS)
    assert watch.agrees(close + BAR_MS)


def test_a_leading_market_that_cannot_be_read_is_unknown_until_it_can():
    symbol, close = a_decision(BIAS.duration_ms)
    watch = before(close, LED)
    watch.source = markets().cut(close)
    watch.asked.unread = {BTC: VenueUnavailable("no answer")}
    report = watch.look(close).report
    assert any("BTC's state is unknown" in warning for warning in report.warnings)
    (refusal,) = [one for one in report.refusals if one.symbol == symbol and one.at_ms == close]
    assert str(refusal.reason) == "gated:leader_unknown"
    watch.asked.unread = {}
    assert watch.agrees(close)


def test_a_market_that_the_venue_does_not_answer_for_is_asked_for_again_and_stops_no_other():
    symbol, close = a_decision(BAR_MS)
    watch = before(close)
    watch.source = markets().cut(close)
    watch.asked.unread = {symbol: VenueUnavailable("no answer")}
    scanned = watch.look(close)
    assert scanned.late == (symbol,)
    (refusal,) = [one for one in scanned.report.refusals if one.symbol == symbol]
    assert str(refusal.reason) == "no_data"
    assert len(scanned.report.refusals) >= 3
    watch.asked.unread, watch.asked.bars = {}, 0
    assert watch.agrees(close)
    assert watch.asked.bars < 200  # its history was not read again


def test_a_venue_that_is_down_for_an_hour_costs_the_bars_of_that_hour():
    watch = before(NOON_MS - HOUR_MS)
    watch.source = markets()
    watch.asked.unread = dict.fromkeys((BTC, ETH, SOL), VenueUnavailable("no answer"))
    for close in (NOON_MS - HOUR_MS, NOON_MS - BAR_MS):
        with pytest.raises(VenueUnavailable, match="none of 3 symbols"):
            watch.look(close)
    watch.asked.unread, watch.asked.bars = {}, 0
    watch.look(NOON_MS)
    assert watch.asked.bars < 300
    assert watch.agrees(NOON_MS)
