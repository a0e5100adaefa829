"""Leverage, margin modes, margin tiers, crossed liquidation and funding."""

from decimal import Decimal

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.venue import ProblemClass, Reason
from snipersight.matching import Book
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
    status_of,
    wallet,
)

D = Decimal


def test_setting_what_is_so_already_is_harmless():
    engine = an_engine()
    for answer in (
        engine.set_leverage(ACCOUNT, PERPETUAL, D(10)),
        engine.set_isolated(ACCOUNT, PERPETUAL, True),
        engine.set_hedged(ACCOUNT, False),
    ):
        assert refused(answer).kind is ProblemClass.HARMLESS


def test_modes_stay_while_anything_is_open():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order(price="99"), at_us=2)
    for answer in (
        engine.set_isolated(ACCOUNT, PERPETUAL, False),
        engine.set_hedged(ACCOUNT, True),
    ):
        assert refused(answer).kind is ProblemClass.REFUSED
    assert (engine.is_isolated(ACCOUNT, PERPETUAL), engine.is_hedged(ACCOUNT)) == (True, False)
    engine.cancel(ACCOUNT, PERPETUAL, client_id="one", at_us=3)
    assert engine.set_isolated(ACCOUNT, PERPETUAL, False)
    assert engine.set_hedged(ACCOUNT, True)


@pytest.mark.parametrize("leverage", ["0.5", "51", "NaN"])
def test_impossible_leverage_is_refused(leverage):
    answer = an_engine().set_leverage(ACCOUNT, PERPETUAL, D(leverage))
    assert refused(answer).reason is Reason.FILTER


def test_spot_knows_neither_leverage_nor_margin():
    engine = an_engine()
    assert not engine.set_leverage(ACCOUNT, SPOT, D(2))
    assert not engine.set_isolated(ACCOUNT, SPOT, True)


def test_leverage_changed_under_a_position_moves_margin_and_border():
    engine = an_engine(leverage="10")
    engine.submit(ACCOUNT, an_order("in", "market", size="5"), at_us=2)
    engine.submit(ACCOUNT, an_order("more", price="99"), at_us=2)
    assert engine.set_leverage(ACCOUNT, PERPETUAL, D(5))
    position = engine.positions(ACCOUNT)[0]
    assert (position.leverage, position.liquidation_price) == (D(5), D("80.9"))  # 400 ÷ 4.95
    tied = D("100") + D("99") / 5 + D("99") * D("0.0005")
    assert free(engine) == wallet(engine) - tied
    a_print(engine, "90")
    assert len(engine.positions(ACCOUNT)) == 1


def test_lower_leverage_that_cannot_be_paid_is_refused():
    engine = an_engine(balances={"USDT": "60"})
    engine.submit(ACCOUNT, an_order("in", "market", size="5"), at_us=2)
    answer = engine.set_leverage(ACCOUNT, PERPETUAL, D(5))
    assert refused(answer).reason is Reason.FUNDS
    assert engine.positions(ACCOUNT)[0].leverage == D(10)


def test_a_large_position_is_liquidated_by_the_higher_tier():
    engine = an_engine(balances={"USDT": "200000"})
    engine.submit(ACCOUNT, an_order("in", "market", size="1000"), at_us=2)
    # notional 100,000 reaches the second tier: (100,000 − 10,000) ÷ (1,000 × 0.975) = 92.307…
    assert engine.positions(ACCOUNT)[0].liquidation_price == D("92.4")


def test_a_position_too_large_for_its_leverage_is_refused():
    engine = an_engine(balances={"USDT": "200000"}, leverage="25")
    assert engine.submit(ACCOUNT, an_order("in", "market", size="600"), at_us=2)
    more = an_order("more", price="99", size="500")
    answer = engine.submit(ACCOUNT, more, at_us=2)
    assert refused(answer).reason is Reason.FILTER
    assert engine.set_leverage(ACCOUNT, PERPETUAL, D(20))
    assert engine.submit(ACCOUNT, more, at_us=2)


def test_a_liquidation_ends_the_exits_and_leaves_the_entries():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", "market", size="5"), at_us=2)
    engine.submit(ACCOUNT, an_exit("target", "limit", price="120"), at_us=3)
    engine.submit(ACCOUNT, an_order("deep", price="60"), at_us=3)
    a_print(engine, "85")
    assert (status_of(engine, "target"), status_of(engine, "deep")) == ("expired", "working")
    order = engine.orders(ACCOUNT, open_only=False)[-1]
    assert (order.client_id, order.text) == ("liquidation-4", "liquidated")


def test_liquidation_goes_by_the_mark_price():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", "market", size="5"), at_us=2)
    a_print(engine, "85", mark="92")
    assert len(engine.positions(ACCOUNT)) == 1
    a_print(engine, "95", mark="91")
    assert engine.positions(ACCOUNT) == ()


def test_the_whole_wallet_backs_a_crossed_position_and_insurance_the_rest():
    engine = an_engine(balances={"USDT": "100"}, is_isolated=False)
    engine.submit(ACCOUNT, an_order("in", "market", size="5"), at_us=2)
    engine.submit(ACCOUNT, an_order("more", price="70"), at_us=2)
    a_print(engine, "85")
    assert len(engine.positions(ACCOUNT)) == 1
    a_print(engine, "70.5")
    assert engine.positions(ACCOUNT) == ()
    assert status_of(engine, "more") == "cancelled"
    assert wallet(engine) == engine.equity(ACCOUNT) == D(0)
    insured = [p.amount for p in engine.journal(ACCOUNT) if p.book is Book.INSURANCE]
    # 100 − 0.25 − 147.5 − 5 × 70.5 × 0.0005 = −47.92625
    assert insured == [D("-47.92625")]


def test_a_crossed_loss_ties_up_free_funds():
    engine = an_engine(is_isolated=False)
    engine.submit(ACCOUNT, an_order("in", "market", size="5"), at_us=2)
    a_print(engine, "90")
    assert free(engine) == D("10000") - D("0.25") - D("50") - D("50")


@pytest.mark.parametrize(
    ("rate", "direction", "amount"),
    [
        ("0.0001", Direction.LONG, "-0.05"),
        ("0.0001", Direction.SHORT, "0.05"),
        ("-0.0001", Direction.LONG, "0.05"),
    ],
)
def test_longs_pay_a_positive_rate(rate, direction, amount):
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", "market", size="5", direction=direction), at_us=2)
    engine.fund(PERPETUAL, D(rate), at_us=9)
    (payment,) = engine.funding(ACCOUNT)
    assert (payment.amount, payment.currency, payment.at_us) == (D(amount), USDT, 9)
    assert engine.funding(ACCOUNT, since_us=10) == ()


def test_funding_that_the_wallet_lacks_comes_out_of_the_margin_and_moves_the_border():
    engine = an_engine(balances={"USDT": "51"})
    engine.submit(ACCOUNT, an_order("in", "market", size="5"), at_us=2)
    engine.fund(PERPETUAL, D("0.02"), at_us=3)  # 10 due, 0.75 free
    position = engine.positions(ACCOUNT)[0]
    assert wallet(engine) == D("40.75")
    assert position.liquidation_price == D("92.8")  # (500 − 40.75) ÷ 4.95 = 92.77…
    engine.fund(PERPETUAL, D("0.2"), at_us=4)  # 100 due, 40.75 left of the margin
    assert [payment.amount for payment in engine.funding(ACCOUNT)] == [D("-10"), D("-40.75")]
    assert engine.positions(ACCOUNT) == ()
    assert wallet(engine) == D(0)
