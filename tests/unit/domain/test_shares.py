"""How the slots of a scan are shared out: fairly, for good, and without going round in circles."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.shares import SLOTS, Moves, Scope, fair_part, moves_of, slot_of
from snipersight.domain.units import Symbol

NAMES = st.sets(st.sampled_from("abcdefghijklmnopqrst"), min_size=1, max_size=20)
Owners = list[str | None]


@st.composite
def tables(draw):
    """Return members, and who owns each slot: some of them, nobody, or one that is gone."""
    members = draw(NAMES)
    owner = st.sampled_from([None, *sorted(members)])
    return members, draw(st.lists(owner, min_size=SLOTS, max_size=SLOTS))


def apply(member: str, members: set[str], owners: Owners) -> Moves:
    """Let a member do what it should."""
    moves = moves_of(member, members, owners)
    for slot in moves.gives:
        assert owners[slot] == member
        owners[slot] = None
    for slot in moves.takes:
        assert owners[slot] is None
        owners[slot] = member
    return moves


def settle(members: set[str], owners: Owners, *, rounds: int = 2) -> None:
    for _ in range(rounds):
        for member in sorted(members):
            apply(member, members, owners)


@given(NAMES)
def test_the_parts_of_all_members_are_all_the_slots(members):
    parts = [fair_part(member, members) for member in members]
    assert sum(parts) == SLOTS
    assert max(parts) - min(parts) <= 1


@given(tables())
def test_two_rounds_give_everybody_a_fair_part_and_then_nothing_moves(table):
    members, owners = table
    settle(members, owners)
    assert None not in owners
    counts = Counter(owners)
    parts = [counts[member] for member in members]
    assert max(parts) - min(parts) <= 1
    settled = list(owners)
    settle(members, owners)
    assert owners == settled


@given(tables(), st.data())
def test_members_that_look_in_any_order_come_to_rest(table, data):
    members, owners = table
    order = data.draw(st.lists(st.sampled_from(sorted(members)), max_size=60))
    for member in order:
        apply(member, members, owners)
    settle(members, owners)
    assert all(moves_of(member, members, owners) == Moves() for member in members)


@given(NAMES, st.sampled_from("012xyz"))
def test_a_newcomer_moves_no_more_than_its_own_part(members, newcomer):
    owners: Owners = [None] * SLOTS
    settle(members, owners)
    before = list(owners)
    settle(members | {newcomer}, owners)
    moved = [slot for slot in range(SLOTS) if owners[slot] != before[slot]]
    assert all(owners[slot] == newcomer for slot in moved)


@given(NAMES.filter(lambda names: len(names) > 1), st.data())
def test_what_a_leaver_had_is_all_that_moves(members, data):
    owners: Owners = [None] * SLOTS
    settle(members, owners)
    leaver = data.draw(st.sampled_from(sorted(members)))
    left = [slot for slot, owner in enumerate(owners) if owner == leaver]
    before = list(owners)
    for slot in left:
        owners[slot] = None
    settle(members - {leaver}, owners)
    assert [slot for slot in range(SLOTS) if owners[slot] != before[slot]] == left


def test_alone_one_takes_everything_and_of_two_the_first_gives_half():
    owners: Owners = [None] * SLOTS
    assert moves_of("a", {"a"}, owners) == Moves(takes=tuple(range(SLOTS)))
    owners = ["a"] * SLOTS
    assert moves_of("b", {"a", "b"}, owners) == Moves()
    assert moves_of("a", {"a", "b"}, owners) == Moves(gives=tuple(range(8, SLOTS)))


def test_slots_of_one_that_is_no_member_are_left_to_it():
    owners: Owners = ["gone"] * 4 + [None] * 12
    assert set(moves_of("a", {"a"}, owners).takes) == set(range(4, SLOTS))


@pytest.mark.parametrize(
    ("symbol", "slot"), [("BTC/USDT", 15), ("ETH/USDT", 3), ("PEPE/USDT", 10), ("1INCH/USDT", 11)]
)
def test_a_symbol_lies_in_its_slot_for_good(symbol, slot):
    assert slot_of(Symbol(symbol)) == slot


@pytest.mark.parametrize("symbol", ["PEPE/USDC", "1000PEPE/USDT:USDT", "PEPE/USDT:USDT"])
def test_everything_on_one_underlying_lies_in_one_slot(symbol):
    assert slot_of(Symbol(symbol)) == slot_of(Symbol("PEPE/USDT"))


@given(st.text(min_size=1, max_size=12))
def test_any_symbol_has_a_slot(symbol):
    assert 0 <= slot_of(Symbol(symbol)) < SLOTS


def test_a_hundred_symbols_are_spread_over_all_slots():
    counts = Counter(slot_of(Symbol(f"ASSET{number}/USDT")) for number in range(100))
    assert len(counts) >= SLOTS - 1
    assert max(counts.values()) <= 15


def test_scopes_that_differ_in_anything_share_nothing():
    parts = ("account_id", "market", "profile_hash", "symbols")
    base = dict.fromkeys(parts, "x")
    keys = {Scope(**base).key, *(Scope(**{**base, part: "y"}).key for part in parts)}
    assert len(keys) == 5
    one = Scope(account_id="ab", market="c", profile_hash="d", symbols="e")
    other = Scope(account_id="a", market="bc", profile_hash="d", symbols="e")
    assert one.key != other.key
    assert len(one.key) == 16
