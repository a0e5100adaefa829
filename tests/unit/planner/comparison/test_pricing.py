"""A shape on a market: worked prices, mirrored and scaled ones, and every way to be declined."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Fees
from snipersight.domain.profile import PlannerRules
from snipersight.domain.units import Rounding, on_step, plain
from snipersight.planner.axis import Axis
from snipersight.planner.comparison.pricing import PricedShape, price_shape
from snipersight.planner.comparison.shapes import PlanShape, ShapeTarget
from snipersight.planner.costs import Costs
from snipersight.planner.declined import NoPlan
from tests.unit.planner.comparison.markets import a_shape, exits

LOOSE = PlannerRules(min_rr=0.01, max_cost_fraction=1.0, max_stop_atr=50)


def priced(
    shape: PlanShape | None = None,
    *,
    close: str = "100",
    atr: str = "1",
    tick: str = "0.1",
    fee: str = "0",
    slippage: str = "0",
    rules: PlannerRules = LOOSE,
) -> PricedShape:
    wanted = shape or a_shape()
    return price_shape(
        wanted,
        close=Decimal(close) * wanted.direction.sign,
        atr=Decimal(atr),
        axis=Axis(direction=wanted.direction, tick=Decimal(tick)),
        costs=Costs(
            fees=Fees(maker=Decimal(fee), taker=Decimal(fee)), slippage_fraction=Decimal(slippage)
        ),
        rules=rules,
    )


def text(found: PricedShape) -> dict[str, str]:
    names = ("near", "mid", "far", "stop", "round_trip_cost")
    return {name: plain(getattr(found, name)) for name in names}


def test_a_long_is_priced_to_the_tick_in_the_careful_direction():
    # Close 100.03, ATR 1.07: near 98.96, far 98.425, stop 96.82, targets 102.17 and 105.38.
    found = priced(close="100.03", atr="1.07", fee="0.001", slippage="0.0002")
    assert text(found) == {
        "near": "99",
        "mid": "98.8",
        "far": "98.5",
        "stop": "96.8",
        "round_trip_cost": "0.21516",  # 0.001 of 99.0, 0.0012 of 96.8
    }
    assert [one.price for one in found.targets] == [Decimal("102.1"), Decimal("105.3")]
    # Gains 3.1 and 6.3 less 0.2011 and 0.2043, over the loss of 2.2 + 0.21516.
    assert [one.r_multiple for one in found.targets] == pytest.approx([1.20030, 2.52393], abs=1e-5)
    assert found.risk_reward == pytest.approx(0.5 * 1.20030 + 0.5 * 2.52393, abs=1e-5)
    assert found.distance_atr == pytest.approx(2.2 / 1.07)


def test_a_short_is_priced_on_the_other_side():
    found = priced(a_shape(direction=Direction.SHORT))
    assert text(found) == {
        "near": "-101",
        "mid": "-101.2",
        "far": "-101.5",
        "stop": "-103",
        "round_trip_cost": "0",
    }
    assert [one.price for one in found.targets] == [Decimal("98.0"), Decimal("95.0")]


def test_an_entry_at_the_close_has_one_price():
    found = priced(a_shape(approach_atr=Decimal(0), zone_atr=Decimal(0)), close="100.05")
    assert found.near == found.mid == found.far == Decimal("100.1")


eighths = st.integers(1, 40).map(lambda number: Decimal(number) / 8)


@st.composite
def shapes(draw: Any) -> PlanShape:
    zone, approach = draw(eighths), draw(eighths)
    stop = zone + draw(eighths)
    # In eighths too: a quotient that never ends falls on either side of a tick by its last digit.
    first = on_step(approach / stop, Decimal(1) / 8, Rounding.UP) + draw(eighths)
    return PlanShape(
        direction=draw(st.sampled_from(Direction)),
        approach_atr=approach,
        zone_atr=zone,
        stop_atr=stop,
        targets=(
            ShapeTarget(distance_r=first, fraction=Decimal("0.25")),
            ShapeTarget(distance_r=first + draw(eighths), fraction=Decimal("0.75")),
        ),
    )


cases = given(
    shape=shapes(),
    close=st.integers(3000, 5000).map(lambda n: Decimal(n) / 8),
    atr=st.integers(1, 64).map(lambda n: Decimal(n) / 8),
    tick=st.sampled_from((Decimal(1) / 8, Decimal(1) / 2)),
)


def outcome(shape: PlanShape, close: Decimal, atr: Decimal, tick: Decimal) -> PricedShape | str:
    try:
        return priced(shape, close=str(close), atr=str(atr), tick=str(tick))
    except NoPlan as refusal:
        return refusal.check.code


@cases
def test_the_mirrored_market_gives_the_mirrored_prices(shape, close, atr, tick):
    about = Decimal(4096)  # far above every price, or a mirrored one could be no price at all
    here = outcome(shape, close, atr, tick)
    there = outcome(shape.facing(shape.direction.opposite), about - close, atr, tick)
    if isinstance(here, str) or isinstance(there, str):
        is_at_zero = {here, there} & {"stop_not_positive", "no_target"}
        assert here == there or is_at_zero
        return
    shift = about * shape.direction.sign
    for name in ("near", "mid", "far", "stop"):
        assert getattr(there, name) == getattr(here, name) - shift
    assert there.risk_reward == here.risk_reward
    assert [one.r_multiple for one in there.targets] == [one.r_multiple for one in here.targets]


@cases
def test_the_scaled_market_gives_the_scaled_prices(shape, close, atr, tick):
    here = outcome(shape, close, atr, tick)
    there = outcome(shape, close * 4, atr * 4, tick * 4)
    if isinstance(here, str) or isinstance(there, str):
        assert here == there
        return
    for name in ("near", "mid", "far", "stop"):
        assert getattr(there, name) == getattr(here, name) * 4
    assert there.risk_reward == here.risk_reward


@cases
def test_rounding_never_asks_for_a_better_price(shape, close, atr, tick):
    found = outcome(shape, close, atr, tick)
    if isinstance(found, str):
        return
    near = close * shape.direction.sign - shape.approach_atr * atr
    assert 0 <= found.near - near < tick
    assert found.near >= found.mid >= found.far > found.stop
    assert found.stop <= near - shape.stop_atr * atr
    for target, wanted in zip(found.targets, shape.targets, strict=True):
        exit_at = near + wanted.distance_r * shape.stop_atr * atr
        assert 0 <= exit_at - target.price * shape.direction.sign < tick


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("stop_not_positive", {"close": "2.5"}),
        ("tick_too_coarse", {"tick": "2"}),
        ("tick_too_coarse", {"atr": "0"}),
        ("stop_too_wide", {"rules": LOOSE.model_copy(update={"max_stop_atr": 1.9})}),
        ("cost", {"fee": "0.002", "rules": LOOSE.model_copy(update={"max_cost_fraction": 0.15})}),
        ("no_target", {"shape": a_shape(direction=Direction.SHORT), "close": "4.5"}),
        ("no_target", {"shape": a_shape(targets=exits(("0.51", "1"))), "tick": "0.2"}),
        ("min_rr", {"rules": LOOSE.model_copy(update={"min_rr": 2.26})}),
    ],
)
def test_each_floor_declines_by_its_name(code, change):
    with pytest.raises(NoPlan) as refused:
        priced(**change)
    assert refused.value.check.code == code
    assert not refused.value.check.passed
    assert refused.value.check.sentence


def test_the_same_shape_is_a_plan_where_the_floors_allow_it():
    found = priced(rules=LOOSE.model_copy(update={"min_rr": 2.25, "max_stop_atr": 2.0}))
    assert found.risk_reward == 2.25
