"""Leverage is the margin's matter: lowest that fits, and liquidation worked by hand."""

from decimal import Decimal

import pytest

from snipersight.domain.direction import Direction
from snipersight.risk.leverage import (
    leverage_cap,
    liquidation_price,
    lowest_leverage,
    tier_at,
)
from tests.builders import an_instrument

SPOT, PERPETUAL = an_instrument("BTC/USDT"), an_instrument("BTC/USDT:USDT")


@pytest.mark.parametrize(
    ("notional", "capacity", "leverage"),
    [("1000", "1000", "1"), ("1000.01", "1000", "2"), ("10", "1000", "1"), ("2500", "1000", "3")],
)
def test_the_lowest_whole_leverage_that_fits(notional, capacity, leverage):
    assert lowest_leverage(Decimal(notional), Decimal(capacity)) == Decimal(leverage)


def test_spot_and_unknown_margin_tables_are_never_leveraged():
    unknown = an_instrument("BTC/USDT:USDT", margin_tiers=())
    for instrument in (SPOT, unknown):
        assert leverage_cap(instrument, Decimal(1000), Decimal(10)) == 1


@pytest.mark.parametrize(
    ("capacity", "ours", "cap"),
    [("1000", "3", "3"), ("1000", "2.9", "2"), ("1000", "80", "50"), ("50000", "30", "20")],
)
def test_the_lower_of_our_cap_and_the_venues_tier(capacity, ours, cap):
    assert leverage_cap(PERPETUAL, Decimal(capacity), Decimal(ours)) == Decimal(cap)


def test_a_tier_begins_at_its_floor():
    below, at = tier_at(PERPETUAL, Decimal("99999.99")), tier_at(PERPETUAL, Decimal(100_000))
    assert below is not None
    assert at is not None
    assert (below.max_leverage, at.max_leverage) == (Decimal(50), Decimal(20))
    assert tier_at(SPOT, Decimal(1)) is None


@pytest.mark.parametrize(
    ("side", "leverage", "maintenance", "price"),
    [
        # 100 × (1 - 1/10) ÷ (1 - 0.01) = 90.909…
        (Direction.LONG, "10", "0.01", Decimal(90) / Decimal("0.99")),
        # 100 × (1 + 1/10) ÷ (1 + 0.01) = 108.910…
        (Direction.SHORT, "10", "0.01", Decimal(110) / Decimal("1.01")),
        (Direction.LONG, "1", "0.01", Decimal(0)),
        (Direction.SHORT, "1", "0", Decimal(200)),
    ],
)
def test_liquidation_is_where_margin_meets_maintenance(side, leverage, maintenance, price):
    found = liquidation_price(
        Decimal(100),
        side,
        leverage=Decimal(leverage),
        maintenance_fraction=Decimal(maintenance),
    )
    assert found == price


@pytest.mark.parametrize("side", Direction)
def test_at_liquidation_the_margin_left_is_the_maintenance_margin(side):
    entry, leverage, maintenance = Decimal(250), Decimal(7), Decimal("0.02")
    price = liquidation_price(entry, side, leverage=leverage, maintenance_fraction=maintenance)
    left = entry / leverage + side.gain(price, entry=entry)
    assert left == pytest.approx(maintenance * price)
