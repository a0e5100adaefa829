from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.instrument import Instrument
from snipersight.domain.units import Currency, Symbol
from snipersight.market.universe import Universe, is_leveraged, require_request, select_universe
from tests.builders import an_instrument

VOLUMES = {
    "BTC/USDT": "900",
    "ETH/USDT": "500",
    "BTC/USDT:USDT": "2000",
    "JUP/USDT": "80",
    "SYRUP/USDT": "70",
    "USDC/USDT": "5000",
    "EUR/USDT": "600",
    "BTCUP/USDT": "300",
    "ETH3L/USDT": "200",
    "NEW/USDT": "0",
    "BTC/USDC": "60",
    "BTC/TRY": "99999",
}


def listed(*symbols: str) -> Mapping[Symbol, Instrument]:
    names = symbols or (*VOLUMES, "QUIET/USDT")
    return {Symbol(name): an_instrument(name) for name in names}


def chosen(request: str, *symbols: str, **overrides: object) -> Universe:
    volumes = {Symbol(name): Decimal(value) for name, value in VOLUMES.items()}
    arguments = {
        "instruments": listed(*symbols),
        "volumes": volumes,
        "watchlists": {"majors": ["BTC/USDT", "eth/usdt", "XXX/USDT"], "empty": []},
    }
    return select_universe(request, **(arguments | overrides))  # type: ignore[arg-type] # overrides by name


def reasons(universe: Universe) -> dict[str, str]:
    return dict(universe.dropped)


def test_named_symbols_are_taken_in_their_order_in_any_spelling_of_case():
    universe = chosen(" eth/usdt, BTC/USDT:USDT ,,USDC/USDT")
    assert universe.symbols == ("ETH/USDT", "BTC/USDT:USDT", "USDC/USDT")
    assert universe.dropped == ()


def test_unknown_symbols_are_dropped_with_near_matches_and_repeats_with_a_reason():
    universe = chosen("BTCUSDT,BTC/USDT,BTC/USDT,QQQQ/ZZZZ")
    assert universe.symbols == ("BTC/USDT",)
    assert universe.dropped[0][0] == "BTCUSDT"
    assert universe.dropped[0][1].startswith("unknown symbol; did you mean BTC/USDT")
    assert universe.dropped[1:] == (("BTC/USDT", "named twice"), ("QQQQ/ZZZZ", "unknown symbol"))


def test_a_watch_list_is_read_like_named_symbols():
    universe = chosen("@majors")
    assert universe.symbols == ("BTC/USDT", "ETH/USDT")
    assert list(reasons(universe)) == ["XXX/USDT"]


def test_the_largest_markets_come_by_falling_volume_spot_and_perpetual_alike():
    assert chosen("top3").symbols == ("BTC/USDT:USDT", "BTC/USDT", "ETH/USDT")


def test_every_market_that_is_left_out_has_its_reason():
    universe = chosen("TOP4")
    assert universe.symbols[3] == "JUP/USDT"
    assert reasons(universe) == {
        "SYRUP/USDT": "rank 5 by 24-hour volume",
        "BTC/USDC": "rank 6 by 24-hour volume",
        "USDC/USDT": "USDC against USDT is money against money",
        "EUR/USDT": "EUR against USDT is money against money",
        "BTCUP/USDT": "BTCUP is a leveraged token",
        "ETH3L/USDT": "ETH3L is a leveraged token",
        "NEW/USDT": "no volume in the 24 hours before",
        "QUIET/USDT": "no volume in the 24 hours before",
        "BTC/TRY": "volume in TRY cannot be compared without a rate",
    }


def test_volumes_of_other_quotes_are_compared_at_their_rates():
    rates = {Currency("TRY"): Decimal("0.03"), Currency("USDT"): Decimal(1)}
    universe = chosen("top2", rates=rates)
    assert universe.symbols == ("BTC/TRY", "BTC/USDT:USDT")
    assert reasons(universe)["BTC/USDC"] == "volume in USDC cannot be compared without a rate"


def test_a_venue_of_one_other_quote_needs_no_rate():
    assert chosen("top5", "BTC/TRY").symbols == ("BTC/TRY",)


def test_equal_volumes_are_ordered_by_symbol():
    volumes = {Symbol(name): Decimal(7) for name in ("ETH/USDT", "BTC/USDT", "ADA/USDT")}
    universe = chosen("top2", "ETH/USDT", "BTC/USDT", "ADA/USDT", volumes=volumes)
    assert universe.symbols == ("ADA/USDT", "BTC/USDT")


def test_more_than_there_are_gives_all():
    assert len(chosen("top99").symbols) == 6


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ("top0", "'top0' names no number"),
        ("topx", "'topx' names no number"),
        ("top", "'top' names no number"),
        ("top-3", "names no number"),
        ("@mayors", "no watch-list 'mayors'.*did you mean majors"),
        ("@", "no watch-list ''"),
        ("@empty", "no symbol is named"),
        ("", "no symbol is named"),
        (" , ", "no symbol is named"),
    ],
)
def test_a_request_that_names_nothing_is_refused(request_: str, message: str):
    with pytest.raises(ConfigInvalid, match=message) as caught:
        chosen(request_)
    assert caught.value.next_step


@pytest.mark.parametrize(
    "base", ["BTCUP", "ETHDOWN", "BTC3L", "BTC5S", "XRPBULL", "EOSBEAR", "LINKUP", "OP3S"]
)
def test_leveraged_tokens_are_recognised_by_their_asset(base: str):
    assert is_leveraged(base, {"BTC"})


@pytest.mark.parametrize(
    "base", ["JUP", "SYRUP", "UP", "BULL", "SUPER", "PUMP", "1INCH", "DOWN", "C98", "A2L", "GUP"]
)
def test_coins_that_end_alike_stay_coins(base: str):
    assert not is_leveraged(base, {"BTC", "J", "G", "A"})


@given(st.permutations(sorted(VOLUMES)), st.integers(1, 8))
def test_the_choice_does_not_depend_on_the_order_of_the_listing(names: list[str], count: int):
    assert chosen(f"top{count}", *names) == chosen(f"top{count}", *sorted(VOLUMES))


@given(st.integers(1, 15))
def test_every_market_is_either_chosen_or_dropped_once(count: int):
    universe = chosen(f"top{count}")
    dropped = [symbol for symbol, _ in universe.dropped]
    assert sorted([*universe.symbols, *dropped]) == sorted([*VOLUMES, "QUIET/USDT"])


@pytest.mark.parametrize("request_", ["top0", "topx", "@nope", "", " , "])
def test_what_no_source_could_meet_is_refused_before_any_is_asked(request_: str):
    with pytest.raises(ConfigInvalid):
        require_request(request_, watchlists={"mine": ["BTC/USDT"]})


@pytest.mark.parametrize("request_", ["top3", "TOP3", "@mine", "TOP/USDT", "ANY/THING"])
def test_what_a_source_may_meet_is_not_refused_before_it_is_asked(request_: str):
    require_request(request_, watchlists={"mine": ["BTC/USDT"]})
