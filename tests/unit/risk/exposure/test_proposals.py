"""From the numbers somebody has at hand to a claim, or to the one thing that is wrong with them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.exposure import Amounts
from snipersight.domain.units import Currency
from snipersight.risk.exposure.book import Claim
from snipersight.risk.exposure.proposals import exact_number, propose

USDT = Currency("USDT")


def _asked(symbol: str = "BTC/USDT:USDT", size: Any = 10, **given: Any) -> Claim | Check:
    """Return the answer to 10 units at 100 with the stop at 90."""
    values: dict[str, Any] = {
        "account_currency": USDT,
        "entry": 100,
        "stop": 90,
        "leverage": 1,
        "quote_rate": None,
        "cost_per_unit": 0,
    }
    return propose(symbol, size, **(values | given))


REFUSALS: list[tuple[dict[str, Any], str, str]] = [
    (
        {"entry": None},
        "price_and_stop_needed",
        "what 10 BTC/USDT:USDT takes follows from entry and stop: give entry= and stop= as well",
    ),
    (
        {"stop": None},
        "price_and_stop_needed",
        "what 10 BTC/USDT:USDT takes follows from entry and stop: give entry= and stop= as well",
    ),
    (
        {"symbol": "", "entry": None},
        "price_and_stop_needed",
        "what 10 takes follows from entry and stop: give entry= and stop= as well",
    ),
    (
        {"symbol": "BTC"},
        "unknown_symbol",
        "'BTC' is not a symbol — write it as BTC/USDT (spot) or BTC/USDT:USDT (perpetual)",
    ),
    (
        {"symbol": "BTC/EUR"},
        "quote_rate",
        "how many USDT one EUR is worth is unknown: give quote_rate=",
    ),
    ({"size": "x"}, "invalid_number", "position_size is 'x', no finite number"),
    ({"size": float("nan")}, "invalid_number", "position_size is nan, no finite number"),
    ({"entry": float("inf")}, "invalid_number", "entry is inf, no finite number"),
    ({"stop": "x"}, "invalid_number", "stop is 'x', no finite number"),
    ({"leverage": "x"}, "invalid_number", "leverage is 'x', no finite number"),
    ({"quote_rate": "x"}, "invalid_number", "quote_rate is 'x', no finite number"),
    ({"cost_per_unit": "x"}, "invalid_number", "cost_per_unit is 'x', no finite number"),
    ({"size": 0}, "invalid_size", "a size of 0 is no position"),
    ({"size": -1}, "invalid_size", "a size of -1 is no position"),
    ({"entry": 0}, "invalid_price", "entry 0 and stop 90 are no two prices above 0"),
    ({"stop": -1}, "invalid_price", "entry 100 and stop -1 are no two prices above 0"),
    ({"stop": 100}, "invalid_price", "entry 100 and stop 100 are no two prices above 0"),
    ({"quote_rate": 0}, "quote_rate", "a quote rate of 0 is not above 0"),
    ({"leverage": 0.99}, "invalid_leverage", "a leverage of 0.99 is below 1"),
    ({"cost_per_unit": -0.1}, "invalid_cost", "a cost of -0.1 is below 0"),
]


@pytest.mark.parametrize(("given", "code", "sentence"), REFUSALS)
def test_what_is_wrong_is_said_with_its_value(given, code, sentence):
    assert _asked(**given) == Check(code=code, passed=False, sentence=sentence)


CLAIMS: list[tuple[dict[str, Any], tuple[str, str, str]]] = [
    # risk, notional, margin
    ({}, ("100", "1000", "1000")),
    ({"leverage": 4}, ("100", "1000", "250")),
    ({"leverage": 1}, ("100", "1000", "1000")),
    ({"cost_per_unit": 0.5}, ("105", "1000", "1000")),
    ({"quote_rate": 2, "cost_per_unit": 1, "leverage": 5}, ("220", "2000", "400")),
    ({"symbol": "BTC/EUR", "quote_rate": "0.5"}, ("50", "500", "500")),
    ({"size": 0.001, "entry": 0.3, "stop": 0.2}, ("0.0001", "0.0003", "0.0003")),
    ({"entry": 1, "stop": 0.5}, ("5", "10", "10")),
]


@pytest.mark.parametrize("side", Direction)
@pytest.mark.parametrize(("given", "taken"), CLAIMS)
def test_what_a_trade_takes_is_the_same_on_both_sides(given, taken, side):
    entry, stop = (Decimal(str(given.get(name, at))) for name, at in (("entry", 100), ("stop", 90)))
    mirrored = given | {"stop": entry - side.sign * (entry - stop)}
    claim = _asked(**mirrored)
    assert isinstance(claim, Claim)
    risk, notional, margin = map(Decimal, taken)
    assert claim.amounts == Amounts(risk=risk, notional=notional, margin=margin)
    assert claim.direction is side


def test_a_proposal_is_nobodys_and_not_open():
    claim = _asked("1000PEPE/USDT:USDT")
    assert isinstance(claim, Claim)
    assert (claim.venue, claim.plan_id, claim.setup_id, claim.is_open) == ("", None, None, False)
    assert (claim.symbol, claim.underlying) == ("1000PEPE/USDT:USDT", "PEPE")


def test_a_number_is_the_shortest_decimal_that_names_it():
    assert str(exact_number("n", 0.1)) == "0.1"
    assert str(exact_number("n", Decimal("1.50"))) == "1.50"
    assert exact_number("n", 3) == 3
