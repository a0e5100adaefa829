import pytest

from snipersight.domain.errors import DataInvalid
from snipersight.market.currencies import did_you_mean, is_money, near_matches, split_pair

KNOWN = ["BTC/USDT", "ETH/USDT", "ETH/USDT:USDT", "SOL/USDT"]


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("BTCUSDT", ("BTC", "USDT")),
        ("ETHBTC", ("ETH", "BTC")),
        ("BTCUSD", ("BTC", "USD")),
        ("1000PEPEUSDT", ("1000PEPE", "USDT")),
        ("BTCFDUSD", ("BTC", "FDUSD")),
        ("BTCBUSD", ("BTC", "BUSD")),
        ("LTCEUR", ("LTC", "EUR")),
        ("EURUSDT", ("EUR", "USDT")),
    ],
)
def test_a_pair_name_is_split_at_its_quote_currency(text: str, pair: tuple[str, str]):
    assert split_pair(text) == pair


def test_a_pair_that_reads_two_ways_is_refused_with_both_readings():
    with pytest.raises(DataInvalid, match="could be NEW/FDUSD or NEWFD/USD") as caught:
        split_pair("NEWFDUSD")
    assert 'file = "NEWFDUSD"' in caught.value.next_step


def test_a_known_base_decides_between_two_readings():
    assert split_pair("NEWFDUSD", bases={"NEW"}) == ("NEW", "FDUSD")
    with pytest.raises(DataInvalid, match="could be"):
        split_pair("NEWFDUSD", bases={"NEW", "NEWFD"})


@pytest.mark.parametrize("text", ["BTCXYZ", "USDT", "HELLO"])
def test_a_name_without_a_known_quote_is_refused(text: str):
    with pytest.raises(DataInvalid, match="no known quote currency"):
        split_pair(text)


def test_money_is_fiat_or_a_pegged_coin():
    assert all(map(is_money, ("USDT", "USDC", "EUR", "USD", "FDUSD")))
    assert not any(map(is_money, ("BTC", "SUSHI", "USUAL")))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("BTCUSDT", "BTC/USDT"), ("SOL-USDT", "SOL/USDT"), ("EHT/USDT", "ETH/USDT")],
)
def test_a_mistyped_symbol_finds_its_neighbour(typed: str, meant: str):
    assert near_matches(typed, KNOWN)[0] == meant
    assert did_you_mean(typed, KNOWN).startswith(f"did you mean {meant}")


def test_nothing_alike_gives_no_hint():
    assert did_you_mean("QQQQ", KNOWN) == ""
