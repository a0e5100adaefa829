"""Bars that are told otherwise later, holes, delisted markets, and clocks that jump."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from snipersight.domain.candles import Candles
from snipersight.domain.errors import UnknownSymbol
from snipersight.domain.timeframe import DAY_MS, HOUR_MS
from tests.builders import an_instrument
from tests.fakes.candle_table import CandleTable
from tests.fakes.live_scanning import (
    BAR_MS,
    BTC,
    ETH,
    SOL,
    Watch,
    changed,
    markets,
    revised,
    without,
)
from tests.fakes.scanning import NOON_MS, decision_closes

EARLIER_MS = NOON_MS - 5 * HOUR_MS // 2  # no close of an hour


def with_bars(bars: Callable[[Candles], Candles]) -> CandleTable:
    """Return the markets with other bars of one of them, as known now."""
    return changed(markets(), ETH, bars(markets().base[ETH]))


def test_a_revised_bar_is_told_of_and_the_market_is_read_anew():
    watch = Watch(markets().cut(EARLIER_MS))
    watch.look(EARLIER_MS)
    watch.source = with_bars(lambda bars: revised(bars, EARLIER_MS - BAR_MS))
    assert watch.agrees(EARLIER_MS + BAR_MS)
    assert watch.trouble("revised") == [ETH]
    assert watch.agrees(NOON_MS)
    assert watch.trouble("revised") == [ETH]


def test_a_revised_bar_of_the_leading_market_changes_what_others_decided():
    watch = Watch(markets().cut(NOON_MS - HOUR_MS))
    watch.look(NOON_MS - HOUR_MS)
    bars = markets().base[BTC]
    for opened in range(NOON_MS - 2 * HOUR_MS, NOON_MS - HOUR_MS, BAR_MS):
        bars = revised(bars, opened)
    watch.source = changed(markets(), BTC, bars)
    assert watch.agrees(NOON_MS)
    assert BTC in watch.trouble("revised")


@pytest.mark.parametrize("count", [1, 3])
def test_a_hole_is_what_it_is_for_a_scan_and_heals_once_it_is_filled(count):
    gone = [EARLIER_MS - (number + 4) * BAR_MS for number in range(count)]
    watch = Watch(with_bars(lambda bars: without(bars, gone)))
    watch.look(EARLIER_MS - DAY_MS // 2)
    assert watch.agrees(EARLIER_MS)
    watch.source = markets()
    assert watch.agrees(EARLIER_MS + BAR_MS)
    assert watch.trouble("revised") == [ETH]


def test_a_hole_of_long_ago_heals_within_an_hour():
    gone = [EARLIER_MS - (number + 30) * BAR_MS for number in range(9)]
    watch = Watch(with_bars(lambda bars: without(bars, gone)))
    assert watch.agrees(EARLIER_MS)
    watch.source = markets()
    for close in range(EARLIER_MS + BAR_MS, EARLIER_MS + HOUR_MS, BAR_MS):
        watch.look(close)
    assert watch.agrees(EARLIER_MS + HOUR_MS)
    assert watch.trouble("revised") == [ETH]


def test_a_market_with_a_hole_where_its_warm_up_begins_is_read_as_a_scan_reads_it():
    watch = Watch(markets())
    watch.look(NOON_MS - DAY_MS)
    held = watch.live._reading._markets[ETH]
    first = held.windows[held.trigger].first_ms
    gone = [first + number * BAR_MS for number in range(72, 240)]
    watch = Watch(with_bars(lambda bars: without(bars, gone)))
    for close in range(NOON_MS - DAY_MS, NOON_MS + 1, 2 * HOUR_MS):
        assert watch.agrees(close)


def test_the_clock_never_runs_backwards():
    watch = Watch(markets())
    watch.look(NOON_MS)
    with pytest.raises(ValueError, match="lies before"):
        watch.look(NOON_MS - BAR_MS)
    assert watch.agrees(NOON_MS)


def test_a_clock_that_jumps_ahead_leaves_bars_to_be_read():
    watch = Watch(markets())
    watch.look(NOON_MS - DAY_MS)
    assert watch.agrees(NOON_MS)


def test_a_delisted_market_ends_and_the_others_go_on():
    watch = Watch(markets())
    watch.look(EARLIER_MS)
    left = {symbol: rules for symbol, rules in markets().listed.items() if symbol != SOL}
    watch.source = replace(markets(), listed=left)
    assert watch.agrees(NOON_MS)
    assert SOL not in watch.look(NOON_MS).report.universe


def test_a_market_without_candles_any_more_has_no_data_and_none_of_its_plans_is_followed():
    watch = Watch(markets())
    (*_, close) = decision_closes(watch.scanned(NOON_MS - BAR_MS))
    watch.look(close)
    watch.source = replace(markets(), faults={ETH: UnknownSymbol("delisted", where=ETH)})
    report = watch.look(close + BAR_MS).report
    assert [str(one.reason) for one in report.refusals if one.symbol == ETH] == ["no_data"]
    assert ETH not in {one.plan.symbol for one in report.plans}
    assert watch.agrees(NOON_MS)


def test_changed_rules_of_a_market_change_its_plans():
    watch = Watch(markets())
    watch.look(EARLIER_MS)
    coarser = {**markets().listed, ETH: an_instrument(ETH, tick="5", lot="0.1")}
    watch.source = replace(markets(), listed=coarser)
    assert watch.agrees(EARLIER_MS + BAR_MS)
    assert watch.agrees(NOON_MS)
