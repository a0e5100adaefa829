"""Crosses of two averages: the same however bars come, mirrored in a mirrored market, and quick."""

import time
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
import talib
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.candles import Candles
from snipersight.domain.decision import Approved
from snipersight.domain.direction import Direction
from snipersight.domain.errors import ConfigInvalid, InvalidPlan
from snipersight.domain.plan import TradePlan
from snipersight.domain.ports import PlanSource
from snipersight.domain.timeframe import DAY_MS
from snipersight.domain.units import Symbol
from snipersight.planner.comparison import CrossPlanSource
from snipersight.planner.comparison.cross_source import crosses, moving_average
from snipersight.risk.compliance.plan_completeness import plan_problems
from tests.builders import an_instrument, walk
from tests.builders.candles import mirrored_candles, scaled_candles
from tests.builders.instruments import NO_FEES
from tests.fakes.scanning import FINE, NOON_MS, a_lively_profile, canonical
from tests.unit.planner.comparison.markets import (
    PROFILE,
    a_feed,
    an_instrument_of_it,
    bar_by_bar,
    frames,
    in_portions,
    judged,
    plans_of,
    whole,
)

BRACKET = ((1.5, Decimal("0.5")), (3.0, Decimal("0.5")))
FREE = a_lively_profile(planner={"min_rr": 0.01, "slippage_fraction": 0})


def a_cross(**changes: object) -> CrossPlanSource:
    values = {"fast": 10, "slow": 50, "stop_atr": 2.0, "targets": BRACKET} | changes
    return CrossPlanSource(PROFILE, **values)  # type: ignore[arg-type]  # arguments by name


def test_it_is_a_source_of_plans():
    source: PlanSource = a_cross()
    assert source.name == "cross"
    assert source.history == {FINE: 290 * FINE.duration_ms}  # 250 and the regime's 40 bars
    assert a_cross(slow=400).history == {FINE: 401 * FINE.duration_ms}


def test_a_cross_up_is_the_close_that_ends_above_and_was_not_before():
    close = np.array([5.0, 5, 5, 5, 4, 3, 4, 6, 6, 6, 2, 2])
    # Averages of 1 and 3: below from the 5th, above at the 8th, equal at the 10th, then below.
    assert crosses(close, 1, 3).tolist() == [0, 0, 0, 0, -1, 0, 1, 0, 0, 0, -1, 0]


def test_a_touch_from_above_is_no_cross_up():
    close = np.array([1.0, 1, 1, 4, 4, 4, 4, 5])
    # Above, above, above, equal, equal, above again: leaving an equal average counts.
    assert crosses(close, 1, 3).tolist() == [0, 0, 0, 1, 0, 0, 0, 1]


def test_fewer_bars_than_the_slow_average_cross_nothing():
    assert crosses(np.array([1.0, 9.0]), 1, 3).tolist() == [0, 0]
    assert crosses(np.array([]), 1, 3).tolist() == []


@given(bars=st.integers(2, 60), seed=st.integers(0, 99))
def test_the_averages_are_ta_lib_s(bars, seed):
    close = walk(120, seed=seed).close
    assert moving_average(close, bars) == pytest.approx(talib.SMA(close, bars)[bars - 1 :])


@given(cut=st.integers(51, 300), seed=st.integers(0, 20))
def test_a_cross_is_the_same_wherever_history_begins_and_ends(cut, seed):
    # Thirds are no binary fractions, so a running sum would differ in its last digits.
    close = walk(400, seed=seed).close / 3
    every = crosses(close, 10, 50)
    assert crosses(close[:cut], 10, 50).tolist() == every[:cut].tolist()
    assert crosses(close[cut - 51 :], 10, 50)[50:].tolist() == every[cut - 1 :].tolist()


def test_one_bar_at_a_time_decides_what_one_batch_decides():
    assert len(whole(a_cross())) > 50
    assert canonical(bar_by_bar(a_cross())) == canonical(whole(a_cross()))


def test_only_the_new_bars_need_to_be_passed():
    assert canonical(in_portions(a_cross())) == canonical(whole(a_cross()))


def test_a_decision_is_the_same_whatever_follows():
    middle = NOON_MS - 5 * DAY_MS
    cut = {FINE: frames()[FINE].known_at(middle)}
    early = a_feed(a_cross()).advance(cut, until_ms=NOON_MS)
    assert canonical(early) == canonical(whole(a_cross())[: len(early)])
    assert 0 < len(early) < len(whole(a_cross()))


def test_a_feed_is_asked_for_no_bar_that_closes_later():
    middle = NOON_MS - 5 * DAY_MS
    early = a_feed(a_cross()).advance(frames(), until_ms=middle)
    assert max(one.at_ms for one in early) <= middle


def test_the_history_s_first_bar_does_not_matter_behind_the_warm_up():
    start = NOON_MS - 3 * DAY_MS
    later = {FINE: frames()[FINE].between(start - a_cross().history[FINE], NOON_MS)}
    decided = a_feed(a_cross()).advance(later, until_ms=NOON_MS)
    same = [one for one in whole(a_cross()) if one.at_ms >= start]
    assert len(decided) > 5
    assert canonical(decided) == canonical(same)


def test_a_plan_enters_at_the_close_with_fixed_brackets():
    tick = Decimal("0.01")
    for plan in plans_of(whole(a_cross())):
        side = plan.direction.sign
        assert plan.entry_near == plan.entry_mid == plan.entry_far
        assert 0 <= (plan.entry_near - plan.last_price) * side < tick
        stop = (plan.entry_near - plan.stop_loss.price) * side
        assert abs(stop - 2 * plan.atr) <= 2 * tick
        for target, (distance, fraction) in zip(plan.targets, BRACKET, strict=True):
            gain = (target.price - plan.entry_near) * side
            assert abs(gain - Decimal(distance) * 2 * plan.atr) <= 2 * tick
            assert target.fraction == fraction


def test_both_sides_are_traded_in_turn():
    sides = [one.direction for one in whole(a_cross())]
    assert set(sides) == set(Direction)
    # An average that only touches may bring the same side twice.
    turns = sum(a is not b for a, b in pairwise(sides))
    assert turns > 0.9 * (len(sides) - 1)


def test_every_cross_is_told_once():
    ids = [one.setup_id for one in whole(a_cross())]
    assert len(set(ids)) == len(ids)
    assert not set(ids) & {one.setup_id for one in whole(a_cross(stop_atr=3.0))}


def free_source() -> CrossPlanSource:
    return CrossPlanSource(FREE, fast=10, slow=50, stop_atr=2.0, targets=BRACKET)


def plans_on(candles: Candles, *, tick: str) -> list[TradePlan]:
    market = replace(an_instrument_of_it(), tick=Decimal(tick), fees=NO_FEES)
    feed = free_source().open(market, None)
    return plans_of(feed.advance({FINE: candles}, until_ms=2**62))


def prices(plan: TradePlan) -> list[Decimal]:
    exits = [one.price for one in plan.targets]
    return [plan.entry_near, plan.stop_loss.price, *exits, plan.last_price]


def a_walk(seed: int) -> Candles:
    candles = walk(2000, seed=seed, start=2048.0)
    return replace(candles, timeframe=FINE, open_time=candles.open_time // 3)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_mirrored_market_makes_mirrored_plans(seed):
    here = plans_on(a_walk(seed), tick="0.0625")
    there = plans_on(mirrored_candles(a_walk(seed), about=4096.0), tick="0.0625")
    assert len(here) == len(there) > 10
    for one, other in zip(here, there, strict=True):
        assert other.direction is one.direction.opposite
        assert prices(other) == [4096 - price for price in prices(one)]
        assert other.risk_reward == one.risk_reward
        assert other.regime is one.regime


def test_the_scaled_market_makes_scaled_plans():
    here = plans_on(a_walk(1), tick="0.0625")
    there = plans_on(scaled_candles(a_walk(1), by=0.25), tick="0.015625")
    assert len(here) == len(there) > 10
    for one, other in zip(here, there, strict=True):
        assert prices(other) == [price / 4 for price in prices(one)]
        assert other.risk_reward == one.risk_reward


def test_every_plan_is_whole_and_approved_by_the_gate():
    plans = plans_of(whole(a_cross()))
    assert [plan_problems(plan) for plan in plans] == [()] * len(plans)
    assert all(isinstance(judged(plan, an_instrument_of_it()), Approved) for plan in plans)


def test_a_market_without_shorts_declines_them():
    found = whole(a_cross(), Symbol("SOL/USDT"))
    for one in found:
        is_short = one.direction is Direction.SHORT
        assert (str(one.reason) == "declined:no_short") is is_short
    assert plans_of(found)


def test_a_market_without_known_fees_declines_every_plan():
    unknown = replace(an_instrument_of_it(), fees=None)
    found = a_cross().open(unknown, None).advance(frames(), until_ms=NOON_MS)
    assert {str(one.reason) for one in found} == {"declined:unknown_instrument"}


@pytest.mark.parametrize(("fast", "slow"), [(0, 5), (5, 5), (6, 5)])
def test_averages_that_cannot_cross_are_refused(fast, slow):
    with pytest.raises(ConfigInvalid, match="make no cross"):
        a_cross(fast=fast, slow=slow)


def test_a_bracket_that_no_plan_can_have_is_refused():
    with pytest.raises(InvalidPlan, match="within the zone"):
        a_cross(stop_atr=0.0)
    with pytest.raises(InvalidPlan, match="in order"):
        a_cross(targets=((2.0, Decimal("0.5")), (1.0, Decimal("0.5"))))


def test_a_feed_says_what_it_waits_for():
    feed = a_feed(a_cross())
    assert feed.outlook() == "too little history: 290 bars of 5m must close"
    feed.advance(frames(), until_ms=int(frames()[FINE].close_time[289]))
    assert feed.regime is not None
    assert feed.shifts() == {}
    assert feed.outlook() == "no cross of the averages of 10 and 50 closes on 5m"


def test_no_regime_is_known_before_the_first_whole_window():
    feed = a_feed(a_cross())
    feed.advance(frames(), until_ms=int(frames()[FINE].close_time[288]))
    assert feed.regime is None


def test_a_feed_is_warm_once_a_decision_has_all_its_bars():
    feed, warm = a_feed(a_cross()), []
    for closed_at_ms in frames()[FINE].close_time[287:291].tolist():
        feed.advance(frames(), until_ms=closed_at_ms)
        warm.append(feed.is_warm)
    assert warm == [False, False, True, True]


def test_a_newest_close_that_crosses_has_the_regime_of_its_plan():
    last = plans_of(whole(a_cross()))[-1]
    feed = a_feed(a_cross())
    feed.advance(frames(), until_ms=int(last.created_at.timestamp() * 1000))
    assert feed.regime is last.regime


def test_a_million_bars_are_looked_through_at_once():
    close = walk(1_000, seed=5, start=1e6).close
    many = np.tile(close, 1_000)
    begun = time.process_time()
    found = crosses(many, 10, 50)
    assert time.process_time() - begun < 1.0  # takes 0.03 s; a step of Python a bar would take more
    assert np.count_nonzero(found) > 10_000


def test_plans_are_made_by_the_thousand():
    candles = walk(60_000, seed=5, start=1e6)
    feed = free_source().open(an_instrument("BTC/USDT:USDT", maker="0", taker="0"), None)
    bars = {FINE: replace(candles, timeframe=FINE, open_time=candles.open_time // 3)}
    begun = time.process_time()
    plans = plans_of(feed.advance(bars, until_ms=2**62))
    spent = time.process_time() - begun
    assert len(plans) > 1_000
    assert len(plans) / spent > 2_500  # 20,000 a second on a machine that does nothing else
