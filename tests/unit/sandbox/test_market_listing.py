"""Every market of the built-in venue comes with complete and plausible rules."""

from decimal import Decimal
from itertools import pairwise

import pytest

from snipersight.domain.instrument import Fees, Instrument, MarketKind, parse_symbol
from snipersight.domain.units import Symbol
from snipersight.sandbox.market_listing import MARKETS, MOST_MARKETS, Listing, listings

LARGER = listings(160)
INSTRUMENTS = [listing.instrument for listing in LARGER.values()]
PERPETUALS = [item for item in INSTRUMENTS if item.kind is MarketKind.PERPETUAL]


def test_the_listing_offers_what_a_universe_needs():
    symbols = set(listings())
    assert len(symbols) == 46
    assert len({item.underlying for item in INSTRUMENTS}) >= 28
    assert len(PERPETUALS) >= 10
    assert {"BTC/USDT", "ETH/USDT:USDT", "PEPE/USDT", "1000PEPE/USDT:USDT"} <= symbols
    assert {"BTC/EUR", "EUR/USDT", "USDC/USDT", "BTCUP/USDT"} <= symbols


@pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda item: item.symbol)
def test_rules_are_complete(instrument: Instrument):
    assert instrument.missing() == ()
    assert (instrument.base, instrument.quote, instrument.kind) == parse_symbol(instrument.symbol)
    assert instrument.venue == "sandbox"
    assert instrument.source
    assert instrument.min_notional


@pytest.mark.parametrize("listing", LARGER.values(), ids=lambda item: item.instrument.symbol)
def test_steps_and_bounds_suit_the_price(listing: Listing):
    rules, price = listing.instrument, Decimal(str(listing.usual_price))
    assert (rules.tick, rules.lot) == (listing.tick, listing.lot)
    assert listing.tick < price / 500
    assert listing.lot * price < 100
    assert rules.min_size
    assert rules.max_size
    assert rules.max_market_size
    assert rules.min_size < rules.max_market_size < rules.max_size
    assert rules.max_size * price > 10_000
    for size in (rules.min_size, rules.max_size, rules.max_market_size):
        assert size % listing.lot == 0


def test_fees_and_shorts_differ_between_spot_and_perpetual():
    for item in INSTRUMENTS:
        is_perpetual = item in PERPETUALS
        maker, taker = ("0.0002", "0.0005") if is_perpetual else ("0.001", "0.001")
        assert item.fees == Fees(maker=Decimal(maker), taker=Decimal(taker))
        assert item.allows_short is is_perpetual
        assert bool(item.margin_tiers) is is_perpetual


@pytest.mark.parametrize("instrument", PERPETUALS, ids=lambda item: item.symbol)
def test_margin_tiers_tighten_and_never_liquidate_a_new_position(instrument: Instrument):
    tiers = instrument.margin_tiers
    assert tiers[0].notional_floor == 0
    for before, after in pairwise(tiers):
        assert before.notional_floor < after.notional_floor
        assert before.max_leverage > after.max_leverage
        assert before.maintenance_fraction < after.maintenance_fraction
    for tier in tiers:
        assert tier.maintenance_fraction < 1 / tier.max_leverage


def test_thousand_pepe_is_a_thousand_times_pepe():
    known = listings()
    spot, perpetual = known[Symbol("PEPE/USDT")], known[Symbol("1000PEPE/USDT:USDT")]
    assert perpetual.usual_price == pytest.approx(1000 * spot.usual_price)
    assert perpetual.instrument.underlying == "PEPE"


def test_more_markets_leave_the_usual_ones_as_they_are_and_each_other():
    usual = listings()
    assert len(usual) == MARKETS
    assert {symbol: LARGER[symbol] for symbol in usual} == usual
    assert list(LARGER)[:MARKETS] == list(usual)
    assert len(listings(MOST_MARKETS)) == MOST_MARKETS
    assert {symbol: listings(MOST_MARKETS)[symbol] for symbol in LARGER} == LARGER


def test_made_up_markets_trade_less_than_every_asset_that_has_a_name():
    made_up = [item for symbol, item in LARGER.items() if symbol.startswith("SIM")]
    assert len(made_up) == 160 - MARKETS
    named = [item for symbol, item in listings().items() if item.power == 1.0]
    assert max(item.turnover for item in made_up) < min(item.turnover for item in named)
    assert len({item.asset.name for item in made_up}) == len(made_up)
