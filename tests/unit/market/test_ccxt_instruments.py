"""ccxt's markets become instruments, or are left out for a reason."""

from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.instrument import Fees, MarketKind
from snipersight.market.ccxt_instruments import instrument_of, is_served, listing_of

TICK_SIZE, DECIMAL_PLACES, SIGNIFICANT_DIGITS = 4, 2, 3


def a_market(**changes: Any) -> dict[str, Any]:
    return {
        "symbol": "BTC/USDT",
        "quote": "USDT",
        "settle": None,
        "spot": True,
        "swap": False,
        "linear": None,
        "active": True,
        "percentage": True,
        "maker": 0.0002,
        "taker": 0.0005,
        "contractSize": None,
        "precision": {"price": 1e-08, "amount": 0.001},
        "limits": {"amount": {"min": 0.001, "max": 0}, "cost": {"min": 5.0}, "market": None},
    } | changes


def a_perpetual(**changes: Any) -> dict[str, Any]:
    perpetual = {"symbol": "BTC/USDT:USDT", "settle": "USDT", "spot": False, "swap": True}
    return a_market(**perpetual | {"linear": True, "contractSize": 1.0} | changes)


def read(market: dict[str, Any], mode: int = TICK_SIZE):
    return instrument_of(market, venue="x", precision_mode=mode)


def test_steps_bounds_and_fees_are_exact_decimals():
    found = read(a_market())
    assert (found.tick, found.lot) == (Decimal("0.00000001"), Decimal("0.001"))
    assert (found.min_size, found.min_notional) == (Decimal("0.001"), Decimal(5))
    assert found.fees == Fees(maker=Decimal("0.0002"), taker=Decimal("0.0005"))


def test_zero_and_missing_bounds_mean_no_rule():
    found = read(a_market())
    assert (found.max_size, found.max_market_size) == (None, None)


def test_sizes_of_contracts_are_told_in_base_units():
    found = read(a_perpetual(contractSize=0.01, precision={"price": 0.1, "amount": 1.0}))
    assert (found.lot, found.min_size) == (Decimal("0.01"), Decimal("0.00001"))


def test_decimal_places_are_turned_into_steps():
    found = read(a_market(precision={"price": 2, "amount": 0}), DECIMAL_PLACES)
    assert (found.tick, found.lot) == (Decimal("0.01"), Decimal(1))


@pytest.mark.parametrize(
    ("changes", "mode"),
    [
        ({"precision": {"price": None}}, TICK_SIZE),
        ({}, SIGNIFICANT_DIGITS),
        ({"precision": None}, 4),
    ],
)
def test_an_unknown_step_stays_unknown(changes, mode):
    found = read(a_market(**changes), mode)
    assert (found.tick, found.lot) == (None, None)
    assert {"tick", "lot"} <= set(found.missing())


@pytest.mark.parametrize("changes", [{"maker": None}, {"taker": None}, {"percentage": False}])
def test_fees_that_are_no_fractions_are_unknown(changes):
    assert read(a_market(**changes)).fees is None


def test_a_perpetual_may_be_sold_short():
    found = read(a_perpetual())
    assert found.kind is MarketKind.PERPETUAL
    assert found.allows_short


@pytest.mark.parametrize(
    ("market", "expected"),
    [
        (a_market(), True),
        (a_market(active=None), True),
        (a_market(active=False), False),
        (a_perpetual(), True),
        (a_perpetual(linear=False), False),
        (a_perpetual(settle="BTC"), False),
        (a_perpetual(swap=False, future=True), False),
    ],
)
def test_only_active_spot_and_linear_perpetuals_are_served(market, expected):
    assert is_served(market) is expected


def test_unreadable_markets_are_left_out_and_named():
    markets = [
        a_market(),
        a_market(symbol="币安/USDT"),
        a_market(symbol="A/USDT", precision={"price": -1.0, "amount": 1.0}),
        a_market(symbol="B/USDT", maker=float("nan")),
        a_market(symbol="C/USDT", active=False),
    ]
    listing = listing_of(markets, venue="x", precision_mode=TICK_SIZE)
    assert list(listing.instruments) == ["BTC/USDT"]
    assert listing.unreadable == ("A/USDT", "B/USDT", "币安/USDT")
