"""The last look at an order: each question by a number a trader can check."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from snipersight.bot.executor.order_checks import (
    enforce_max_position_risk,
    validate_order_parameters,
)
from snipersight.domain.direction import Direction
from snipersight.domain.orders import ClientOrderId, OrderKind, OrderRequest, Quote
from snipersight.domain.units import Symbol
from snipersight.risk.policy import RiskPolicy
from tests.builders.situations import NOW_US, a_market, a_trade, price, size, spot_market


def _order(**overrides: Any) -> OrderRequest:
    values: dict[str, Any] = {
        "client_id": ClientOrderId("ss-abcdefghijklmnop-E0-0"),
        "symbol": Symbol("BTC/USDT:USDT"),
        "direction": Direction.LONG,
        "is_reducing": False,
        "kind": OrderKind.LIMIT,
        "size": size("5"),
        "price": price("100"),
    }
    return OrderRequest(**(values | overrides))


def _stop(**overrides: Any) -> OrderRequest:
    values = {"is_reducing": True, "kind": OrderKind.STOP_MARKET, "price": None}
    return _order(**(values | {"trigger_price": price("95")} | overrides))


def _quote(last: str = "101", mark: str | None = None) -> Quote:
    return Quote(
        symbol=Symbol("BTC/USDT:USDT"), last=price(last), mark=price(mark or last), at_us=NOW_US
    )


def _code(request: OrderRequest, *, quote: Quote | None = None, **market: Any) -> str:
    return validate_order_parameters(request, a_market(**market), quote or _quote()).code


def test_an_order_within_every_rule_passes():
    assert validate_order_parameters(_order(), a_market(), _quote())
    assert validate_order_parameters(_stop(), a_market(), _quote())


@pytest.mark.parametrize(
    ("order", "market", "code"),
    [
        (_order(symbol=Symbol("ETH/USDT:USDT")), {}, "wrong_market"),
        (_order(), {"tick": None}, "unknown_rules"),
        (_order(), {"lot": None}, "unknown_rules"),
        (_order(size=size("5.001")), {}, "off_lot"),
        (_order(price=price("100.05")), {}, "off_tick"),
        (_stop(trigger_price=price("95.01")), {}, "off_tick"),
        (_order(attached_stop=price("94.99")), {}, "off_tick"),
        (_order(), {"min_size": Decimal("5.01")}, "below_minimum"),
        (_order(), {"max_size": Decimal("4.99")}, "above_maximum"),
        (_stop(), {"max_market_size": Decimal("4.99")}, "above_maximum"),
        (_order(), {"min_notional": Decimal("500.01")}, "below_minimum"),
        (_order(price=price("80.7")), {}, "price_band"),  # 20.1 % below 101
        (_order(attached_stop=price("100")), {}, "wrong_side"),
        (_stop(trigger_price=price("101")), {}, "wrong_side"),
        (_stop(kind=OrderKind.STOP_LIMIT, price=price("95.1")), {}, "wrong_side"),
        (_stop(kind=OrderKind.TAKE_PROFIT_MARKET), {}, "wrong_side"),
        (_stop(direction=Direction.SHORT), {}, "wrong_side"),
    ],
)
def test_what_the_venue_could_not_take_is_named(order, market, code):
    assert _code(order, **market) == code


@pytest.mark.parametrize(
    ("order", "market"),
    [
        (_order(), {"max_market_size": Decimal(1)}),  # a limit order is no market order
        (_order(), {"min_notional": Decimal(500), "max_size": Decimal(5)}),
        (_order(price=price("80.8")), {}),  # exactly 20 % below 101
        (_stop(), {"min_notional": Decimal(10_000), "min_size": Decimal(6)}),
        (_order(is_reducing=True, price=price("300")), {}),  # a target far away
        (_stop(kind=OrderKind.TAKE_PROFIT_MARKET, trigger_price=price("110")), {}),
        (_stop(kind=OrderKind.STOP_LIMIT, price=price("94")), {}),
        (_order(attached_stop=price("95")), {}),
    ],
)
def test_what_is_just_allowed_passes(order, market):
    assert validate_order_parameters(order, a_market(**market), _quote())


def test_the_trigger_is_held_against_the_price_it_watches():
    quote = _quote(last="96", mark="94")
    assert validate_order_parameters(_stop(), a_market(), quote).code == "wrong_side"


def test_an_entry_without_a_price_to_compare_with_is_refused_and_an_exit_passes():
    assert validate_order_parameters(_order(), a_market(), None).code == "unknown_price"
    assert validate_order_parameters(_stop(), a_market(), None)


def test_spot_has_no_shorts_and_its_exits_have_minimums():
    spot = spot_market()
    short = _order(symbol=spot.symbol, direction=Direction.SHORT)
    assert validate_order_parameters(short, spot, _quote()).code == "no_short"
    small = _stop(symbol=spot.symbol, size=size("0.10"))
    found = validate_order_parameters(small, spot, _quote())
    assert (found.code, found.measured) == ("below_minimum", Decimal("9.50"))


def test_a_trade_that_loses_exactly_what_is_allowed_passes():
    # 10 units lose 5 each at the stop: 50 of 5,000 is 1 %.
    policy = RiskPolicy(slippage_fraction=Decimal(0))
    found = enforce_max_position_risk(
        a_trade(), equity=Decimal(5000), policy=policy, instrument=a_market()
    )
    assert found
    assert found.measured == Decimal("0.01")
    less = enforce_max_position_risk(
        a_trade(), equity=Decimal("4999.99"), policy=policy, instrument=a_market()
    )
    assert not less
    assert less.code == "max_position_risk"


def test_complaint_32_a_size_that_leverage_multiplied_is_refused():
    policy = RiskPolicy(slippage_fraction=Decimal(0))
    found = enforce_max_position_risk(
        a_trade(size="50", leverage=Decimal(5)),
        equity=Decimal(5000),
        policy=policy,
        instrument=a_market(),
    )
    assert not found
    assert found.measured == Decimal("0.05")


@pytest.mark.parametrize(
    ("cost", "measured"),
    [
        # Entry 100 × 0.0002 + stop 95 × (0.0005 + 0.0002) = 0.0865 a unit, 10 units, of 10,000.
        ("0", "0.0050865"),
        ("0.5", "0.0055"),
    ],
)
def test_costs_are_the_larger_of_ours_and_the_trades(cost, measured):
    found = enforce_max_position_risk(
        a_trade(cost=cost),
        equity=Decimal(10_000),
        policy=RiskPolicy(),
        instrument=a_market(maker="0.0002", taker="0.0005"),
    )
    assert found.measured == Decimal(measured)


def test_the_loss_is_counted_in_the_accounts_currency():
    found = enforce_max_position_risk(
        a_trade(),
        equity=Decimal(5000),
        policy=RiskPolicy(slippage_fraction=Decimal(0)),
        instrument=a_market(),
        quote_rate=Decimal(2),
    )
    assert found.measured == Decimal("0.02")


@pytest.mark.parametrize("equity", ["0", "-1", "NaN", "Infinity"])
def test_a_risk_that_cannot_be_measured_is_refused(equity):
    found = enforce_max_position_risk(
        a_trade(), equity=Decimal(equity), policy=RiskPolicy(), instrument=a_market()
    )
    assert (bool(found), found.code) == (False, "unknown_risk")


def test_unknown_fees_are_an_unknown_risk():
    market = a_market(fees=None)
    found = enforce_max_position_risk(
        a_trade(), equity=Decimal(5000), policy=RiskPolicy(), instrument=market
    )
    assert found.code == "unknown_risk"
