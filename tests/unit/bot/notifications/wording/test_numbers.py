from decimal import Decimal

import pytest

from snipersight.bot.notifications.wording.numbers import (
    PriceWords,
    money,
    reward,
    signed_multiple,
    signed_points,
    utc_minute,
)


@pytest.mark.parametrize(
    ("quote", "tick", "prices", "expected"),
    [
        ("USDT", "0.01000000", ["42250"], "$42,250.00"),
        ("EUR", "0.1", ["42250"], "42,250.0"),
        ("USDT", None, ["42250", "0.5"], "$42,250.0"),
        ("USDC", "1E+1", ["42250"], "$42,250"),
        ("BTC", "0.1", ["0.00001"], "42,250.00000"),
    ],
)
def test_prices_stand_at_the_tick_or_finer(quote, tick, prices, expected):
    step = None if tick is None else Decimal(tick)
    words = PriceWords.of_market(quote, step, map(Decimal, prices))
    assert words.price(Decimal(42250)) == expected


def test_a_zone_begins_with_the_lower_price():
    words = PriceWords("$", 1)
    assert words.zone(Decimal(2), Decimal("1.5")) == "$1.5 – $2.0"
    assert words.zone(Decimal(2), Decimal("2.0")) == "$2.0"


def test_a_finer_price_gets_its_digits_but_not_all_of_an_endless_one():
    words = PriceWords("$", 2)
    assert words.with_digits_of(Decimal("1.2345")).price(Decimal("1.2345")) == "$1.2345"
    assert words.with_digits_of(Decimal(1)) == words
    assert words.with_digits_of(Decimal(2) / 3).price(Decimal(2) / 3) == "$0.666667"


def test_multiples_and_points_carry_their_sign():
    assert [signed_multiple(r) for r in (1.5, Decimal("-1"), 0.001, -0.001)] == [
        "+1.50R",
        "−1.00R",
        "0.00R",
        "0.00R",
    ]
    assert [signed_points(n) for n in (12.04, -8.0, 0.0, -0.04)] == ["+12.0", "−8.0", "0.0", "0.0"]
    assert reward(2.126) == "1:2.13"


def test_money_names_its_currency_where_it_is_known():
    assert money(Decimal("1250"), "USDT") == "1,250.00 USDT"
    assert money(Decimal("1250"), "") == "1,250.00"
    assert utc_minute(1_717_754_400_000) == "2024-06-07 10:00 UTC"
