"""What a market without a setup is waiting for, in a sentence that can be checked."""

import pytest

from snipersight.analysis.facts import PoolKind, Reading
from snipersight.domain.direction import Direction
from snipersight.domain.regime import Regime
from snipersight.planner.outlook import describe_outlook
from tests.builders import a_pool, a_profile, a_reading

ROLES = {"trigger": "15m", "zone": "1h", "bias": "4h"}


def readings(**overrides: Reading) -> dict[str, Reading]:
    return {role: a_reading(frame) for role, frame in ROLES.items()} | overrides


def test_it_names_trend_regime_and_the_nearest_liquidity():
    assert describe_outlook(readings(), a_profile()) == (
        "no sweep with a shift in the last 32 bars of 15m; 4h structure up, 1h regime trend; "
        "nearest liquidity above: EQH 108, below: EQL 90"
    )


@pytest.mark.parametrize(("trend", "word"), [(-1, "down"), (0, "undecided"), (1, "up")])
def test_the_trend_is_that_of_the_bias_timeframe(trend, word):
    text = describe_outlook(readings(bias=a_reading("4h", swing_trend=trend)), a_profile())
    assert f"4h structure {word}," in text


@pytest.mark.parametrize(("regime", "word"), [(Regime.VOLATILE, "volatile"), (None, "unknown")])
def test_the_regime_is_that_of_the_zone_timeframe(regime, word):
    text = describe_outlook(readings(zone=a_reading("1h", regime=regime)), a_profile())
    assert f"1h regime {word};" in text


def test_the_nearest_of_several_levels_is_named_by_its_kind():
    pools = (
        a_pool(120.0),
        a_pool(110.5, kind=PoolKind.WEEK),
        a_pool(80.0, Direction.SHORT),
        a_pool(95.25, Direction.SHORT, kind=PoolKind.DAY),
    )
    text = describe_outlook(readings(trigger=a_reading("15m", pools=pools)), a_profile())
    assert text.endswith("nearest liquidity above: PWH 110.5, below: PDL 95.25")


@pytest.mark.parametrize(
    ("pools", "words"),
    [
        ((a_pool(110.0),), "nearest liquidity above: EQH 110"),
        ((a_pool(90.0, Direction.SHORT),), "nearest liquidity below: EQL 90"),
        ((), "no liquidity level stands"),
    ],
)
def test_a_side_without_liquidity_is_left_out(pools, words):
    text = describe_outlook(readings(trigger=a_reading("15m", pools=pools)), a_profile())
    assert text.endswith(words)


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({}, "no role"),
        ({"trigger": a_reading("15m")}, "trigger"),
        ({"trigger": a_reading("15m"), "zone": a_reading("1h")}, "trigger, zone"),
    ],
)
def test_a_role_without_enough_history_is_missed(known, words):
    text = describe_outlook(known, a_profile())
    assert text == f"too little history: {words} may speak, bias, zone and trigger must"
