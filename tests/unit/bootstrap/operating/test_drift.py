"""How far price may have run: hand-worked cases, and the laws behind them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bootstrap.operating.drift import drift_r, drift_refusal
from snipersight.domain.direction import Direction
from tests.builders import a_plan

LONG = a_plan()  # near 42,250, far 42,050, stop 41,750: R is 500
SHORT = a_plan(Direction.SHORT)  # near 42,250, far 42,450, stop 42,750
QUARTER = Decimal("0.25")
PRICES = st.integers(40_000, 45_000).map(Decimal)


@pytest.mark.parametrize(
    ("told", "now", "r"),
    [
        ("42400", "42400", "0"),
        ("42400", "42525", "0.25"),
        ("42400", "42300", "-0.2"),
        ("42200", "42300", "0.1"),  # told inside the zone: distances begin at its edge
        ("42400", "42100", "-0.3"),
    ],
)
def test_drift_is_measured_from_where_it_was_told(told, now, r):
    assert drift_r(LONG, told=Decimal(told), now=Decimal(now)) == Decimal(r)


def test_just_as_far_as_allowed_passes_and_a_tick_farther_does_not():
    told = Decimal(42_400)
    assert drift_refusal(LONG, told=told, now=Decimal(42_525), most_r=QUARTER) == ""
    refusal = drift_refusal(LONG, told=told, now=Decimal(42_530), most_r=QUARTER)
    assert refusal == (
        "price has run 0.26 R away from the entry zone since the plan was told, to 42,530; "
        "0.25 R is the most (APPROVAL_MAX_DRIFT_R)"
    )


def test_at_the_far_edge_it_passes_and_beyond_it_does_not():
    told = Decimal(42_400)
    assert drift_refusal(LONG, told=told, now=Decimal(42_050), most_r=QUARTER) == ""
    beyond = drift_refusal(LONG, told=told, now=Decimal("42049.9"), most_r=QUARTER)
    assert beyond == "price went through the entry zone: it is at 42,049.9, beyond 42,050.0"


@given(told=PRICES, now=PRICES)
def test_a_short_is_a_long_in_the_mirror(told, now):
    mirrored = {"told": 84_500 - told, "now": 84_500 - now}
    assert drift_r(SHORT, **mirrored) == drift_r(LONG, told=told, now=now)
    refused = bool(drift_refusal(LONG, told=told, now=now, most_r=QUARTER))
    assert bool(drift_refusal(SHORT, **mirrored, most_r=QUARTER)) is refused


@given(told=PRICES, now=PRICES, nearer=st.integers(0, 500))
def test_nearer_to_the_zone_is_never_refused_where_farther_is_not(told, now, nearer):
    closer = max(LONG.entry_near, now - nearer)
    if now >= closer and not drift_refusal(LONG, told=told, now=now, most_r=QUARTER):
        assert drift_refusal(LONG, told=told, now=closer, most_r=QUARTER) == ""
