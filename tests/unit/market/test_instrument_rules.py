from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from snipersight.domain.candles import Floats
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.instrument import Fees, Instrument, MarketKind
from snipersight.domain.timeframe import DAY_MS
from snipersight.domain.units import Symbol
from snipersight.market.instrument_rules import (
    RecentPrices,
    books_beside,
    instrument_of,
    symbol_by_pair,
    with_shipped,
)
from snipersight.market.rule_books import RuleBook, parse_book
from tests.unit.market.recordings import START_MS

BTC = Symbol("BTC/USDT")
FEES = Fees(maker=Decimal("0.001"), taker=Decimal("0.001"))
CHANGE_MS = START_MS - 10 * DAY_MS  # 2024-05-28, when the tick of DATED changes
DATED = 'tick = { "2024-01-01" = "0.01", "2024-05-28" = "0.1" }\nlot = "0.001"'


def a_book(
    rules: str = 'tick = "0.01"\nlot = "0.001"', head: str = "", name: str = "book"
) -> RuleBook:
    text = f'venue = "binance"\nkind = "spot"\n{head}\n[markets."BTC/USDT"]\n{rules}'
    return parse_book(text, where="x", label=name)


def cents(count: int = 2000) -> Floats:
    return np.random.default_rng(1).integers(4_000_000, 4_300_000, count) / 100


def judged(*books: RuleBook, values: Floats | None = None, opens_ms: int = START_MS) -> Instrument:
    prices = cents() if values is None else values
    recent = RecentPrices(values=prices, opens_ms=np.full(len(prices), opens_ms), until_ms=START_MS)
    return instrument_of(BTC, "binance", books, at_ms=START_MS, recent=recent)


def test_a_market_takes_the_rules_of_its_book_and_says_so():
    found = judged(a_book('tick = "0.01"\nlot = "0.001"\nmin_notional = "5"', name="rules.toml"))
    assert (found.tick, found.lot, found.min_notional) == (
        Decimal("0.01"),
        Decimal("0.001"),
        Decimal(5),
    )
    assert (found.base, found.quote, found.kind) == ("BTC", "USDT", MarketKind.SPOT)
    assert found.source == (
        "rules.toml; tick 0.01 agrees with 2000 recorded prices to 2024-06-07T00:00:00Z"
    )


def test_the_first_book_that_lists_the_market_counts_whole():
    strong, weak = a_book('tick = "0.01"', name="strong"), a_book(name="weak")
    found = judged(strong, weak)
    assert found.lot is None
    assert found.source.startswith("strong")


def test_fees_come_from_the_market_then_its_book_then_a_later_book():
    own = 'tick = "0.01"\nfees = { maker = "0", taker = "0.0004" }'
    fees = 'fees = { maker = "0.001", taker = "0.001" }'
    assert judged(a_book(own, fees)).fees == Fees(maker=Decimal(0), taker=Decimal("0.0004"))
    assert judged(a_book(head=fees)).fees == FEES
    assert judged(a_book(), a_book(head=fees)).fees == FEES
    assert judged(a_book()).fees is None


def test_prices_that_contradict_the_tick_make_it_unknown():
    found = judged(a_book('tick = "0.1"\nlot = "0.001"'))
    assert found.tick is None
    assert found.missing() == ("tick", "fees")
    assert "tick 0.1 is contradicted by the 2000 recorded prices" in found.source
    assert "instruments.toml" in found.source


def test_too_few_prices_leave_the_tick_unchecked_and_say_so():
    assert judged(a_book(), values=cents(399)).source.endswith(
        "not checked: 399 recorded prices are too few"
    )


def test_prices_from_before_the_tick_changed_do_not_count_against_it():
    assert judged(a_book(DATED), opens_ms=CHANGE_MS - 1).tick == Decimal("0.1")
    assert judged(a_book(DATED), opens_ms=CHANGE_MS).tick is None


def test_a_moment_before_the_first_dated_tick_has_none():
    found = judged(a_book('tick = { "2024-12-01" = "0.01" }'))
    assert found.tick is None
    assert "no tick is known for 2024-06-07" in found.source


def test_a_market_no_book_lists_is_unknown_and_says_how_to_supply_it():
    found = instrument_of(
        Symbol("XYZ/USDT"),
        "binance",
        [a_book(name="rules.toml")],
        at_ms=START_MS,
        recent=RecentPrices(values=cents(), opens_ms=np.zeros(2000, np.int64), until_ms=START_MS),
    )
    assert found.missing() == ("tick", "lot", "fees")
    for part in ("XYZ/USDT", "rules.toml", "instruments.toml beside the candles", "--instruments"):
        assert part in found.source


def test_a_venue_of_significant_digits_takes_the_tick_of_its_highest_recent_price():
    book = parse_book(
        'venue = "binance"\nkind = "spot"\nprice_digits = 5\n[markets."BTC/USDT"]\nlot = "1e-8"',
        where="x",
        label="x",
    )
    values = np.concatenate((np.arange(10000.0, 10600), np.arange(9900.0, 9999.9, 0.1).round(1)))
    assert judged(book, values=values).tick == 1
    assert judged(book, values=values + 0.05).tick is None
    assert judged(book, values=np.empty(0)).tick is None


def test_books_beside_the_candles_come_strongest_first(tmp_path: Path):
    toml = 'venue = "binance"\nkind = "spot"\n'
    (tmp_path / "instruments.toml").write_text(toml)
    (tmp_path / "exchangeInfo.json").write_text(
        '{"symbols": [{"symbol": "BTCUSDT", "baseAsset": "BTC", "quoteAsset": "USDT"}]}'
    )
    mine = tmp_path / "mine.toml"
    mine.write_text(toml)
    assert [book.source for book in books_beside(tmp_path, mine)] == [
        "mine.toml", "instruments.toml", "exchangeInfo.json",
    ]  # fmt: skip
    assert len(books_beside(tmp_path, None)) == 2


def test_rules_in_another_format_are_refused(tmp_path: Path):
    rules = tmp_path / "rules.csv"
    rules.write_text("BTC/USDT,0.01")
    with pytest.raises(ConfigInvalid, match=r"\.toml, \.json and \.json\.gz"):
        books_beside(tmp_path, rules)


def test_books_of_another_venue_do_not_count_and_the_shipped_one_comes_last():
    other = parse_book('venue = "bybit"\nkind = "perpetual"', where="x", label="other")
    books = with_shipped([other, a_book(name="mine")], "binance")
    assert [book.source.split(" as of")[0] for book in books] == ["mine", "shipped binance rules"]


def test_the_strongest_book_names_a_pair():
    mine = a_book('file = "XBTUSDT"')
    other = parse_book(
        'venue = "binance"\nkind = "spot"\n[markets."XBT/USDT"]\nfile = "XBTUSDT"',
        where="x",
        label="o",
    )
    assert symbol_by_pair([mine, other]) == {"XBTUSDT": "BTC/USDT"}
