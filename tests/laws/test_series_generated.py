"""The four laws on random markets: outages, standstills, wild and quiet stretches."""

from hypothesis import given, settings
from hypothesis import strategies as st

from snipersight.domain.profile import SetupRules, SmcRules
from tests.builders.candles import Walk, smc_rules
from tests.laws.series_laws import (
    Asked,
    mirror_breaks,
    prefix_breaks,
    scale_breaks,
    start_breaks,
)

FEW = settings(max_examples=80, deadline=None)
MIRROR = 1024.0  # prices of a walk lie between 1 and 1023


@st.composite
def walks(draw, *, min_bars=250, max_bars=900, timeframe="15m"):
    """Return random candles."""
    return Walk(
        seed=draw(st.integers(0, 2**32 - 1)),
        bars=draw(st.integers(min_bars, max_bars)),
        timeframe=timeframe,
        missing=draw(st.sampled_from([0.0, 0.02, 0.2])),
        flat=draw(st.sampled_from([0.0, 0.05, 0.5])),
        wildness=draw(st.sampled_from([2.0, 12.0, 40.0])),
    ).candles()


@st.composite
def rules(draw, calendar=("day",)):
    """Return rules whose machines are renewed often."""
    burn_in = draw(st.integers(50, 90))
    internal = draw(st.integers(1, 3))
    return smc_rules(
        burn_in_bars=burn_in,
        epoch_bars=burn_in + draw(st.integers(0, 40)),
        internal_strength=internal,
        swing_strength=internal + draw(st.integers(1, 3)),
        zone_max_age_bars=draw(st.integers(5, 50)),
        level_max_age_bars=draw(st.integers(5, 50)),
        displacement_atr=draw(st.sampled_from([0.5, 1.5])),
        max_pierce_atr=draw(st.sampled_from([1.0, 4.0])),
        calendar=calendar,
    )


setups = st.builds(
    SetupRules, shift_strength=st.sampled_from(["internal", "swing"]), valid_bars=st.just(10)
)


@FEW
@given(candles=walks(), rules=rules(), setup=setups, data=st.data())
def test_later_bars_change_nothing_that_was_said(candles, rules, setup, data):
    cut = data.draw(st.integers(0, len(candles) - 1))
    asked = Asked(candles=candles, rules=rules, setup=setup)
    assert prefix_breaks(asked, cut, seed=cut) == []


@FEW
@given(candles=walks(min_bars=500), rules=rules(), setup=setups, data=st.data())
def test_earlier_bars_than_the_warm_up_change_nothing(candles, rules, setup, data):
    dropped = data.draw(st.integers(1, most_droppable(candles, rules)))
    asked = Asked(candles=candles, rules=rules, setup=setup)
    assert start_breaks(asked, dropped) == []


@FEW
@given(candles=walks(min_bars=900, max_bars=1500, timeframe="4h"), data=st.data())
def test_the_warm_up_covers_weeks_and_months(candles, data):
    found = data.draw(rules(calendar=("day", "week", "month")))
    dropped = data.draw(st.integers(1, most_droppable(candles, found)))
    assert start_breaks(Asked(candles=candles, rules=found), dropped) == []


@FEW
@given(candles=walks(), rules=rules(), setup=setups)
def test_mirrored_prices_give_mirrored_facts(candles, rules, setup):
    assert mirror_breaks(Asked(candles=candles, rules=rules, setup=setup), about=MIRROR) == []


@FEW
@given(candles=walks(), rules=rules(), setup=setups, power=st.integers(-40, 40))
def test_prices_times_a_power_of_two_change_no_decision(candles, rules, setup, power):
    assert scale_breaks(Asked(candles=candles, rules=rules, setup=setup), power=power) == []


def most_droppable(candles, rules: SmcRules) -> int:
    """Return how many leading bars may go so that a hundred still have the warm-up behind them."""
    latest_ms = int(candles.open_time[-100]) - rules.warm_up_ms(candles.timeframe)
    return max(1, int((candles.open_time <= latest_ms).sum()) - 1)
