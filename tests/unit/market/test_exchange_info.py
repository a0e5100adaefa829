import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.instrument import MarginTier, MarketKind
from snipersight.domain.units import Symbol
from snipersight.market.exchange_info import read_exchange_info
from tests.unit.market.recordings import RECORDED, needs_recorded

SPOT = RECORDED / "protocol" / "binance_spot_exchangeInfo_2021-08-26.json.gz"
USDM = RECORDED / "protocol" / "binance_usdm_exchangeInfo_2026-03-31_sdk.json.gz"
D = Decimal


def a_symbol(*filters: dict[str, Any], **overrides: Any) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT",
        "baseAsset": "BTC",
        "quoteAsset": "USDT",
        "filters": filters,
    } | overrides


def written(path: Path, *symbols: dict[str, Any]) -> Path:
    file = path / "exchangeInfo.json"
    file.write_text(json.dumps({"symbols": symbols, "serverTime": 1_629_987_070_001}))
    return file


@needs_recorded
def test_the_recorded_spot_rules_of_2021_are_read():
    book = read_exchange_info(SPOT)
    rules = book.markets[Symbol("BTC/USDT")]
    assert (book.venue, book.kind, len(book.markets)) == ("binance", MarketKind.SPOT, 1608)
    assert rules.tick.value_at(0) == D("0.01")
    assert rules.lot.value_at(0) == D("0.00001")
    assert (rules.min_size, rules.max_size) == (D("0.00001"), D(9000))
    assert rules.max_market_size == D("119.59194335")
    assert rules.min_notional == 10
    assert rules.margin_tiers == ()
    assert book.pairs["BTCUPUSDT"] == "BTCUP/USDT"
    assert "2021-08-26" in book.source


@needs_recorded
def test_the_recorded_futures_rules_with_null_fields_are_read():
    book = read_exchange_info(USDM)
    rules = book.markets[Symbol("BTC/USDT:USDT")]
    assert (book.venue, book.kind) == ("binanceusdm", MarketKind.PERPETUAL)
    assert (rules.tick.value_at(0), rules.lot.value_at(0)) == (D("0.1"), D("0.0001"))
    assert (rules.min_notional, rules.max_market_size) == (D(100), D(120))
    tier = MarginTier(notional_floor=D(0), max_leverage=D(20), maintenance_fraction=D("0.025"))
    assert rules.margin_tiers == (tier,)
    assert not any("_" in pair for pair in book.pairs)  # BTCUSDT_260626 is a dated future


def test_the_newer_notional_filter_is_read_and_a_market_step_of_zero_is_no_rule(tmp_path: Path):
    path = written(
        tmp_path,
        a_symbol(
            {"filterType": "NOTIONAL", "minNotional": "5.00", "maxNotional": "9000000"},
            {"filterType": "MARKET_LOT_SIZE", "minQty": "0", "maxQty": "0.0", "stepSize": "0"},
            {"filterType": "LOT_SIZE", "minQty": "0.1", "maxQty": None, "stepSize": "0.10"},
        ),
    )
    rules = read_exchange_info(path).markets[Symbol("BTC/USDT")]
    assert (rules.min_notional, rules.max_market_size, rules.max_size) == (D(5), None, None)
    assert rules.lot.value_at(0) == D("0.1")
    assert rules.tick.value_at(0) is None


def test_a_gzipped_file_is_read_like_a_plain_one(tmp_path: Path):
    plain = written(tmp_path, a_symbol())
    zipped = tmp_path / "exchangeInfo.json.gz"
    zipped.write_bytes(gzip.compress(plain.read_bytes()))
    assert read_exchange_info(zipped).markets == read_exchange_info(plain).markets


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "cannot be read as JSON"),
        (b"[]", "is no exchangeInfo"),
        (b'{"symbols": []}', "is no exchangeInfo"),
        (b'{"symbols": [{"symbol": "X"}]}', "a symbol lacks 'baseAsset'"),
        (
            json.dumps(
                {"symbols": [a_symbol({"filterType": "LOT_SIZE", "stepSize": "x"})]}
            ).encode(),
            "BTCUSDT holds a value that is no number",
        ),
    ],
)
def test_a_broken_file_is_refused_with_the_way_to_get_another(
    tmp_path: Path, content: bytes, message: str
):
    path = tmp_path / "exchangeInfo.json"
    path.write_bytes(content)
    with pytest.raises(ConfigInvalid, match=message) as caught:
        read_exchange_info(path)
    assert "exchangeInfo" in caught.value.next_step


def test_a_broken_gzip_is_refused(tmp_path: Path):
    path = tmp_path / "exchangeInfo.json.gz"
    path.write_bytes(gzip.compress(b'{"symbols": []}' * 100)[:40])
    with pytest.raises(ConfigInvalid, match="cannot be read as JSON"):
        read_exchange_info(path)
