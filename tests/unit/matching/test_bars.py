"""The path through a bar."""

from decimal import Decimal

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.errors import DataInvalid
from snipersight.matching import MatchingEngine, MatchingRules
from tests.builders.matching import (
    ACCOUNT,
    PERPETUAL,
    SPOT,
    a_bar,
    an_engine,
    an_exit,
    an_order,
    order_of,
    status_of,
)

D = Decimal
SHORT = Direction.SHORT


def a_held_engine(direction: Direction = Direction.LONG) -> MatchingEngine:
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", "market", direction=direction), at_us=2)
    far, near = ("95", "105") if direction is Direction.LONG else ("105", "95")
    stop = an_exit("stop", "stop_market", direction=direction, trigger=far)
    target = an_exit("target", "limit", direction=direction, price=near)
    for request in (target, stop):
        assert engine.submit(ACCOUNT, request, at_us=3)
    return engine


def states(engine: MatchingEngine) -> tuple[str, str]:
    return status_of(engine, "stop"), status_of(engine, "target")


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("prices", ["100 106 94 101", "100 106 94 99", "100 106 94 100"])
def test_the_stop_counts_first_whatever_the_shape_of_the_bar(direction, prices):
    engine = a_held_engine(direction)
    a_bar(engine, prices)
    assert states(engine) == ("filled", "expired")


def test_a_target_alone_is_reached():
    engine = a_held_engine()
    a_bar(engine, "100 105.1 95.1 101")
    assert states(engine) == ("expired", "filled")


def test_a_target_only_touched_is_not():
    engine = a_held_engine()
    a_bar(engine, "100 105 95.1 101")
    assert states(engine) == ("working", "working")
    assert engine.quote(PERPETUAL).last == D("101")


def test_a_stop_within_the_bar_is_executed_at_its_trigger_and_a_jumped_one_at_the_open():
    engine = a_held_engine()
    a_bar(engine, "100 101 90 91")
    assert engine.fills(ACCOUNT)[-1].price == D("95.0")
    engine = a_held_engine()
    a_bar(engine, "93 101 90 91")
    assert engine.fills(ACCOUNT)[-1].price == D("93.0")


def test_slippage_is_counted_from_the_trigger():
    engine = an_engine(rules=MatchingRules(slippage_fraction=D("0.01")), last="100")
    engine.submit(ACCOUNT, an_order("in", "market"), at_us=2)
    engine.submit(ACCOUNT, an_exit("stop", "stop_market", trigger="95"), at_us=2)
    a_bar(engine, "100 101 90 91")
    assert engine.fills(ACCOUNT)[-1].price == D("94.0")


def test_on_the_bar_of_the_entry_the_stop_counts_and_the_target_does_not():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", price="98", attached="96"), at_us=2)
    a_bar(engine, "100 110 95 109")
    assert [f.price for f in engine.fills(ACCOUNT)] == [D("98"), D("96.0")]
    engine = an_engine(is_hedged=True)
    engine.submit(ACCOUNT, an_order("was", "market", size="0.001"), at_us=2)
    engine.submit(ACCOUNT, an_order("in", price="98"), at_us=2)
    engine.submit(ACCOUNT, an_exit("target", "limit", price="105"), at_us=3)
    a_bar(engine, "100 110 97 104")
    assert (status_of(engine, "in"), status_of(engine, "target")) == ("filled", "working")
    a_bar(engine, "104 106 103 104")
    assert status_of(engine, "target") == "filled"


def test_on_spot_a_target_waits_for_the_next_bar_too():
    engine = an_engine(balances={"USDT": "1000", "BTC": "1"})
    engine.submit(ACCOUNT, an_order("in", symbol=SPOT, price="98"), at_us=2)
    engine.submit(ACCOUNT, an_exit("target", "limit", symbol=SPOT, price="105"), at_us=2)
    a_bar(engine, "100 110 97 104", symbol=SPOT)
    assert (status_of(engine, "in"), status_of(engine, "target")) == ("filled", "working")
    a_bar(engine, "104 106 103 104", symbol=SPOT)
    assert status_of(engine, "target") == "filled"


def test_what_the_far_extreme_opened_is_stopped_at_the_near_one():
    engine = an_engine()
    entry = an_order("in", "stop_market", trigger="104", attached="99")
    engine.submit(ACCOUNT, entry, at_us=2)
    a_bar(engine, "100 105 98 104")
    assert [f.price for f in engine.fills(ACCOUNT)] == [D("104.0"), D("99.0")]


def test_volume_limits_what_a_bar_fills():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", price="98", size="5"), at_us=2)
    a_bar(engine, "100 101 97 99", volume="2")
    assert order_of(engine, "in").filled_size == D("2")


def test_a_stop_beyond_the_border_of_liquidation_never_gets_its_turn():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", "market"), at_us=2)
    engine.submit(ACCOUNT, an_exit("stop", "stop_market", trigger="90.5"), at_us=3)
    a_bar(engine, "100 101 89 91")  # the border is 91.0
    assert status_of(engine, "stop") == "expired"
    assert engine.fills(ACCOUNT)[-1].client_id.startswith("liquidation-")


def test_times_within_a_bar_never_go_back():
    engine = a_held_engine()
    engine.drain()
    a_bar(engine, "100 106 94 101")
    times = [event.at_us for event in engine.drain()]
    assert times == sorted(times)
    assert engine.quote(PERPETUAL).at_us == 2 * 3_600_000_000


@pytest.mark.parametrize("prices", ["100 99 98 99", "100 102 101 101", "0 1 0 1", "1 NaN 1 1"])
def test_prices_that_no_bar_can_have_are_refused(prices):
    with pytest.raises(DataInvalid):
        a_bar(an_engine(), prices)
