"""Limits, stops, targets and reduce-only on a perpetual."""

from decimal import Decimal

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.orders import TriggerSource
from snipersight.domain.venue import Reason
from snipersight.matching import MatchingEngine, MatchingRules
from tests.builders.matching import (
    ACCOUNT,
    PERPETUAL,
    a_print,
    an_engine,
    an_exit,
    an_order,
    free,
    order_of,
    refused,
    status_of,
    taken,
)

D = Decimal
LONG, SHORT = Direction.LONG, Direction.SHORT


def sizes(engine: MatchingEngine) -> dict[Direction, Decimal]:
    return {p.direction: p.size for p in engine.positions(ACCOUNT)}


@pytest.mark.parametrize(
    ("direction", "limit", "touch", "through"),
    [(LONG, "99", "99", "98.9"), (SHORT, "101", "101", "101.1")],
)
def test_a_resting_limit_fills_only_when_price_trades_through_it(direction, limit, touch, through):
    engine = an_engine()
    engine.submit(ACCOUNT, an_order(price=limit, direction=direction), at_us=2)
    a_print(engine, touch)
    assert status_of(engine, "one") == "working"
    a_print(engine, through)
    (fill,) = engine.fills(ACCOUNT)
    assert (fill.price, fill.is_maker) == (D(limit), True)


def test_a_limit_at_the_very_price_rests():
    engine = an_engine()
    assert taken(engine.submit(ACCOUNT, an_order(price="100"), at_us=2)).status.is_open


def test_a_limit_better_than_the_price_is_taken_at_once_with_slippage_up_to_its_limit():
    engine = an_engine(rules=MatchingRules(slippage_fraction=D("0.01")))
    engine.submit(ACCOUNT, an_order("near", price="100.5"), at_us=2)
    engine.submit(ACCOUNT, an_order("far", price="105"), at_us=2)
    assert [(f.price, f.is_maker) for f in engine.fills(ACCOUNT)] == [
        (D("100.5"), False),
        (D("101.0"), False),
    ]


def test_a_market_order_slips_against_whoever_takes():
    engine = an_engine(rules=MatchingRules(slippage_fraction=D("0.0005")))
    engine.submit(ACCOUNT, an_order("in", "market"), at_us=2)
    engine.submit(ACCOUNT, an_exit("out", "market"), at_us=2)
    assert [f.price for f in engine.fills(ACCOUNT)] == [D("100.1"), D("99.9")]


def test_a_print_fills_no_more_than_its_size_by_price_then_time():
    engine = an_engine()
    for name, price in (("late", "98"), ("first", "99"), ("second", "99")):
        engine.submit(ACCOUNT, an_order(name, price=price, size="2"), at_us=2)
    a_print(engine, "97", size="3.0005")
    assert [(f.client_id, f.size) for f in engine.fills(ACCOUNT)] == [
        ("first", D("2")),
        ("second", D("1.000")),
    ]
    assert status_of(engine, "second") == "working"
    a_print(engine, "97", size="10")
    assert sizes(engine) == {LONG: D("6.000")}


def test_what_a_market_order_does_not_find_expires():
    engine = an_engine()
    a_print(engine, "100", size="0.4")
    answer = engine.submit(ACCOUNT, an_order("in", "market"), at_us=11)
    assert (taken(answer).status, taken(answer).filled_size) == ("expired", D("0.4"))
    assert free(engine) == D("10000") - D("4") - D("0.02")


def test_of_a_marketable_limit_the_rest_waits_in_the_book():
    engine = an_engine()
    a_print(engine, "100", size="0.4")
    engine.submit(ACCOUNT, an_order(price="101"), at_us=11)
    assert status_of(engine, "one") == "working"
    a_print(engine, "100.9", at_us=12)
    assert [f.is_maker for f in engine.fills(ACCOUNT)] == [False, True]


@pytest.mark.parametrize(
    ("direction", "kind", "trigger", "before", "after"),
    [
        (LONG, "stop_market", "95", "95.1", "95"),
        (SHORT, "stop_market", "105", "104.9", "105"),
        (LONG, "take_profit_market", "105", "104.9", "105"),
        (SHORT, "take_profit_market", "95", "95.1", "95"),
    ],
)
def test_a_conditional_exit_is_triggered_where_price_reaches_it(
    direction, kind, trigger, before, after
):
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", "market", direction=direction), at_us=2)
    engine.submit(ACCOUNT, an_exit("out", kind, direction=direction, trigger=trigger), at_us=3)
    a_print(engine, before)
    assert status_of(engine, "out") == "working"
    a_print(engine, after)
    assert status_of(engine, "out") == "filled"
    assert engine.positions(ACCOUNT) == ()


def test_a_trigger_watches_the_price_that_it_names():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", "market", size="2"), at_us=2)
    for name, source in (("by_mark", TriggerSource.MARK), ("by_last", TriggerSource.LAST)):
        request = an_exit(name, "stop_market", trigger="95", trigger_source=source)
        engine.submit(ACCOUNT, request, at_us=3)
    a_print(engine, "94", mark="96")
    assert (status_of(engine, "by_last"), status_of(engine, "by_mark")) == ("filled", "working")
    a_print(engine, "96", mark="94")
    assert status_of(engine, "by_mark") == "filled"
    assert engine.fills(ACCOUNT)[-1].price == D("96.0")


def test_a_print_that_reaches_stop_and_target_stops():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", "market"), at_us=2)
    engine.submit(ACCOUNT, an_exit("target", "limit", price="105"), at_us=3)
    engine.submit(ACCOUNT, an_exit("stop", "stop_market", trigger="95"), at_us=3)
    a_print(engine, "106", mark="94")
    assert (status_of(engine, "stop"), status_of(engine, "target")) == ("filled", "expired")


def test_a_print_fills_entries_before_exits():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", "market", direction=SHORT), at_us=2)
    exit_ = an_exit("out", "limit", direction=SHORT, price="96")
    engine.submit(ACCOUNT, exit_, at_us=3)
    engine.submit(ACCOUNT, an_order("turn", price="95"), at_us=4)
    a_print(engine, "90")
    assert (status_of(engine, "turn"), status_of(engine, "out")) == ("filled", "expired")


def test_a_stop_limit_that_price_jumps_over_stays_in_the_book():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", "market"), at_us=2)
    stop = an_exit("stop", "stop_limit", trigger="95", price="94.5")
    engine.submit(ACCOUNT, stop, at_us=3)
    a_print(engine, "94")
    assert status_of(engine, "stop") == "working"
    a_print(engine, "94.6")
    assert engine.fills(ACCOUNT)[-1].price == D("94.5")


@pytest.mark.parametrize(
    ("direction", "kind", "trigger"),
    [
        (LONG, "stop_market", "100"),
        (LONG, "take_profit_market", "99"),
        (SHORT, "stop_market", "99.9"),
        (SHORT, "take_profit_limit", "100"),
    ],
)
def test_a_trigger_on_the_wrong_side_is_refused(direction, kind, trigger):
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", "market", direction=direction), at_us=2)
    price = "100" if kind.endswith("limit") else None
    request = an_exit("out", kind, direction=direction, trigger=trigger, price=price)
    answer = engine.submit(ACCOUNT, request, at_us=3)
    assert not answer
    assert refused(answer).reason is Reason.WOULD_TRIGGER


def test_a_reducing_order_without_a_position_is_refused():
    answer = an_engine().submit(ACCOUNT, an_exit("out", "market"), at_us=2)
    assert refused(answer).reason is Reason.NOTHING_TO_REDUCE


def test_a_reducing_order_closes_what_is_there_and_its_rest_expires():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", "market"), at_us=2)
    answer = engine.submit(ACCOUNT, an_exit("out", "market", size="3"), at_us=3)
    assert (taken(answer).status, taken(answer).filled_size) == ("expired", D("1"))
    assert engine.positions(ACCOUNT) == ()


def test_exits_expire_with_the_position():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", "market"), at_us=2)
    engine.submit(ACCOUNT, an_exit("target", "limit", price="110"), at_us=3)
    engine.submit(ACCOUNT, an_exit("stop", "stop_market", trigger="90"), at_us=3)
    engine.submit(ACCOUNT, an_exit("out", "market"), at_us=4)
    assert [status_of(engine, name) for name in ("target", "stop")] == ["expired"] * 2


def test_where_the_venue_keeps_them_conditional_exits_outlive_the_position():
    engine = an_engine(rules=MatchingRules(conditionals_outlive_position=True))
    engine.submit(ACCOUNT, an_order("in", "market"), at_us=2)
    engine.submit(ACCOUNT, an_exit("target", "limit", price="110"), at_us=3)
    engine.submit(ACCOUNT, an_exit("stop", "stop_market", trigger="95"), at_us=3)
    engine.submit(ACCOUNT, an_exit("out", "market"), at_us=4)
    assert [status_of(engine, name) for name in ("target", "stop")] == ["expired", "working"]
    a_print(engine, "94")
    assert status_of(engine, "stop") == "expired"
    assert order_of(engine, "stop").text == "nothing to reduce"


def test_a_stop_that_outlived_its_position_reduces_the_next_one():
    engine = an_engine(rules=MatchingRules(conditionals_outlive_position=True))
    engine.submit(ACCOUNT, an_order("in", "market"), at_us=2)
    engine.submit(ACCOUNT, an_exit("stop", "stop_market", trigger="95"), at_us=3)
    engine.submit(ACCOUNT, an_exit("out", "market"), at_us=4)
    engine.submit(ACCOUNT, an_order("again", "market", size="3"), at_us=5)
    a_print(engine, "94")
    assert sizes(engine) == {LONG: D("2")}


def test_one_way_an_opposite_entry_closes_first_and_then_turns():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", "market"), at_us=2)
    engine.submit(ACCOUNT, an_order("turn", "market", size="3", direction=SHORT), at_us=3)
    assert sizes(engine) == {SHORT: D("2")}
    assert order_of(engine, "turn").filled_size == D("3")


def test_hedged_both_sides_stay_open():
    engine = an_engine(is_hedged=True)
    engine.submit(ACCOUNT, an_order("up", "market"), at_us=2)
    engine.submit(ACCOUNT, an_order("down", "market", size="3", direction=SHORT), at_us=3)
    assert sizes(engine) == {LONG: D("1"), SHORT: D("3")}
    engine.submit(ACCOUNT, an_exit("out", "market", direction=SHORT), at_us=4)
    assert sizes(engine) == {LONG: D("1"), SHORT: D("2")}


def test_an_attached_stop_comes_with_the_fill_grows_with_it_and_goes_when_flat():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("a", price="99", attached="95"), at_us=2)
    engine.submit(ACCOUNT, an_order("b", price="98", attached="95"), at_us=2)
    assert len(engine.orders(ACCOUNT)) == 2
    a_print(engine, "98.9")
    stop = engine.orders(ACCOUNT)[-1]
    assert (stop.client_id, stop.kind, stop.size) == ("", "stop_market", D("1"))
    a_print(engine, "97.9")
    (stop,) = engine.orders(ACCOUNT)
    assert stop.size == D("2")
    engine.submit(ACCOUNT, an_exit("out", "market", size="2"), at_us=12)
    assert engine.orders(ACCOUNT) == ()


def test_the_print_that_fills_an_entry_may_trigger_its_attached_stop():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", price="99", attached="95"), at_us=2)
    a_print(engine, "94")
    assert [f.price for f in engine.fills(ACCOUNT)] == [D("99"), D("94.0")]
    assert engine.positions(ACCOUNT) == ()


def test_an_attached_stop_that_finds_too_little_keeps_the_size_it_was_triggered_with():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", "market", size="2", attached="95"), at_us=2)
    a_print(engine, "94", size="0.5")
    stop = engine.orders(ACCOUNT, open_only=False)[-1]
    assert (stop.status, stop.filled_size, stop.size) == ("expired", D("0.5"), D("2"))
    assert sizes(engine) == {LONG: D("1.5")}


def test_cancelling_frees_the_margin_and_a_second_cancel_finds_nothing():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order(price="99"), at_us=2)
    assert free(engine) < D("10000")
    assert engine.cancel(ACCOUNT, PERPETUAL, client_id="one", at_us=3)
    assert free(engine) == D("10000")
    again = engine.cancel(ACCOUNT, PERPETUAL, client_id="one", at_us=4)
    assert refused(again).reason is Reason.NOT_FOUND
    assert status_of(engine, "one") == "cancelled"
    unknown = engine.cancel(ACCOUNT, PERPETUAL, venue_id="77", at_us=4)
    assert refused(unknown).reason is Reason.NOT_FOUND


def test_a_triggered_entry_without_funds_expires():
    engine = an_engine(balances={"USDT": "10"})
    engine.submit(ACCOUNT, an_order("in", "stop_market", trigger="105", size="5"), at_us=2)
    a_print(engine, "105")
    assert status_of(engine, "in") == "expired"
    assert engine.positions(ACCOUNT) == ()


def test_events_tell_the_order_of_things():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", price="99"), at_us=2)
    a_print(engine, "98")
    engine.fund(PERPETUAL, D("0.001"), at_us=11)
    told = [
        next(name for name in ("order", "fill", "position", "funding") if getattr(event, name))
        for event in engine.drain()
    ]
    assert told == ["order", "fill", "order", "position", "funding"]
    assert engine.drain() == ()


def test_an_event_shows_the_order_as_it_was_then():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", price="99"), at_us=2)
    a_print(engine, "98", size="0.25")
    a_print(engine, "98")
    orders = [event.order for event in engine.drain() if event.order is not None]
    assert [order.filled_size for order in orders] == [D("0"), D("0.25"), D("1")]
    assert [order.status for order in orders] == ["working", "working", "filled"]
