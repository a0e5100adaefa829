"""Spot: locked balances, and target and stop as one list."""

from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.errors import NoData
from snipersight.domain.orders import OrderRequest
from snipersight.domain.venue import Reason
from snipersight.matching import MatchingEngine, MatchingRules
from tests.builders.matching import (
    ACCOUNT,
    BTC,
    PERPETUAL,
    SPOT,
    USDT,
    a_print,
    an_engine,
    an_exit,
    an_order,
    free,
    refused,
    status_of,
    wallet,
)

D = Decimal


def target(price: str = "110", **values: Any) -> OrderRequest:
    return an_exit("target", "limit", symbol=SPOT, price=price, **values)


def stop(trigger: str = "90", *, kind: str = "stop_market", **values: Any) -> OrderRequest:
    return an_exit("stop", kind, symbol=SPOT, trigger=trigger, **values)


def a_paired_engine() -> MatchingEngine:
    engine = an_engine(balances={"BTC": "1"})
    assert engine.submit_pair(ACCOUNT, target(), stop(), at_us=2)
    return engine


def test_a_pair_locks_its_units_once():
    engine = an_engine(balances={"BTC": "3"})
    assert engine.submit_pair(ACCOUNT, target(), stop(), at_us=2)
    assert (wallet(engine, BTC), free(engine, BTC)) == (D("3"), D("2"))


@pytest.mark.parametrize(
    ("price", "filled", "expired", "at"),
    [("110.1", "target", "stop", "110"), ("89", "stop", "target", "89.0")],
)
def test_the_first_of_a_pair_ends_the_other(price, filled, expired, at):
    engine = a_paired_engine()
    a_print(engine, price, symbol=SPOT)
    assert (status_of(engine, filled), status_of(engine, expired)) == ("filled", "expired")
    assert engine.fills(ACCOUNT)[0].price == D(at)
    assert (wallet(engine, BTC), free(engine, BTC)) == (D("0"), D("0"))


def test_a_partial_fill_of_the_target_ends_the_stop_too():
    engine = a_paired_engine()
    a_print(engine, "111", symbol=SPOT, size="0.3")
    assert (status_of(engine, "target"), status_of(engine, "stop")) == ("working", "expired")
    assert free(engine, BTC) == D("0")
    engine.cancel(ACCOUNT, SPOT, client_id="target", at_us=11)
    assert free(engine, BTC) == D("0.7")


@pytest.mark.parametrize("cancelled", ["target", "stop"])
def test_cancelling_one_of_a_pair_cancels_both(cancelled):
    engine = a_paired_engine()
    assert engine.cancel(ACCOUNT, SPOT, client_id=cancelled, at_us=3)
    assert [status_of(engine, name) for name in ("target", "stop")] == ["cancelled"] * 2
    assert free(engine, BTC) == D("1")


def test_a_stop_limit_of_a_pair_keeps_the_units_locked_while_it_waits_in_the_book():
    engine = an_engine(balances={"BTC": "1"})
    engine.submit_pair(ACCOUNT, target(), stop(kind="stop_limit", price="89.5"), at_us=2)
    a_print(engine, "89", symbol=SPOT)
    assert (status_of(engine, "target"), status_of(engine, "stop")) == ("expired", "working")
    assert free(engine, BTC) == D("0")
    a_print(engine, "89.6", symbol=SPOT)
    assert status_of(engine, "stop") == "filled"


@pytest.mark.parametrize(
    ("pair", "reason"),
    [
        ((target("99"), stop()), Reason.WOULD_TRIGGER),
        ((target(), stop("100")), Reason.WOULD_TRIGGER),
        ((target(size="2"), stop(size="2")), Reason.FUNDS),
        ((target(), stop(size="0.5")), Reason.OTHER),
        ((target(), target()), Reason.OTHER),
        ((target("110.05"), stop()), Reason.FILTER),
        ((an_exit("a", "limit", price="110"), stop()), Reason.OTHER),
    ],
)
def test_of_an_impossible_pair_neither_is_taken(pair, reason):
    engine = an_engine(balances={"BTC": "1"})
    answer = engine.submit_pair(ACCOUNT, *pair, at_us=2)
    assert refused(answer).reason is reason
    assert engine.orders(ACCOUNT, open_only=False) == ()
    assert free(engine, BTC) == D("1")


def test_a_buy_locks_its_quote_and_a_better_fill_gives_the_rest_back():
    engine = an_engine()
    a_print(engine, "100", symbol=SPOT, size="0.5")
    engine.submit(ACCOUNT, an_order(symbol=SPOT, price="102"), at_us=11)
    assert wallet(engine) == D("9950")
    assert free(engine) == D("9950") - D("51")


def test_where_the_venue_takes_it_the_buy_fee_is_paid_in_quote():
    rules = MatchingRules(slippage_fraction=D(0), buy_fee_in_base=False)
    engine = an_engine(rules=rules)
    engine.submit(ACCOUNT, an_order("in", "market", symbol=SPOT), at_us=2)
    assert (wallet(engine, BTC), wallet(engine)) == (D("1"), D("9899.95"))


def test_a_stop_cannot_be_attached_on_spot():
    order = an_order(symbol=SPOT, price="99", attached="95")
    assert refused(an_engine().submit(ACCOUNT, order, at_us=2)).reason is Reason.OTHER


def test_both_markets_share_the_wallet():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("spot", symbol=SPOT, price="99", size="100"), at_us=2)
    answer = engine.submit(ACCOUNT, an_order("perp", price="99", size="11"), at_us=2)
    assert refused(answer).reason is Reason.FUNDS
    assert engine.equity(ACCOUNT, USDT) == D("10000")


def test_equity_in_an_unpriced_currency_is_refused():
    engine = an_engine(balances={"EUR": "5"})
    with pytest.raises(NoData, match="EUR"):
        engine.equity(ACCOUNT)


def test_the_made_up_book_stands_around_the_last_price():
    engine = an_engine()
    bids, asks = engine.book(PERPETUAL, 2)
    assert [price for price, _ in bids] == [D("99.9"), D("99.8")]
    assert [price for price, _ in asks] == [D("100.1"), D("100.2")]
    quote = engine.quote(PERPETUAL)
    assert (quote.bid, quote.last, quote.ask) == (D("99.9"), D("100"), D("100.1"))
