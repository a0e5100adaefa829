"""What can happen to a ledger entry, and what cannot."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.direction import Direction
from snipersight.domain.ledger import EntryState, LedgerEntry, Origin
from snipersight.domain.units import Price
from snipersight.risk.ledger.moves import (
    expire,
    fill,
    is_due,
    move_stop,
    protect,
    reduce,
    release,
    unprotect,
)
from tests.builders.ledger import an_entry

LONG, SHORT = Direction.LONG, Direction.SHORT
NOW = 1_800_000_000_000_000
RESERVED, OPEN, CLOSED = EntryState.RESERVED, EntryState.OPEN, EntryState.CLOSED


def filled(entry: LedgerEntry, size: str, price: str = "100", at_us: int = NOW) -> LedgerEntry:
    return fill(entry, size=Decimal(size), price=Decimal(price), at_us=at_us)


def test_a_fill_moves_size_from_pending_to_open() -> None:
    entry = filled(an_entry(pending="10"), "4", "99")
    assert (entry.state, entry.open_size, entry.pending_size) == (OPEN, Decimal(4), Decimal(6))
    assert (entry.fill_price, entry.opened_us, entry.ended_us) == (Decimal(99), NOW, None)


def test_fills_average_their_prices_and_keep_the_first_time() -> None:
    entry = filled(filled(an_entry(pending="10"), "4", "99"), "6", "98", at_us=NOW + 1)
    assert entry.fill_price == Decimal("98.4")
    assert (entry.pending_size, entry.opened_us) == (Decimal(0), NOW)


@pytest.mark.parametrize(
    ("direction", "last_digit"), [(LONG, "0.3333333333333333333333333334"), (SHORT, None)]
)
def test_an_average_that_does_not_end_is_rounded_against_the_trade(
    direction: Direction, last_digit: str | None
) -> None:
    start = an_entry(direction=direction, pending="3", entry="1", stop="0.1" if last_digit else "2")
    entry = filled(filled(start, "2", "0.25"), "1", "0.5")
    assert entry.fill_price == Decimal(last_digit or "0.3333333333333333333333333333")


def test_an_average_has_its_digits_wherever_it_is_worked_out() -> None:
    start = an_entry(pending="3", entry="1", stop="0.1")
    with localcontext(prec=6):
        entry = filled(filled(start, "2", "0.25"), "1", "0.5")
    assert entry.fill_price == Decimal("0.3333333333333333333333333334")


def test_one_unit_and_what_is_filled_beside_it_have_an_average() -> None:
    entry = filled(filled(an_entry(pending="10"), "1", "99"), "3", "97")
    assert entry.fill_price == Decimal("97.5")


def test_a_close_earns_the_difference_less_costs_in_account_currency() -> None:
    entry = an_entry("BTC/EUR", filled="10", quote_rate="1.1")
    part = reduce(entry, size=Decimal(4), price=Decimal(105), at_us=NOW, cost=Decimal("0.5"))
    assert part.realised == Decimal("21.45")  # (5 × 4 − 0.5) × 1.1
    assert (part.entry.state, part.entry.open_size) == (OPEN, Decimal(6))
    rest = reduce(part.entry, size=Decimal(6), price=Decimal(90), at_us=NOW, cost=Decimal(1))
    assert rest.realised == Decimal("-67.1")
    assert rest.entry.realised == Decimal("-45.65")
    assert (rest.entry.state, rest.entry.ended_us) == (CLOSED, NOW)
    assert rest.entry.amounts.notional == 0


def test_a_short_earns_when_the_price_falls() -> None:
    entry = an_entry(direction=SHORT, filled="10")
    assert reduce(entry, size=Decimal(10), price=Decimal(93), at_us=NOW).realised == 70


def test_a_close_without_a_cost_takes_the_planned_one() -> None:
    entry = an_entry(filled="10", cost="0.25")
    assert reduce(entry, size=Decimal(4), price=Decimal(100), at_us=NOW).realised == -1
    free = reduce(entry, size=Decimal(4), price=Decimal(100), at_us=NOW, cost=Decimal(0))
    assert free.realised == 0


def test_a_position_closed_while_a_rest_is_pending_goes_on_as_a_reservation() -> None:
    entry = an_entry(filled="4", pending="6")
    left = reduce(entry, size=Decimal(4), price=Decimal(90), at_us=NOW).entry
    assert (left.state, left.pending_size, left.ended_us) == (RESERVED, Decimal(6), None)
    assert left.amounts.risk == Decimal("60")
    given_back = release(left, at_us=NOW + 1)
    assert (given_back.state, given_back.ended_us) == (CLOSED, NOW + 1)
    filled_again = filled(left, "6", "98")
    assert filled_again.fill_price == Decimal(98)


def test_less_than_a_unit_is_a_position_and_a_reservation_too() -> None:
    entry = unprotect(an_entry(filled="0.6", pending="0.5"), at_us=NOW)
    part = reduce(entry, size=Decimal("0.2"), price=Decimal(90), at_us=NOW + 1).entry
    assert (part.state, part.unprotected_since_us, part.ended_us) == (OPEN, NOW, None)
    rest = reduce(part, size=Decimal("0.4"), price=Decimal(90), at_us=NOW + 1).entry
    assert (rest.state, rest.pending_size, rest.ended_us) == (RESERVED, Decimal("0.5"), None)


def test_a_release_gives_back_what_is_pending() -> None:
    unfilled = release(an_entry(pending="10"), at_us=NOW)
    assert (unfilled.state, unfilled.ended_us) == (EntryState.RELEASED, NOW)
    half = release(an_entry(filled="4", pending="6"), at_us=NOW)
    assert (half.state, half.open_size, half.pending_size) == (OPEN, Decimal(4), Decimal(0))


def test_only_what_reached_its_end_expires() -> None:
    entry = an_entry(pending="10", expires_us=NOW)
    assert not is_due(entry, at_us=NOW - 1)
    assert is_due(entry, at_us=NOW)
    ended = expire(entry, at_us=NOW)
    assert (ended.state, ended.ended_us, ended.pending_size) == (
        EntryState.EXPIRED,
        NOW,
        Decimal(0),
    )
    assert not is_due(ended, at_us=NOW)
    half = expire(an_entry(filled="4", pending="6", expires_us=NOW), at_us=NOW)
    assert (half.state, half.open_size) == (OPEN, Decimal(4))
    assert not is_due(half, at_us=NOW)
    assert not is_due(an_entry(pending="10", expires_us=None), at_us=NOW)


def test_a_moved_stop_changes_what_is_at_risk() -> None:
    entry = move_stop(an_entry(filled="10", stop="90"), price=Decimal(97))
    assert entry.amounts.risk == Decimal("30")
    assert move_stop(entry, price=Decimal(101)).amounts.risk == 0


def test_since_when_a_position_is_unprotected_is_kept_until_it_is_covered() -> None:
    entry = unprotect(unprotect(an_entry(filled="10"), at_us=NOW), at_us=NOW + 5)
    assert entry.unprotected_since_us == NOW
    part = reduce(entry, size=Decimal(4), price=Decimal(90), at_us=NOW).entry
    assert part.unprotected_since_us == NOW
    assert protect(entry).unprotected_since_us is None
    assert reduce(part, size=Decimal(6), price=Decimal(90), at_us=NOW).entry.ended_us == NOW
    closed = reduce(part, size=Decimal(6), price=Decimal(90), at_us=NOW).entry
    assert closed.unprotected_since_us is None


ENDED = an_entry(pending="0", state=EntryState.RELEASED, ended_us=1)
UNFILLED, POSITION = an_entry(pending="10"), an_entry(filled="10")
OVER = an_entry(filled="0", pending="0", state=CLOSED, ended_us=1)
ORDERED = an_entry(pending="10", origin=Origin.EXECUTED)
NAN, ONE = Decimal("NaN"), Decimal(1)

IMPOSSIBLE: list[tuple[str, Callable[[], object]]] = [
    ("only 10 is pending", lambda: filled(UNFILLED, "10.1")),
    ("only 0 is pending", lambda: filled(POSITION, "1")),
    ("size is 0", lambda: filled(UNFILLED, "0")),
    ("size is -1", lambda: filled(UNFILLED, "-1")),
    ("size is NaN", lambda: filled(UNFILLED, "NaN")),
    ("price is 0", lambda: filled(UNFILLED, "1", "0")),
    ("price is Infinity", lambda: filled(UNFILLED, "1", "Infinity")),
    ("size is 0", lambda: filled(ENDED, "0")),
    ("it is closed and cannot be filled", lambda: filled(OVER, "1")),
    ("only its release ends it", lambda: expire(ORDERED, at_us=NOW)),
    ("only 10 is open", lambda: reduce(POSITION, size=Decimal(11), price=ONE, at_us=NOW)),
    ("only 0 is open", lambda: reduce(UNFILLED, size=ONE, price=ONE, at_us=NOW)),
    ("size is 0", lambda: reduce(POSITION, size=Decimal(0), price=ONE, at_us=NOW)),
    ("price is NaN", lambda: reduce(POSITION, size=ONE, price=NAN, at_us=NOW)),
    ("cost is NaN", lambda: reduce(POSITION, size=ONE, price=ONE, at_us=NOW, cost=NAN)),
    ("cannot be closed", lambda: reduce(ENDED, size=ONE, price=ONE, at_us=NOW)),
    ("nothing is pending", lambda: release(POSITION, at_us=NOW)),
    ("cannot be released", lambda: release(ENDED, at_us=NOW)),
    ("nothing is pending", lambda: expire(POSITION, at_us=NOW)),
    ("not yet at 5", lambda: expire(replace(UNFILLED, expires_us=6), at_us=5)),
    ("expires at None", lambda: expire(replace(UNFILLED, expires_us=None), at_us=NOW)),
    ("cannot be moved", lambda: move_stop(ENDED, price=ONE)),
    ("stop_price is 0", lambda: move_stop(POSITION, price=Decimal(0))),
    ("nothing is open", lambda: protect(UNFILLED)),
    ("nothing is open", lambda: unprotect(UNFILLED, at_us=NOW)),
    ("cannot be unprotected", lambda: unprotect(ENDED, at_us=NOW)),
]


@pytest.mark.parametrize(("why", "move"), IMPOSSIBLE)
def test_what_cannot_have_happened_is_refused(why: str, move: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        move()
    assert str(refused.value).startswith("ledger entry entry-1: ")


sizes = st.decimals(min_value="0.00000001", max_value=10, places=8)
prices = st.decimals(min_value="0.00000001", max_value=10**6, places=8)


@given(st.lists(st.tuples(sizes, prices), min_size=1, max_size=6), st.sampled_from(Direction))
def test_filled_and_pending_always_make_the_reserved_size(
    fills: list[tuple[Decimal, Decimal]], direction: Direction
) -> None:
    entry = an_entry(direction=direction, pending="60")
    for size, price in fills:
        entry = fill(entry, size=size, price=price, at_us=NOW)
    assert entry.open_size + entry.pending_size == 60
    assert entry.fill_price is not None
    paid = sum(size * price for size, price in fills)
    claimed = entry.open_size * entry.fill_price
    assert (claimed - paid) * direction.sign >= -Decimal("1e-15")


@given(sizes, prices, prices)
def test_closing_in_parts_earns_what_closing_at_once_earns(
    size: Decimal, opened: Decimal, closed: Decimal
) -> None:
    entry = replace(an_entry(filled="10.00000001"), fill_price=Price(opened))
    first = reduce(entry, size=size, price=closed, at_us=NOW)
    rest = reduce(first.entry, size=first.entry.open_size, price=closed, at_us=NOW)
    whole = reduce(entry, size=entry.open_size, price=closed, at_us=NOW)
    assert rest.entry.realised == whole.entry.realised == first.realised + rest.realised


@pytest.mark.parametrize(
    ("move", "why"),
    [
        (lambda: protect(UNFILLED), "nothing is open that could be protected"),
        (lambda: unprotect(UNFILLED, at_us=NOW), "nothing is open that could be unprotected"),
        (lambda: protect(ENDED), "it is released and cannot be protected"),
        (lambda: release(POSITION, at_us=NOW), "nothing is pending that could be released"),
        (lambda: expire(POSITION, at_us=NOW), "nothing is pending that could be expired"),
        (lambda: expire(ENDED, at_us=NOW), "it is released and cannot be expired"),
        (
            lambda: expire(ORDERED, at_us=NOW),
            "its order may still be filled; only its release ends it",
        ),
        (lambda: fill(UNFILLED, size=NAN, price=ONE, at_us=NOW), "size is NaN"),
        (lambda: fill(UNFILLED, size=ONE, price=NAN, at_us=NOW), "price is NaN"),
        (lambda: fill(ENDED, size=ONE, price=-ONE, at_us=NOW), "price is -1"),
        (lambda: reduce(POSITION, size=ONE, price=NAN, at_us=NOW), "price is NaN"),
        (lambda: move_stop(POSITION, price=Decimal(0)), "stop_price is 0"),
    ],
)
def test_what_could_not_be_done_is_said(move: Callable[[], object], why: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 -- the whole text is compared
        move()
    assert str(refused.value) == f"ledger entry entry-1: {why}"
