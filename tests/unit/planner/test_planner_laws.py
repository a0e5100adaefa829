"""Mirrored and scaled markets make mirrored and scaled plans, and decline for the same reason."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from snipersight.domain.plan import TradePlan
from snipersight.planner import Declined, plan_setup
from tests.builders import (
    a_confluence,
    a_context,
    a_profile,
    a_reading,
    a_setup,
    an_instrument,
    mirrored,
    scaled,
)
from tests.builders.strategies import ABOUT, contexts

# Zero costs and dyadic prices: the laws hold to the last digit.
PROFILE = a_profile(
    planner={
        "slippage_fraction": 0,
        "stop_buffer_atr": 0.125,
        "min_rr": 0.5,
        "min_target_r": 0.5,
        "max_stop_atr": 50.0,
    }
)
ticks = st.sampled_from(("0.015625", "0.0625", "0.25", "1"))
FRAMES = (("trigger", "15m"), ("zone", "1h"), ("bias", "4h"))
AIMLESS: dict[str, Any] = {
    name: a_reading(timeframe, pools=(), swing_low=None, swing_high=None)
    for name, timeframe in FRAMES
}
# One of each outcome that every law is asked of, whatever else is drawn.
CASES = {
    "plan": (a_context(), "0.25"),
    "tick_too_coarse": (a_context(), "4"),
    "price_in_zone": (a_context(setup=a_setup(close=100.0)), "0.25"),
    "no_target": (a_context(**AIMLESS), "0.25"),
}


def asked_of_each_outcome(**more: Any) -> Callable[[Any], Any]:
    """Ask a law of each case, too, and of its mirror image."""

    def add(law: Any) -> Any:
        for context, tick in CASES.values():
            for side in (context, mirrored(context, about=ABOUT)):
                law = example(context=side, tick=tick, **more)(law)
        return law

    return add


def planned(context: Any, tick: Decimal, **instrument: Any) -> TradePlan | Declined:
    free = an_instrument("BTC/USDT:USDT", tick=str(tick), maker="0", taker="0", **instrument)
    return plan_setup(context, a_confluence(), instrument=free, profile=PROFILE, leader=None)


def prices(plan: TradePlan) -> list[Decimal]:
    entries = [plan.entry_near, plan.entry_mid, plan.entry_far, plan.last_price]
    return [*entries, plan.stop_loss.price, *(target.price for target in plan.targets)]


def ratios(plan: TradePlan) -> list[Any]:
    pairs = [(target.fraction, target.r_multiple) for target in plan.targets]
    return [plan.stop_loss.distance_atr, plan.risk_reward, pairs, plan.regime]


@asked_of_each_outcome()
@given(context=contexts(), tick=ticks)
def test_a_mirrored_market_makes_the_mirrored_plan(context, tick):
    here = planned(context, Decimal(tick))
    there = planned(mirrored(context, about=ABOUT), Decimal(tick))
    if isinstance(here, Declined) or isinstance(there, Declined):
        assert isinstance(here, Declined)
        assert isinstance(there, Declined)
        assert here.check.code == there.check.code
        return
    assert there.direction is here.direction.opposite
    assert prices(there) == [Decimal(ABOUT) - price for price in prices(here)]
    assert ratios(there) == ratios(here)
    assert there.atr == here.atr


@asked_of_each_outcome(power=-3)
@given(context=contexts(), tick=ticks, power=st.integers(-8, 8))
def test_a_scaled_market_makes_the_scaled_plan(context, tick, power):
    factor = Decimal(2) ** power
    here = planned(context, Decimal(tick))
    there = planned(scaled(context, by=float(factor)), Decimal(tick) * factor)
    if isinstance(here, Declined) or isinstance(there, Declined):
        assert isinstance(here, Declined)
        assert isinstance(there, Declined)
        assert here.check.code == there.check.code
        return
    assert prices(there) == [price * factor for price in prices(here)]
    assert ratios(there) == ratios(here)


@asked_of_each_outcome()
@given(context=contexts(), tick=ticks)
def test_every_plan_keeps_the_profiles_rules(context, tick):
    plan = planned(context, Decimal(tick))
    if isinstance(plan, Declined):
        return
    rules, side = PROFILE.planner, plan.direction
    assert plan.stop_loss.distance_atr <= rules.max_stop_atr
    assert rules.min_target_r <= plan.targets[0].r_multiple
    assert plan.targets[-1].r_multiple <= rules.max_target_r
    assert plan.risk_reward >= rules.min_rr
    assert side.is_losing(plan.entry_near, entry=plan.last_price)
    assert all(side.is_winning(t.price, entry=plan.last_price) for t in plan.targets)
    gaps = [
        b.r_multiple - a.r_multiple for a, b in zip(plan.targets, plan.targets[1:], strict=False)
    ]
    assert all(gap >= 0.5 for gap in gaps)


@pytest.mark.parametrize(("outcome", "case"), CASES.items())
def test_the_laws_are_asked_of_plans_and_of_refusals(outcome, case):
    context, tick = case
    found = planned(context, Decimal(tick))
    assert outcome == ("plan" if isinstance(found, TradePlan) else found.check.code)
