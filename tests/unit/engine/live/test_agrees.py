"""Looking close after close says what a scan as of each close says, byte for byte."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snipersight.domain.candles import Candles
from snipersight.domain.timeframe import DAY_MS, HOUR_MS
from tests.fakes.candle_table import CandleTable
from tests.fakes.live_scanning import BAR_MS, BTC, ETH, SOL, Watch, changed, markets, without
from tests.fakes.scanning import NOON_MS, a_lively_profile, decision_closes

pytestmark = pytest.mark.slow

BEGIN_MS = NOON_MS - 36 * HOUR_MS
NEW_YEAR_MS = 1_704_067_200_000  # 2024-01-01, a Monday: day, week, month and year begin
CLOCK_CHANGE_MS = 1_711_846_800_000  # 2024-03-31 01:00 UTC: Europe's clocks jump, a month ends


def holey(table: CandleTable, seed: int) -> CandleTable:
    """Return markets that were not always traded."""
    chance = random.Random(seed)
    for symbol, candles in table.base.items():
        table = changed(table, symbol, without(candles, _silent(candles, chance)))
    return table


def _silent(candles: Candles, chance: random.Random) -> list[int]:
    first = [chance.randrange(len(candles) - 300) for _ in range(chance.randrange(6))]
    lengths = [chance.choice([1, 1, 2, 5, 40, 290]) for _ in first]
    times = candles.open_time.tolist()
    return [
        time
        for row, length in zip(first, lengths, strict=True)
        for time in times[row : row + length]
    ]


@pytest.mark.parametrize("leader", ["off", "not_against"])
def test_four_hours_of_closes_agree(leader):
    watch = Watch(markets(), a_lively_profile(gates={"leader_alignment": leader}))
    for close in range(NOON_MS - 4 * HOUR_MS, NOON_MS, BAR_MS):
        watch.look(close)
        assert close % HOUR_MS or watch.agrees(close)
    assert watch.agrees(NOON_MS)
    assert decision_closes(watch.scanned(NOON_MS))


@settings(max_examples=8)
@given(
    st.integers(0, 999),
    st.sampled_from([48, 288]),
    st.lists(
        st.tuples(
            st.sampled_from([1, 1, 1, 2, 3, 13, 60]),
            st.sampled_from([0, 0, 61_000]),
            st.lists(st.integers(0, 3), min_size=3, max_size=3),
            st.integers(0, 9).map(lambda number: number == 0),
        ),
        min_size=4,
        max_size=12,
    ),
)
def test_skipped_closes_silent_markets_late_bars_and_restarts_change_nothing(
    seed, valid_bars, steps
):
    whole = holey(markets(), seed)
    profile = a_lively_profile(
        setup={"valid_bars": valid_bars}, gates={"leader_alignment": "not_against"}
    )
    shown = dict.fromkeys(whole.base, 0)
    at_ms, watch = BEGIN_MS, None
    for bars, beyond_ms, late, restarts in steps:
        at_ms += bars * BAR_MS
        table = whole.cut(at_ms + beyond_ms)
        for symbol, count in zip(whole.base, late, strict=True):
            shown[symbol] = max(shown[symbol], at_ms - count * BAR_MS)
            table = changed(table, symbol, table.base[symbol].known_at(shown[symbol]))
        if watch is None or restarts:
            watch = Watch(table, profile)
        watch.source = table
        assert watch.agrees(at_ms + beyond_ms)


@pytest.mark.parametrize("turn_ms", [NEW_YEAR_MS, CLOCK_CHANGE_MS])
def test_days_weeks_months_and_clock_changes_are_passed_as_a_scan_passes_them(turn_ms):
    lively = a_lively_profile().model_dump()["roles"]
    roles = {name: rules | {"calendar": ("day", "week", "month")} for name, rules in lively.items()}
    end_ms = turn_ms + HOUR_MS
    watch = Watch(markets(BTC, SOL, end_ms=end_ms, days=80), a_lively_profile(roles=roles))
    watch.look(turn_ms - HOUR_MS)
    assert all(watch.agrees(turn_ms + bars * BAR_MS) for bars in (-1, 0, 1, 12))


def test_a_close_costs_its_new_bars_and_not_the_history():
    watch = Watch(markets())
    watch.look(NOON_MS - HOUR_MS)
    history, watch.asked.bars = watch.asked.bars, 0
    for close in range(NOON_MS - HOUR_MS + BAR_MS, NOON_MS, BAR_MS):
        watch.look(close)
    read = watch.asked.bars
    assert history > 4000
    assert 3 * 11 < read < 3 * 11 * 8


def test_what_is_kept_does_not_grow_with_the_closes_that_were_looked_at():
    watch = Watch(markets(BTC, ETH, days=13))
    sizes = []
    for close in range(NOON_MS - 3 * DAY_MS // 2, NOON_MS + 1, HOUR_MS):
        watch.look(close)
        kept = watch.live._reading._markets
        sizes.append(
            (
                [len(window) for market in kept.values() for window in market.windows.values()],
                len(watch.live._leader._timeline._known_at_ms),
                max(len(market.decided) for market in kept.values()) < 20,
            )
        )
    # A scan's own reach differs by a bar within an hour.
    assert {str(size) for size in sizes[1:]} == {str(sizes[1])}
