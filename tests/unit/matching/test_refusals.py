"""Why orders are refused, and that a refusal changes nothing."""

from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.errors import ConfigInvalid, DataInvalid, UnknownSymbol
from snipersight.domain.units import Symbol
from snipersight.domain.venue import ProblemClass, Reason
from snipersight.matching import DuplicateIds, MatchingEngine, MatchingRules
from tests.builders.instruments import an_instrument
from tests.builders.matching import (
    ACCOUNT,
    PERPETUAL,
    SPOT,
    USDT,
    a_print,
    an_engine,
    an_exit,
    an_order,
    free,
    refused,
)

D = Decimal
RULES = {
    "min_size": D("0.01"),
    "max_size": D("50"),
    "max_market_size": D("5"),
    "min_notional": D("10"),
}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"price": "99.95"}, "tick"),
        ({"price": "99", "attached": "95.01"}, "tick"),
        ({"price": "99", "size": "0.0105"}, "lot"),
        ({"price": "99", "size": "0.009"}, "least"),
        ({"price": "99", "size": "51"}, "most"),
        ({"kind": "market", "size": "6"}, "at market"),
        ({"kind": "stop_market", "size": "6", "trigger": "101"}, "at market"),
        ({"price": "99", "size": "0.1"}, "notional"),
        ({"kind": "market", "size": "0.099"}, "notional"),
        ({"price": "79.9"}, "from"),
        ({"price": "120.1", "direction": Direction.SHORT}, "from"),
    ],
)
def test_an_order_outside_the_filters_is_refused(values, words):
    rules = MatchingRules(price_band_fraction=D("0.2"))
    engine = an_engine(rules=rules, perpetual=RULES)
    answer = engine.submit(ACCOUNT, an_order(**values), at_us=2)
    assert refused(answer).kind is ProblemClass.REFUSED
    assert refused(answer).reason is Reason.FILTER
    assert words in refused(answer).text
    assert engine.orders(ACCOUNT, open_only=False) == ()
    assert engine.drain() == ()
    assert free(engine) == D("10000")


def test_a_reducing_order_of_a_perpetual_may_be_below_the_least_notional():
    engine = an_engine(perpetual=RULES)
    engine.submit(ACCOUNT, an_order("in", "market"), at_us=2)
    assert engine.submit(ACCOUNT, an_exit("out", "market", size="0.01"), at_us=3)


def test_a_spot_sale_may_not():
    engine = an_engine(balances={"BTC": "1"}, spot=RULES)
    answer = engine.submit(ACCOUNT, an_exit("out", "market", symbol=SPOT, size="0.01"), at_us=3)
    assert refused(answer).reason is Reason.FILTER


@pytest.mark.parametrize(
    ("ids", "again"), [(DuplicateIds.OPEN_ONLY, True), (DuplicateIds.EVER, False)]
)
def test_a_client_id_is_taken_while_open_and_maybe_for_ever(ids, again):
    engine = an_engine(rules=MatchingRules(rejects_duplicate_ids=ids))
    assert engine.submit(ACCOUNT, an_order(price="99"), at_us=2)
    twice = engine.submit(ACCOUNT, an_order(price="99"), at_us=2)
    assert refused(twice).reason is Reason.DUPLICATE
    a_print(engine, "98")
    assert bool(engine.submit(ACCOUNT, an_order(price="97"), at_us=11)) is again


def test_orders_without_an_id_never_collide():
    engine = an_engine()
    assert all(engine.submit(ACCOUNT, an_order("", price="99"), at_us=2) for _ in range(2))


def test_too_many_orders_are_refused():
    engine = an_engine(rules=MatchingRules(max_open=3, max_conditional=1))
    stop: dict[str, Any] = {"kind": "stop_market", "trigger": "101"}
    assert engine.submit(ACCOUNT, an_order("a", **stop), at_us=2)
    second = engine.submit(ACCOUNT, an_order("b", **stop), at_us=2)
    assert refused(second).reason is Reason.TOO_MANY
    assert engine.submit(ACCOUNT, an_order("c", price="99"), at_us=2)
    assert engine.submit(ACCOUNT, an_order("d", price="99"), at_us=2)
    fourth = engine.submit(ACCOUNT, an_order("e", price="99"), at_us=2)
    assert refused(fourth).reason is Reason.TOO_MANY


@pytest.mark.parametrize(
    "order",
    [
        an_order("in", "market", size="999"),
        an_order("in", price="99", size="1009"),
        an_order("in", symbol=SPOT, price="99", size="102"),
        an_exit("out", "market", symbol=SPOT),
    ],
)
def test_what_cannot_be_paid_is_refused(order):
    answer = an_engine().submit(ACCOUNT, order, at_us=2)
    assert refused(answer).reason is Reason.FUNDS


def test_open_orders_count_against_the_funds():
    engine = an_engine()
    assert engine.submit(ACCOUNT, an_order("a", price="99", size="600"), at_us=2)
    answer = engine.submit(ACCOUNT, an_order("b", price="99", size="600"), at_us=2)
    assert refused(answer).reason is Reason.FUNDS


def test_an_attached_stop_on_the_winning_side_is_refused():
    answer = an_engine().submit(ACCOUNT, an_order(price="99", attached="99.5"), at_us=2)
    assert refused(answer).reason is Reason.WOULD_TRIGGER


def test_before_the_first_price_nothing_can_be_ordered():
    answer = an_engine(last=None).submit(ACCOUNT, an_order(price="99"), at_us=2)
    assert refused(answer).reason is Reason.MARKET_CLOSED


def test_an_unlisted_symbol_is_refused():
    order = an_order(symbol=Symbol("X/USDT"), price="99")
    assert "not listed" in refused(an_engine().submit(ACCOUNT, order, at_us=2)).text


def test_mistakes_of_the_caller_are_errors():
    engine = an_engine()
    with pytest.raises(DataInvalid, match="not known"):
        engine.balances("nobody")
    with pytest.raises(DataInvalid, match="open already"):
        engine.open_account(ACCOUNT, {})
    with pytest.raises(UnknownSymbol):
        engine.quote(Symbol("X/USDT"))
    with pytest.raises(DataInvalid, match="print"):
        engine.trade(PERPETUAL, price=D("NaN"), at_us=2)
    with pytest.raises(DataInvalid, match="rate"):
        engine.fund(PERPETUAL, D("Infinity"), at_us=2)
    with pytest.raises(DataInvalid, match="no price"):
        an_engine(last=None).quote(PERPETUAL)


@pytest.mark.parametrize("unknown", [{"tick": None}, {"lot": None}, {"fees": None}])
def test_a_market_without_its_rules_is_not_simulated(unknown):
    with pytest.raises(DataInvalid, match="unknown"):
        MatchingEngine([an_instrument(PERPETUAL, **unknown)])


def test_a_symbol_is_listed_once():
    with pytest.raises(DataInvalid, match="twice"):
        MatchingEngine([an_instrument(PERPETUAL), an_instrument(PERPETUAL)])


def test_steps_too_fine_to_be_counted_exactly_are_refused():
    with pytest.raises(DataInvalid, match="18 digits"):
        MatchingEngine([an_instrument(PERPETUAL, tick="1e-9", lot="1e-9")])


@pytest.mark.parametrize(
    "wrong",
    [
        {"slippage_fraction": D("-0.1")},
        {"slippage_fraction": D("NaN")},
        {"price_band_fraction": D("1")},
        {"default_leverage": D("0.5")},
        {"max_open": -1},
    ],
)
def test_impossible_rules_are_refused(wrong):
    with pytest.raises(ConfigInvalid):
        MatchingRules(**wrong)


def test_more_than_is_free_cannot_be_taken_out():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", "market"), at_us=2)
    with pytest.raises(DataInvalid, match="taken out"):
        engine.deposit(ACCOUNT, USDT, D("-9995"), at_us=3)
    engine.deposit(ACCOUNT, USDT, D("-9000"), at_us=3)
    assert free(engine) == D("10000") - D("10") - D("0.05") - D("9000")
