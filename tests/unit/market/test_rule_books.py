from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.instrument import Fees, MarketKind
from snipersight.domain.units import Symbol
from snipersight.market.rule_books import DatedStep, parse_book, read_book, shipped_book

BOOK = """
venue = "binance"
kind = "spot"
as_of = 2024-09-05
fees = { maker = "0.001", taker = "0.001" }

[markets."BTC/USDT"]
tick = "0.01"
lot = "0.00001"
min_notional = 5
fees = { maker = "0", taker = "0.0004" }

[markets."APT/USDT"]
file = "APTOS"
tick = { "2024-04-22" = "0.01", "2024-01-01" = "0.0001" }
"""
BTC, APT = Symbol("BTC/USDT"), Symbol("APT/USDT")


def at(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)


def test_a_book_says_venue_kind_fees_and_rules():
    book = parse_book(BOOK, where="x", label="instruments.toml")
    assert (book.venue, book.kind) == ("binance", MarketKind.SPOT)
    assert book.fees == Fees(maker=Decimal("0.001"), taker=Decimal("0.001"))
    btc = book.markets[BTC]
    assert btc.min_notional == 5
    assert btc.fees == Fees(maker=Decimal(0), taker=Decimal("0.0004"))
    assert btc.max_size is None
    assert book.source == "instruments.toml as of 2024-09-05"
    assert book.pairs == {"APTOS": APT}


def test_a_dated_step_holds_from_its_day_on():
    tick = parse_book(BOOK, where="x", label="x").markets[APT].tick
    assert tick.value_at(at("2023-12-31")) is None
    assert tick.value_at(at("2024-01-01")) == Decimal("0.0001")
    assert tick.value_at(at("2024-04-22") - 1) == Decimal("0.0001")
    assert tick.at(at("2024-08-01")) == (at("2024-04-22"), Decimal("0.01"))


def test_an_undated_step_holds_always():
    assert DatedStep(((0, Decimal("0.01")),)).value_at(0) == Decimal("0.01")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("venue = \n", "is no TOML: .*line 1"),
        ('kind = "spot"', "venue: Field required"),
        (BOOK.replace("spot", "margin"), "kind: .*given 'margin'"),
        (BOOK.replace("tick =", "tik ="), r"unknown key markets\.BTC/USDT\.tik"),
        (BOOK.replace('"0.00001"', '"0"'), r"markets\.BTC/USDT\.lot.*given '0'"),
        (BOOK.replace('"0.00001"', '"NaN"'), r"markets\.BTC/USDT\.lot"),
        (BOOK.replace("2024-04-22", "April"), r"markets\.APT/USDT\.tick"),
        (BOOK.replace('"BTC/USDT"', '"BTCUSDT"'), "'BTCUSDT' is not a symbol"),
        (BOOK.replace('"BTC/USDT"', '"BTC/USDT:USDT"'), "is no spot market"),
        (BOOK.replace('"0.001"', '"1.5"'), r"fees\.maker"),
    ],
)
def test_a_wrong_book_is_refused_by_key(text: str, message: str):
    with pytest.raises(ConfigInvalid, match=message) as caught:
        parse_book(text, where="candles/instruments.toml", label="x")
    assert caught.value.where == "candles/instruments.toml"
    assert caught.value.next_step


def test_a_book_that_cannot_be_read_is_refused(tmp_path: Path):
    with pytest.raises(ConfigInvalid, match="cannot be read"):
        read_book(tmp_path / "instruments.toml")


@pytest.mark.parametrize(
    ("venue", "fees"),
    [
        ("binance", ("0.001", "0.001")),
        ("binanceusdm", ("0.0002", "0.0005")),
        ("bybit", ("0.0002", "0.00055")),
        ("bitvavo", ("0.0015", "0.0025")),
    ],
)
def test_shipped_books_state_their_date_fees_and_complete_rules(venue: str, fees: tuple[str, str]):
    book = shipped_book(venue)
    assert book is not None
    assert book.fees == Fees(maker=Decimal(fees[0]), taker=Decimal(fees[1]))
    assert "as of 202" in book.source
    for rules in book.markets.values():
        assert rules.lot.steps
        assert rules.min_notional
        assert rules.tick.steps or book.price_digits
        # A size on the lot that passes the minimum must be possible.
        assert rules.min_size is None or rules.min_size >= rules.lot.steps[-1][1]


def test_no_book_is_shipped_for_another_venue():
    assert shipped_book("kraken") is None
