from dataclasses import replace
from decimal import Decimal

import pytest

from snipersight.domain.errors import DataInvalid
from snipersight.domain.instrument import MarginTier, MarketKind, parse_symbol, underlying_of
from tests.builders import an_instrument


@pytest.mark.parametrize(
    ("symbol", "parts"),
    [
        ("BTC/USDT", ("BTC", "USDT", MarketKind.SPOT)),
        ("BTC/USDT:USDT", ("BTC", "USDT", MarketKind.PERPETUAL)),
        ("1000PEPE/USDT:USDT", ("1000PEPE", "USDT", MarketKind.PERPETUAL)),
        ("1INCH/EUR", ("1INCH", "EUR", MarketKind.SPOT)),
    ],
)
def test_a_unified_symbol_says_base_quote_and_kind(symbol: str, parts: tuple[str, str, MarketKind]):
    assert parse_symbol(symbol) == parts


@pytest.mark.parametrize(
    "text", ["BTCUSDT", "btc/usdt", "BTC/", "/USDT", "BTC/USDT:USDT-240927", ""]
)
def test_any_other_text_is_no_symbol(text: str):
    with pytest.raises(DataInvalid, match="write it as BTC/USDT"):
        parse_symbol(text)


@pytest.mark.parametrize(
    ("base", "asset", "units"),
    [
        ("BTC", "BTC", 1),
        ("1000PEPE", "PEPE", 1000),
        ("1000000MOG", "MOG", 1_000_000),
        ("1MBABYDOGE", "BABYDOGE", 1_000_000),
        ("1INCH", "1INCH", 1),
    ],
)
def test_a_multiplied_base_stands_for_its_asset(base: str, asset: str, units: int):
    assert underlying_of(base) == (asset, Decimal(units))


@pytest.mark.parametrize("name", ["tick", "lot", "max_size", "max_market_size"])
@pytest.mark.parametrize("value", ["0", "-1", "NaN", "Infinity"])
def test_a_step_or_bound_that_cannot_be_is_refused(name: str, value: str):
    with pytest.raises(DataInvalid, match=f"{name} is"):
        replace(an_instrument(), **{name: Decimal(value)})  # type: ignore[arg-type] # by name


def test_a_minimum_above_the_maximum_is_refused():
    with pytest.raises(DataInvalid, match="min_size 2 above max_size 1"):
        an_instrument(min_size=Decimal(2), max_size=Decimal(1))


def test_unknown_rules_are_named_and_allowed():
    unknown = an_instrument(tick=None, lot=None, fees=None)
    assert unknown.missing() == ("tick", "lot", "fees")
    assert an_instrument().missing() == ()


def test_only_a_perpetual_allows_shorts():
    assert not an_instrument("BTC/USDT").allows_short
    assert an_instrument("BTC/USDT:USDT").allows_short


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity", "-1"])
@pytest.mark.parametrize("name", ["notional_floor", "max_leverage", "maintenance_fraction"])
def test_a_margin_tier_that_nothing_can_be_computed_with_is_refused(name, value):
    numbers = {"notional_floor": "0", "max_leverage": "20", "maintenance_fraction": "0.01"}
    with pytest.raises(DataInvalid, match=f"{name} of a margin tier is {value}"):
        MarginTier(**{each: Decimal(text) for each, text in (numbers | {name: value}).items()})


@pytest.mark.parametrize(("leverage", "fraction"), [("0.5", "0.01"), ("20", "1")])
def test_a_margin_tier_that_leaves_no_trade_is_refused(leverage, fraction):
    with pytest.raises(DataInvalid, match="of a margin tier is"):
        MarginTier(
            notional_floor=Decimal(0),
            max_leverage=Decimal(leverage),
            maintenance_fraction=Decimal(fraction),
        )
