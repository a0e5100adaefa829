"""Whole trades, worked out by hand."""

from decimal import Decimal

from snipersight.domain.direction import Direction
from tests.builders.matching import (
    ACCOUNT,
    BTC,
    PERPETUAL,
    SPOT,
    USDT,
    a_bar,
    a_print,
    an_engine,
    an_exit,
    an_order,
    free,
    status_of,
    wallet,
)

D = Decimal


def test_a_long_with_fees_and_funding_ends_as_on_paper():
    engine = an_engine()
    # 2 BTC at 100: margin 20, maker fee 200 × 0.0002 = 0.04
    engine.submit(ACCOUNT, an_order("in", price="100", size="2"), at_us=2)
    assert free(engine) == D("10000") - D("20") - D("200") * D("0.0005")
    a_print(engine, "99.9", at_us=3)
    assert wallet(engine) == D("9999.96")
    assert free(engine) == D("9979.96")
    # Mark 110: equity + 20; funding 0.01 % of 220 = 0.022
    a_print(engine, "110", at_us=4)
    assert engine.equity(ACCOUNT) == D("10019.96")
    engine.fund(PERPETUAL, D("0.0001"), at_us=5)
    assert wallet(engine) == D("9999.938")
    assert engine.funding(ACCOUNT)[0].amount == D("-0.022")
    # 1 BTC at the target 112 as maker: + 12 − 0.0224; 1 BTC at market 108: + 8 − 0.054
    engine.submit(ACCOUNT, an_exit("t", "limit", price="112"), at_us=6)
    a_print(engine, "112.1", at_us=7)
    a_print(engine, "108", at_us=8)
    engine.submit(ACCOUNT, an_exit("x", "market"), at_us=9)
    assert wallet(engine) == D("9999.938") + D("11.9776") + D("7.946")
    assert free(engine) == engine.equity(ACCOUNT) == wallet(engine)
    assert engine.positions(ACCOUNT) == ()


def test_a_liquidation_takes_the_margin_and_nothing_more():
    engine = an_engine()
    # 5 BTC at 100 with leverage 10: margin 50, fee 0.25; border (500 − 50) ÷ (5 × 0.99) = 90.909…
    engine.submit(ACCOUNT, an_order("in", "market", size="5"), at_us=2)
    assert engine.positions(ACCOUNT)[0].liquidation_price == D("91.0")
    a_print(engine, "91.1", at_us=3)
    assert len(engine.positions(ACCOUNT)) == 1
    a_print(engine, "91", at_us=4)
    assert engine.positions(ACCOUNT) == ()
    last = engine.fills(ACCOUNT)[-1]
    # 45 lost by price, and the 5 left of the margin as liquidation fee
    assert (last.price, last.size, last.fee) == (D("91.0"), D("5"), D("5"))
    assert wallet(engine) == D("10000") - D("0.25") - D("50")


def test_a_gap_through_the_bankruptcy_price_costs_the_margin_too():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", "market", size="5", direction=Direction.SHORT), at_us=2)
    assert engine.positions(ACCOUNT)[0].liquidation_price == D("108.9")  # 550 ÷ (5 × 1.01)
    a_print(engine, "200", at_us=3)
    assert engine.fills(ACCOUNT)[-1].price == D("110.0")
    assert wallet(engine) == D("10000") - D("0.25") - D("50")


def test_a_stop_jumped_over_costs_the_margin_at_most():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", "market", size="5"), at_us=2)
    engine.submit(ACCOUNT, an_exit("stop", "stop_market", size="5", trigger="95"), at_us=3)
    a_print(engine, "60", at_us=4)
    assert status_of(engine, "stop") == "filled"
    last = engine.fills(ACCOUNT)[-1]
    assert (last.price, last.fee) == (D("90.0"), D("0"))
    assert wallet(engine) == D("10000") - D("0.25") - D("50")


def test_a_bar_that_touches_both_stop_and_target_stops():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", "market"), at_us=2)
    engine.submit(ACCOUNT, an_exit("stop", "stop_market", trigger="95"), at_us=3)
    engine.submit(ACCOUNT, an_exit("target", "limit", price="105"), at_us=4)
    a_bar(engine, "100 106 94 104")
    assert (status_of(engine, "stop"), status_of(engine, "target")) == ("filled", "expired")
    # bought at 100, sold at 95, fees 0.05 + 0.0475
    assert wallet(engine) == D("10000") - D("5") - D("0.05") - D("0.0475")


def test_a_spot_round_trip_pays_the_buy_fee_in_base():
    engine = an_engine()
    engine.submit(ACCOUNT, an_order("in", symbol=SPOT, price="99", size="2"), at_us=2)
    assert free(engine) == D("10000") - D("198")
    a_print(engine, "98.9", symbol=SPOT)
    assert wallet(engine, BTC) == D("2") - D("0.0004")
    assert wallet(engine) == D("9802")
    engine.submit(ACCOUNT, an_exit("out", "market", symbol=SPOT, size="1.999"), at_us=11)
    assert wallet(engine, BTC) == D("0.0006")
    # 1.999 × 98.9 = 197.7011, fee 0.05 % = 0.09885055
    assert wallet(engine) == D("9802") + D("197.7011") - D("0.09885055")
    assert engine.equity(ACCOUNT, USDT) == wallet(engine) + D("0.0006") * D("98.9")
