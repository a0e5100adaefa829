"""What the user is told for each of ccxt's errors."""

import ccxt
import pytest

from snipersight.domain.errors import (
    ConfigInvalid,
    DataInvalid,
    NoData,
    UnknownSymbol,
    VenueUnavailable,
)
from snipersight.market.ccxt_errors import (
    may_succeed_later,
    near,
    redacted,
    translated,
    unknown_symbol,
)


def told(error: Exception):
    return translated(error, venue="binance", where="binance BTC/USDT 5m")


@pytest.mark.parametrize(
    ("error", "expected", "is_repeated"),
    [
        (ccxt.RequestTimeout("x"), VenueUnavailable, True),
        (ccxt.ExchangeNotAvailable("x"), VenueUnavailable, True),
        (ccxt.DDoSProtection("x"), VenueUnavailable, True),
        (ccxt.RateLimitExceeded("x"), VenueUnavailable, True),
        (ccxt.OperationFailed("x"), VenueUnavailable, True),
        (ccxt.BadResponse("x"), VenueUnavailable, True),
        (ccxt.ExchangeError('bybit {"retCode":10016,"retMsg":"x"}'), VenueUnavailable, True),
        (ccxt.ExchangeError('bybit {"retCode": 10429}'), VenueUnavailable, True),
        (ccxt.ExchangeNotAvailable("binance GET u 451  {}"), VenueUnavailable, False),
        (ccxt.ExchangeNotAvailable("bybit GET u 403 Forbidden <html>"), VenueUnavailable, False),
        (ccxt.AuthenticationError("x"), VenueUnavailable, False),
        (ccxt.BadSymbol("x"), UnknownSymbol, False),
        (ccxt.BadRequest("x"), DataInvalid, False),
        (ccxt.ExchangeError('bybit {"retCode":10001}'), DataInvalid, False),
        (ccxt.NotSupported("x"), ConfigInvalid, False),
        (KeyError("list"), VenueUnavailable, True),
        (TypeError("string indices"), VenueUnavailable, True),
    ],
)
def test_each_error_is_grouped_by_what_the_caller_does_next(error, expected, is_repeated):
    result = told(error)
    assert type(result) is expected
    assert may_succeed_later(error) is is_repeated
    assert result.where == "binance BTC/USDT 5m"
    assert result.next_step


def test_an_error_of_ours_stays_as_it_is():
    error = NoData("nothing there")
    assert told(error) is error


def test_a_body_that_holds_451_is_no_refused_location():
    error = ccxt.ExchangeNotAvailable('binance GET https://x/y?limit=451 500 {"price": "451"}')
    assert may_succeed_later(error)


def test_queries_and_secrets_are_cut_out_of_messages():
    text = "binance GET https://api.x.com/v3/a?symbol=B&signature=abc 500 apiKey=k1 token: t2"
    assert redacted(text) == "binance GET https://api.x.com/v3/a 500 apiKey=*** token: ***"


def test_the_key_of_a_stream_is_no_part_of_a_message() -> None:
    text = "403, message='refused', url='wss://fstream.binance.com/private/ws?listenKey=AbC1'"
    assert "AbC1" not in redacted(text)
    assert "AbC1" not in redacted('{"listenKey": "AbC1"}')


def test_long_messages_are_cut():
    assert len(redacted("x" * 5000)) == 240


@pytest.mark.parametrize("typed", ["BTCUSDT", "btc-usdt", "BTC/USTD", "BTC/USDT:USDT"])
def test_a_mistyped_symbol_finds_the_listed_one(typed):
    assert "BTC/USDT" in near(typed, ["BTC/USDT", "ETH/USDT", "SOL/EUR"])


def test_an_unknown_symbol_without_near_ones_still_says_what_to_do():
    error = unknown_symbol("QQQQ/ZZZ", venue="binance", known=["BTC/USDT"])
    assert str(error) == (
        "QQQQ/ZZZ: binance lists no active market QQQQ/ZZZ — choose a symbol the venue lists"
    )
