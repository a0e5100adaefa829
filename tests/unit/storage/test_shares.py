"""Members of one scan, on either kind of database."""

import pytest
from sqlalchemy import event, select, update

from snipersight.domain.errors import LeaseLost
from snipersight.domain.shares import SLOTS, Scope
from snipersight.storage.database import Database
from snipersight.storage.leases import Leases
from snipersight.storage.schema import KEY_VALUE, LEASE
from snipersight.storage.shares import TERM_US, SqlShares

SCOPE = Scope(account_id="main", market="binance", profile_hash="0f", symbols="top20")
OTHER = Scope(account_id="main", market="binance", profile_hash="0e", symbols="top20")
CLOSE_MS = 1_790_000_040_000
EVER_MS = CLOSE_MS * 2
ALL = range(SLOTS)
DAY_US = 86_400_000_000


def members(database: Database, *names: str, scope: Scope = SCOPE) -> list[SqlShares]:
    """Return members that have come to rest."""
    joined = [SqlShares(database, scope, member=name) for name in names]
    for _ in range(2):
        for one in joined:
            one.settle(may_give=ALL)
    return joined


def shift(database: Database, *, by_us: int, owner: str | None = None) -> None:
    """Let what is held, by one or by all, end earlier or later."""
    which = LEASE.c.expires_us > 0 if owner is None else LEASE.c.owner == owner
    database.write(
        lambda it: it.execute(
            update(LEASE).where(which).values(expires_us=LEASE.c.expires_us + by_us)
        )
    )


def run_out(database: Database, owner: str) -> None:
    shift(database, by_us=-2 * TERM_US, owner=owner)


def is_refused(database: Database, shares: SqlShares, leases) -> bool:
    try:
        database.write(lambda it: shares.require(it, leases.values()))
    except LeaseLost:
        return True
    return False


def names_of(database: Database) -> list[str]:
    return list(database.read(lambda it: it.execute(select(LEASE.c.name)).scalars().all()))


def test_what_a_dead_one_had_is_free_well_within_a_bar_of_one_minute():
    assert TERM_US <= 15_000_000 - 2 * 1_000_000  # two looks of a second beside it


def test_alone_one_has_everything_at_once(database):
    share = SqlShares(database, SCOPE, member="a").join()
    assert sorted(share.leases) == list(ALL)
    assert {lease.token for lease in share.leases.values()} == {1}
    assert (share.members, share.scanned_ms, share.is_due) == (1, {}, False)


def test_a_second_one_gets_half_as_soon_as_the_first_lets_go(database):
    first, second = (SqlShares(database, SCOPE, member=name) for name in "ab")
    first.join()
    assert second.join().leases == {}
    assert sorted(first.look().moves.gives) == list(range(8, SLOTS))
    assert len(first.settle(may_give=()).leases) == SLOTS
    assert len(first.settle(may_give=range(12)).leases) == 12
    assert sorted(second.settle(may_give=()).leases) == list(range(8, 12))
    assert sorted(first.settle(may_give=ALL).leases) == list(range(8))
    assert sorted(second.settle(may_give=()).leases) == list(range(8, SLOTS))


def test_scopes_share_nothing(database):
    for scope in (SCOPE, OTHER):
        assert len(SqlShares(database, scope, member="a").join().leases) == SLOTS


def test_looking_changes_nothing_and_tells_what_is_to_do(database):
    first, second = (SqlShares(database, SCOPE, member=name) for name in "ab")
    assert first.look().is_due
    assert len(first.look().moves.takes) == SLOTS
    assert names_of(database) == []
    first.join()
    assert not first.look().is_due
    assert len(second.look().moves.takes) == 0
    assert second.look().members == 2
    shift(database, by_us=-TERM_US // 3)
    assert first.look().is_due


def test_holding_on_keeps_the_tokens(database):
    (first,) = members(database, "a")
    before = first.look().leases
    shift(database, by_us=-TERM_US // 2)
    after = first.settle(may_give=ALL).leases
    assert {lease.token for lease in after.values()} == {1}
    assert all(after[slot].expires_us >= before[slot].expires_us for slot in ALL)


def test_the_part_of_a_dead_one_is_taken_over_and_its_writes_are_refused(database):
    first, second = members(database, "a", "b")
    had, own = first.look().leases, second.look().leases
    run_out(database, "a")
    taken = second.settle(may_give=())
    assert len(taken.leases) == SLOTS
    assert taken.members == 1
    assert all(taken.leases[slot].token == had[slot].token + 1 for slot in had)
    assert is_refused(database, first, had)
    assert not is_refused(database, second, own)
    with pytest.raises(LeaseLost, match="b holds the lease"):
        first.mark(had, as_of_ms=CLOSE_MS, believed_ms=EVER_MS)


def test_one_that_slept_past_its_term_is_refused_even_if_nobody_came(database):
    (first,) = members(database, "a")
    had = first.look().leases
    run_out(database, "a")
    assert is_refused(database, first, had)
    again = first.settle(may_give=())
    assert {lease.token for lease in again.leases.values()} == {2}
    assert is_refused(database, first, had)
    assert not is_refused(database, first, again.leases)


def test_one_lost_slot_is_enough_to_be_refused(database):
    (first,) = members(database, "a")
    had = first.look().leases
    first.settle(may_give=())
    name = had[7].name
    database.write(lambda it: it.execute(update(LEASE).where(LEASE.c.name == name).values(token=9)))
    assert is_refused(database, first, had)
    with pytest.raises(LeaseLost):
        first.mark(had, as_of_ms=CLOSE_MS, believed_ms=EVER_MS)
    assert first.look().scanned_ms == {}


def test_whoever_leaves_gives_all_back_at_once_and_stays_away(database):
    first, second = members(database, "a", "b")
    had = first.look().leases
    first.leave()
    assert first.settle(may_give=()).leases == {}
    assert is_refused(database, first, had)
    share = second.settle(may_give=())
    assert (len(share.leases), share.members) == (SLOTS, 1)
    assert sum(name.startswith("worker:") for name in names_of(database)) == 1


def test_marks_are_kept_by_slot_and_go_with_it(database):
    first, second = members(database, "a", "b")
    share = first.mark(first.look().leases, as_of_ms=CLOSE_MS, believed_ms=EVER_MS)
    assert share.scanned_ms == dict.fromkeys(range(8), CLOSE_MS)
    assert second.look().scanned_ms == {}
    first.leave()
    assert second.settle(may_give=()).scanned_ms == dict.fromkeys(range(8), CLOSE_MS)


def test_a_mark_never_goes_back_unless_it_lies_in_the_future(database):
    (first,) = members(database, "a")

    def mark(as_of_ms: int, believed_ms: int = EVER_MS) -> set[int]:
        leases = first.look().leases
        share = first.mark(leases, as_of_ms=as_of_ms, believed_ms=believed_ms)
        return set(share.scanned_ms.values())

    assert mark(CLOSE_MS) == {CLOSE_MS}
    assert mark(CLOSE_MS - 60_000) == {CLOSE_MS}
    assert mark(CLOSE_MS + 60_000) == {CLOSE_MS + 60_000}
    assert mark(CLOSE_MS, believed_ms=CLOSE_MS + 30_000) == {CLOSE_MS}


def test_with_its_mark_a_member_lets_others_have_their_part(database):
    first, second = (SqlShares(database, SCOPE, member=name) for name in "ab")
    had = first.join().leases
    second.join()
    assert len(first.mark(had, as_of_ms=CLOSE_MS, believed_ms=EVER_MS).leases) == 8
    share = second.settle(may_give=())
    assert share.scanned_ms == dict.fromkeys(range(8, SLOTS), CLOSE_MS)


def test_a_clock_set_back_keeps_nothing_for_a_dead_one_longer_than_a_term(database):
    _, second = members(database, "a", "b")
    shift(database, by_us=3_600_000_000)  # held by a clock that was an hour ahead
    assert len(second.settle(may_give=()).leases) == 8
    run_out(database, "a")
    assert len(second.settle(may_give=()).leases) == SLOTS


def test_what_was_left_behind_long_ago_is_removed_and_what_is_in_use_is_not(database):
    (other,) = members(database, "x", scope=OTHER)
    other.mark(other.look().leases, as_of_ms=CLOSE_MS, believed_ms=EVER_MS)
    Leases(database).acquire("executor:main", owner="e", for_us=TERM_US)
    members(database, "y")[0].leave()
    rows = len(names_of(database))
    SqlShares(database, SCOPE, member="a").join()
    assert len(names_of(database)) == rows + 1
    shift(database, by_us=-36 * DAY_US)
    database.write(lambda it: it.execute(update(KEY_VALUE).values(expires_us=1)))
    SqlShares(database, SCOPE, member="b").join()
    left = names_of(database)
    assert not any(OTHER.key in name for name in left)
    assert sum(SCOPE.key in name for name in left) == SLOTS + 1
    assert "executor:main" in left
    assert database.read(lambda it: it.execute(select(KEY_VALUE)).all()) == []


def test_slots_are_guarded_in_two_statements_however_many_they_are(database):
    (first,) = members(database, "a")
    leases = first.look().leases
    statements: list[str] = []

    def guarded(connection):
        def note(*arguments):
            statements.append(arguments[2])

        event.listen(connection, "before_cursor_execute", note)
        first.require(connection, leases.values())

    database.write(guarded)
    assert len(statements) == 2
