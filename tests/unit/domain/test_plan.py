from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.errors import InvalidPlan
from snipersight.domain.plan import plan_id_of, setup_id_of
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Price, Symbol
from tests.builders import a_plan

M15 = Timeframe.parse("15m")


@pytest.mark.parametrize("direction", list(Direction))
def test_a_plan_of_either_side_is_valid(direction: Direction):
    plan = a_plan(direction)
    assert direction.is_losing(plan.stop_loss.price, entry=plan.entry_far)
    assert all(direction.is_winning(t.price, entry=plan.entry_near) for t in plan.targets)


def changed_stop(price: str) -> dict[str, Any]:
    return {"stop_loss": replace(a_plan().stop_loss, price=Price(Decimal(price)))}


def changed_targets(*changes: dict[str, Any]) -> dict[str, Any]:
    targets = a_plan().targets
    return {"targets": tuple(replace(t, **c) for t, c in zip(targets, changes, strict=False))}


@pytest.mark.parametrize(
    ("fault", "change"),
    [
        ("is not beyond entry_far", changed_stop("42050")),
        ("is not beyond entry_far", changed_stop("42300")),
        ("a price is not positive", changed_stop("0")),
        ("a price is not positive", changed_stop("NaN")),
        ("entry_mid 42300 lies before entry_near", {"entry_mid": Price(Decimal(42300))}),
        ("entry_far 42200 lies before entry_mid", {"entry_far": Price(Decimal(42200))}),
        ("no target", {"targets": ()}),
        ("target 42250 is not beyond 42250", changed_targets({"price": Price(Decimal(42250))})),
        ("target 43000 is not beyond 43000", changed_targets({}, {"price": Price(Decimal(43000))})),
        ("fractions", changed_targets({"fraction": Decimal("0.4")}, {}, {})),
        ("fractions", changed_targets({"fraction": Decimal(0)}, {"fraction": Decimal("0.8")}, {})),
        ("times carry no zone", {"created_at": a_plan().created_at.replace(tzinfo=None)}),
        ("is not after created_at", {"valid_until": a_plan().created_at}),
        ("is not after", {"valid_until": a_plan().created_at - timedelta(hours=1)}),
    ],
)
def test_a_plan_whose_numbers_contradict_each_other_cannot_exist(
    fault: str, change: dict[str, Any]
):
    with pytest.raises(InvalidPlan, match=fault) as caught:
        replace(a_plan(), **change)
    assert "BTC/USDT LONG" in str(caught.value)


def test_a_short_is_judged_on_its_own_side():
    short = a_plan(Direction.SHORT)
    with pytest.raises(InvalidPlan, match="is not beyond entry_far"):
        replace(short, stop_loss=replace(short.stop_loss, price=Price(Decimal(41000))))


def test_a_setup_is_the_same_whenever_and_wherever_it_is_looked_at():
    anchors = (Decimal("42250"), Decimal("42050"), 1_717_718_400_000)
    one, other = (
        setup_id_of("binance", Symbol("BTC/USDT"), Direction.LONG, M15, *anchors) for _ in range(2)
    )
    assert one == other == "356d4e392add183d"  # stored ids must not change


@pytest.mark.parametrize(
    "changed",
    [
        ("bybit", "BTC/USDT", Direction.LONG, "1"),
        ("binance", "ETH/USDT", Direction.LONG, "1"),
        ("binance", "BTC/USDT", Direction.SHORT, "1"),
        ("binance", "BTC/USDT", Direction.LONG, "2"),
    ],
)
def test_another_venue_symbol_side_or_zone_is_another_setup(
    changed: tuple[str, str, Direction, str],
):
    venue, symbol, side, anchor = changed
    usual = setup_id_of("binance", Symbol("BTC/USDT"), Direction.LONG, M15, "1")
    assert setup_id_of(venue, Symbol(symbol), side, M15, anchor) != usual


def test_a_plan_is_known_by_its_setup_bar_close_and_profile():
    setup = a_plan().setup_id
    ids = {plan_id_of(setup, close, profile) for close in (1, 2) for profile in ("a", "b")}
    assert len(ids) == 4
    assert all(plan_id.startswith(f"{setup}-") for plan_id in ids)
