"""Leverage is the margin's matter: lowest that fits, and liquidation worked by hand."""

from dataclasses import replace
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.direction import Direction
from snipersight.risk.sizing.leverage import (
    Backing,
    LiquidationBorder,
    leverage_cap,
    liquidation_price,
    lowest_leverage,
    safe_leverage,
    tier_at,
)
from tests.builders import a_plan, an_instrument

SPOT, PERPETUAL = an_instrument("BTC/USDT"), an_instrument("BTC/USDT:USDT")


@pytest.mark.parametrize(
    ("notional", "capacity", "leverage"),
    [("1000", "1000", "1"), ("1000.01", "1000", "2"), ("10", "1000", "1"), ("2500", "1000", "3")],
)
def test_the_lowest_whole_leverage_that_fits(notional, capacity, leverage):
    assert lowest_leverage(Decimal(notional), Decimal(capacity)) == Decimal(leverage)


def test_a_quotient_that_rounds_down_to_a_whole_number_does_not_pass_for_it():
    # 3 × 10^40 + 1 over 10^40 is 3 in 28 digits.
    assert lowest_leverage(Decimal(3 * 10**40 + 1), Decimal(10**40)) == 4


def test_spot_and_unknown_margin_tables_are_never_leveraged():
    unknown = an_instrument("BTC/USDT:USDT", margin_tiers=())
    for instrument in (SPOT, unknown):
        assert leverage_cap(instrument, Decimal(1000), Decimal(10)) == 1


@pytest.mark.parametrize(
    ("notional", "ours", "cap"),
    [("1000", "3", "3"), ("1000", "2.9", "2"), ("1000", "80", "50"), ("100000", "30", "20")],
)
def test_the_lower_of_our_cap_and_the_venues_tier(notional, ours, cap):
    assert leverage_cap(PERPETUAL, Decimal(notional), Decimal(ours)) == Decimal(cap)


def test_a_tier_begins_at_its_floor():
    below, at = tier_at(PERPETUAL, Decimal("99999.99")), tier_at(PERPETUAL, Decimal(100_000))
    assert below is not None
    assert at is not None
    assert (below.max_leverage, at.max_leverage) == (Decimal(50), Decimal(20))
    assert tier_at(SPOT, Decimal(1)) is None


def test_below_the_lowest_floor_the_lowest_tier_holds():
    table = tuple(
        replace(tier, notional_floor=tier.notional_floor + 5) for tier in PERPETUAL.margin_tiers
    )
    late = an_instrument("BTC/USDT:USDT", margin_tiers=table)
    assert tier_at(late, Decimal(1)) == table[0]


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


def a_border(side: Direction, *, entry: str = "100", price: str) -> LiquidationBorder:
    return LiquidationBorder(entry=Decimal(entry), direction=side, price=Decimal(price))


def test_the_border_lies_a_cushion_of_stop_distances_beyond_the_stop():
    for side, price in ((Direction.LONG, "41500"), (Direction.SHORT, "43000")):
        plan = a_plan(side, cost="0")  # a stop 500 away
        assert LiquidationBorder.of(plan, cushion=Decimal("0.5")).price == Decimal(price)


def test_nothing_lies_beyond_zero():
    plan = a_plan(near="100", far="60", stop="40", targets=("200",))
    assert LiquidationBorder.of(plan, cushion=Decimal(2)).price == 0


@pytest.mark.parametrize(
    ("side", "price", "maintenance", "leverage"),
    [
        (Direction.LONG, "90", "0", "10"),  # liquidated at 90 exactly
        (Direction.LONG, "90.01", "0", "10"),
        (Direction.LONG, "89.99", "0", "9"),
        (Direction.LONG, "0", "0.01", "1"),
        (Direction.SHORT, "110", "0", "10"),
        (Direction.SHORT, "110.01", "0", "9"),
        (Direction.SHORT, "200", "0", "1"),
        (Direction.SHORT, "200.01", "0", "0"),
        (Direction.SHORT, "100", "0", None),
    ],
)
def test_the_highest_leverage_whose_liquidation_lies_beyond_the_border(
    side, price, maintenance, leverage
):
    found = a_border(side, price=price).highest(Decimal(maintenance))
    assert found == (None if leverage is None else Decimal(leverage))


sides = st.sampled_from(Direction)


@given(sides, st.integers(1, 9_999), st.integers(0, 500))
def test_the_highest_leverage_is_allowed_and_the_next_is_not(side, distance, maintenance):
    price = Decimal(10_000) - side.sign * distance
    border = a_border(side, entry="10000", price=str(price))
    held = Decimal(maintenance) / 1000
    highest = border.highest(held)
    assert highest is not None
    assert highest == 0 or border.allows(highest, maintenance_fraction=held)
    assert not border.allows(highest + 1, maintenance_fraction=held)


@given(sides, st.integers(1, 9_999), st.integers(1, 125), st.integers(0, 500))
def test_what_the_border_allows_is_where_the_venue_liquidates(side, distance, leverage, part):
    border = a_border(side, entry="10000", price=str(Decimal(10_000) - side.sign * distance))
    held = Decimal(part) / 1000
    with localcontext(prec=50):
        price = liquidation_price(
            border.entry, side, leverage=Decimal(leverage), maintenance_fraction=held
        )
        gap = side.sign * (border.price - price)
    if abs(gap) > Decimal("1E-30"):  # the price is a rounded quotient, the question is not
        allowed = border.allows(Decimal(leverage), maintenance_fraction=held)
        assert allowed is (gap > 0)


def test_a_safe_leverage_is_allowed_by_everybody():
    border = a_border(Direction.LONG, price="90")
    for most, leverage in (("3", "3"), ("50", "9")):  # 9: 1 % of maintenance
        found = safe_leverage(PERPETUAL, Decimal(1000), Decimal(most), border=border)
        assert found == Decimal(leverage)
    assert safe_leverage(SPOT, Decimal(1000), Decimal(50), border=border) == 1


@pytest.mark.parametrize(
    ("notional", "leverage", "carries"),
    [
        ("990", "1", True),  # 990 and a fee of 9.9 of 1000
        ("991", "1", False),
        ("1960", "2", True),  # 980 and 19.6
        ("1961", "2", False),
        ("100", "0", False),
    ],
)
def test_what_backs_a_position_pays_margin_and_fee(notional, leverage, carries):
    backing = Backing(capacity=Decimal(1000), fee_fraction=Decimal("0.01"), margin=Decimal(10_000))
    assert backing.carries(Decimal(notional), Decimal(leverage)) is carries


@given(st.integers(1, 10_000), st.integers(0, 100), st.integers(1, 10_000), st.integers(1, 125))
def test_the_largest_that_is_carried_is_carried_and_no_more(capacity, fee, margin, leverage):
    backing = Backing(
        capacity=Decimal(capacity), fee_fraction=Decimal(fee) / 10_000, margin=Decimal(margin)
    )
    most = backing.largest(Decimal(leverage))
    tiny = most / 10**20
    assert backing.carries(most - tiny, Decimal(leverage))
    assert not backing.carries(most + tiny, Decimal(leverage))


def test_a_quotient_that_is_rounded_up_to_a_whole_number_does_not_pass_for_it():
    # Leverage 2 liquidates at 0.5, just short of the border; 1 ÷ 0.5…01 is 2 in 28 digits.
    border = a_border(Direction.LONG, entry="1", price="0.4999999999999999999999999999")
    assert border.highest(Decimal(0)) == 1
    assert not border.allows(Decimal(2), maintenance_fraction=Decimal(0))


def test_a_border_at_the_entry_itself_caps_nothing():
    border = a_border(Direction.SHORT, price="100")
    tiers = tuple(replace(tier, maintenance_fraction=Decimal(0)) for tier in PERPETUAL.margin_tiers)
    market = replace(PERPETUAL, margin_tiers=tiers)
    assert safe_leverage(market, Decimal(1000), Decimal(10), border=border) == 10


@pytest.mark.parametrize(
    ("notional", "leverage", "margin", "carried"),
    [
        ("1000", "1", "1000", True),  # 1000 × (1 + 0.25) of 1250
        ("1000.01", "1", "2000", False),
        ("1400", "2", "700", True),  # 1400 × (1 + 0.5) of 2500
        ("1400.01", "2", "700", False),
        ("100", "0.5", "1000", False),
    ],
)
def test_margin_and_fee_together_are_carried_up_to_the_last_digit(
    notional, leverage, margin, carried
):
    backing = Backing(capacity=Decimal(1250), fee_fraction=Decimal("0.25"), margin=Decimal(margin))
    assert backing.carries(Decimal(notional), Decimal(leverage)) is carried


def test_the_fee_is_taken_from_what_may_back_a_position():
    backing = Backing(capacity=Decimal(100), fee_fraction=Decimal("0.01"), margin=Decimal(95))
    assert backing.room(Decimal(1000)) == 90
    assert backing.room(Decimal(100)) == 95
