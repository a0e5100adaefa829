"""Underlyings: one asset, however it is quoted, bundled or written."""

import pytest

from snipersight.domain.units import Symbol
from snipersight.risk.underlyings import restricted_assets, underlying


@pytest.mark.parametrize(
    ("symbol", "asset"),
    [
        ("BTC/USDT", "BTC"),
        ("BTC/USDC", "BTC"),
        ("BTC/USDT:USDT", "BTC"),
        ("1000PEPE/USDT:USDT", "PEPE"),
        ("1MBABYDOGE/USDT", "BABYDOGE"),
        ("1INCH/USDT", "1INCH"),
        ("btc/usdt", "BTC"),
        (" eth ", "ETH"),
        ("BTCUSDT", "BTCUSDT"),
        ("BTC/USDT:USDT-260327", "BTC"),
    ],
)
def test_a_symbol_trades_its_underlying(symbol, asset):
    assert underlying(Symbol(symbol)) == asset


def test_a_list_of_restrictions_names_assets_or_symbols():
    named = ("doge", "1000PEPE", "BTC/USDT", "PEPE")
    assert restricted_assets(named) == {"DOGE", "PEPE", "BTC"}
    assert restricted_assets(()) == frozenset()
