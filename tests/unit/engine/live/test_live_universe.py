"""Which markets a live scan looks at: the largest anew every hour, ours of them, new ones later."""

from __future__ import annotations

from dataclasses import replace

import pytest

from snipersight.domain.errors import VenueUnavailable
from snipersight.domain.hooks import HookEvent
from snipersight.domain.timeframe import DAY_MS, HOUR_MS
from snipersight.domain.units import Symbol
from tests.fakes.candle_table import CandleTable, with_prices
from tests.fakes.live_scanning import BAR_MS, BTC, ETH, SOL, Watch, changed, markets
from tests.fakes.scanning import NOON_MS, a_lively_profile

TEN_MS = NOON_MS - 2 * HOUR_MS


def busier(symbol: Symbol) -> CandleTable:
    """Return the markets as if one of them were traded a thousand times as much."""
    bars = markets().base[symbol]
    return changed(markets(), symbol, with_prices(bars, volume=bars.volume * 1000))


def universe(watch: Watch, as_of_ms: int, *, is_final: bool = True) -> tuple[Symbol, ...]:
    return watch.look(as_of_ms, is_final=is_final).report.universe


def test_the_largest_markets_are_chosen_anew_at_the_first_close_of_an_hour():
    watch = Watch(busier(SOL), symbols="top1")
    assert universe(watch, TEN_MS) == (SOL,)
    watch.source = busier(ETH)
    assert universe(watch, TEN_MS + HOUR_MS - BAR_MS) == (SOL,)
    assert watch.agrees(TEN_MS + HOUR_MS)
    assert universe(watch, TEN_MS + HOUR_MS) == (ETH,)


def test_volumes_that_cannot_be_had_leave_the_largest_as_they_were():
    class Silent(CandleTable):
        async def quote_volumes(self, symbols, *, at_ms):
            raise VenueUnavailable("no tickers")

    watch = Watch(busier(SOL), symbols="top1")
    watch.look(TEN_MS)
    table = markets()
    watch.source = Silent(base=table.base, listed=table.listed)
    assert universe(watch, TEN_MS + HOUR_MS) == (SOL,)
    assert {"of": "volumes", "what": "no tickers"} in watch.events.named("observation_missing")
    with pytest.raises(VenueUnavailable):
        Watch(watch.source, symbols="top1").look(TEN_MS)


def test_a_ranked_market_that_is_delisted_within_the_hour_is_left_out():
    watch = Watch(markets(), symbols="top3")
    watch.look(TEN_MS)
    left = {symbol: rules for symbol, rules in markets().listed.items() if symbol != SOL}
    watch.source = replace(markets(), listed=left)
    report = watch.look(TEN_MS + BAR_MS).report
    assert SOL not in report.universe
    assert (SOL, "no longer listed") in report.dropped


def test_only_what_is_ours_is_looked_at():
    watch = Watch(markets(), mine=lambda symbols: [one for one in symbols if one != ETH])
    assert universe(watch, NOON_MS) == (BTC, SOL)


def test_each_part_of_a_scan_is_a_look_of_its_own():
    def look(*ours: Symbol) -> str:
        watch = Watch(markets(), mine=lambda symbols: [one for one in symbols if one in ours])
        return watch.look(NOON_MS).report.context_id

    whole, first, second = look(BTC, ETH, SOL), look(BTC), look(ETH, SOL)
    assert len({whole, first, second}) == 3
    assert first.startswith(f"{whole}_")
    assert look(BTC) == first


def test_a_new_market_keeps_no_other_waiting_and_is_opened_at_the_last_look():
    ours = [BTC, ETH]
    watch = Watch(markets(), mine=lambda symbols: [one for one in symbols if one in ours])
    watch.look(NOON_MS - BAR_MS)
    ours.append(SOL)
    scanned = watch.look(NOON_MS, is_final=False)
    assert scanned.late == (SOL,)
    (refusal,) = [one for one in scanned.report.refusals if one.symbol == SOL]
    assert "its history is still to be read" in refusal.detail
    assert watch.agrees(NOON_MS)


def test_all_markets_are_opened_at_the_first_look():
    scanned = Watch(markets()).look(NOON_MS, is_final=False)
    assert scanned.late == ()
    assert not any("history" in one.detail for one in scanned.report.refusals)


def test_a_market_that_left_is_kept_as_long_as_its_plans_may_wait():
    ours = [BTC, ETH, SOL]
    watch = Watch(
        markets(),
        a_lively_profile(setup={"valid_bars": 48}),
        mine=lambda symbols: [one for one in symbols if one in ours],
    )
    begin_ms = NOON_MS - DAY_MS // 2
    watch.look(begin_ms)
    ours.remove(SOL)
    watch.look(begin_ms + BAR_MS)
    watch.look(begin_ms + 48 * BAR_MS)
    assert SOL in watch.live._reading._markets
    watch.look(begin_ms + 49 * BAR_MS)
    assert SOL not in watch.live._reading._markets
    ours.append(SOL)
    assert watch.agrees(NOON_MS)


def test_a_market_that_comes_back_soon_reads_what_it_missed():
    ours = [BTC, ETH, SOL]
    watch = Watch(markets(), mine=lambda symbols: [one for one in symbols if one in ours])
    watch.look(NOON_MS - 2 * HOUR_MS)
    ours.remove(SOL)
    watch.look(NOON_MS - HOUR_MS)
    ours.append(SOL)
    watch.asked.bars = 0
    assert watch.agrees(NOON_MS)
    assert watch.asked.bars < 300


class Told:
    """Remembers what plug-ins are told."""

    def __init__(self) -> None:
        self.events: list[HookEvent] = []

    def wants(self, _name: str) -> bool:
        return True

    def tell(self, event: HookEvent) -> None:
        self.events.append(event)


def test_plug_ins_are_told_of_every_stage_and_every_plan():
    told = Told()
    report = Watch(markets(), hooks=told).look(NOON_MS).report
    stages = [(one.name, one.stage) for one in told.events if one.stage]
    names = ("universe", "leader", "reading", "following", "observing", "judging")
    assert stages == [(when, name) for name in names for when in ("before_stage", "after_stage")]
    found = [one.name for one in told.events if not one.stage]
    refused = [one for one in report.refusals if one.direction is not None]
    assert found.count("plan_approved") == len(report.plans)
    assert found.count("plan_refused") == len(refused) > 0
    assert found[-1] == "scan_finished"
    assert {(one.at_ms, one.context_id) for one in told.events} == {(NOON_MS, report.context_id)}
