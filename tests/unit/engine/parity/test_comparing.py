"""What differs between a backtest and a run is told; what is rounding is not."""

from decimal import Decimal

import pytest

from snipersight.domain.units import Symbol
from snipersight.engine.parity.comparing import Finding, compare
from snipersight.engine.parity.facts import (
    Chronicle,
    Fact,
    Kind,
    Value,
    exactly,
    measured,
    money,
)

BTC = Symbol("BTC/USDT:USDT")


def a_fact(kind: Kind = Kind.PLAN, key: str = "one", at_ms: int = 1, **values: Value) -> Fact:
    return Fact(kind=kind, key=key, at_ms=at_ms, symbol=BTC, values=values)


def one_of_each(**values: Value) -> Chronicle:
    return Chronicle(
        Fact(kind=kind, key="one", at_ms=1, symbol=BTC, values=values) for kind in Kind
    )


def test_two_of_the_same_agree_and_are_counted():
    comparison = compare(one_of_each(side="long"), one_of_each(side="long"))
    assert comparison.finding is Finding.PARITY
    assert comparison.compared == dict.fromkeys(Kind, 1)
    assert comparison.differences == ()


@pytest.mark.parametrize("absent", Kind)
def test_a_kind_of_which_nothing_occurred_is_no_parity(absent):
    some = Chronicle(a_fact(kind) for kind in Kind if kind is not absent)
    assert compare(some, some).finding is Finding.UNPROVEN


def test_a_value_that_differs_is_told_with_both_sides():
    (found,) = compare(
        Chronicle([a_fact(side="long", size=exactly(Decimal("0.5")))]),
        Chronicle([a_fact(side="long", size=exactly(Decimal("0.6")))]),
    ).differences
    told = (found.at_ms, found.symbol, found.name, found.backtest, found.run)
    assert told == (1, BTC, "size", "0.5", "0.6")


def test_what_one_side_alone_has_is_told_whichever_side_it_is():
    comparison = compare(
        Chronicle([a_fact(key="mine")]), Chronicle([a_fact(key="its"), a_fact(key="more")])
    )
    told = [(one.key, one.backtest, one.run) for one in comparison.differences]
    assert told == [
        ("its", "nothing", "this"),
        ("mine", "this", "nothing"),
        ("more", "nothing", "this"),
    ]
    assert comparison.finding is Finding.DIFFERENT


def test_a_value_that_one_side_lacks_differs():
    (found,) = compare(Chronicle([a_fact(stop="1")]), Chronicle([a_fact()])).differences
    assert (found.name, found.backtest, found.run) == ("stop", "1", "nothing")


def test_differences_come_in_the_order_of_time_and_causes_first():
    facts = [a_fact(kind, key=str(at_ms), at_ms=at_ms) for at_ms in (2, 1) for kind in Kind]
    found = compare(Chronicle(reversed(facts)), Chronicle([])).differences
    assert [(one.at_ms, one.kind) for one in found] == [
        (at_ms, kind) for at_ms in (1, 2) for kind in Kind
    ]


@pytest.mark.parametrize(
    ("number", "far"),
    [(exactly, "0.00000001"), (money, "0.000002"), (measured, "0.000000002")],
)
def test_a_number_may_differ_by_rounding_and_by_nothing_more(number, far):
    small = Decimal("0.00001234")

    def differ(by: Decimal) -> bool:
        one, other = (Chronicle([a_fact(size=number(value))]) for value in (small, small + by))
        return bool(compare(one, other).differences)

    assert not differ(small * Decimal("1e-10"))
    assert differ(Decimal(far))


def test_one_key_is_given_once():
    with pytest.raises(ValueError, match="two plans under the key one"):
        Chronicle([a_fact(), a_fact()])
