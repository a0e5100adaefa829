import pytest
from sqlalchemy import select, update

from snipersight.domain.errors import LeaseLost, StateUnavailable
from snipersight.storage.database import Database
from snipersight.storage.leases import Lease, Leases, require_lease
from snipersight.storage.schema import KEY_VALUE, LEASE

MINUTE_US = 60_000_000


def acquired(leases: Leases, owner: str, *, for_us: int = MINUTE_US) -> Lease:
    """Return the lease that nobody keeps us from getting."""
    lease = leases.acquire("scanner", owner=owner, for_us=for_us)
    assert lease is not None
    return lease


def run_out(database: Database, name: str = "scanner", *, by_us: int = 10**9) -> None:
    """Let the time of a lease be over."""
    database.write(
        lambda connection: connection.execute(
            update(LEASE).where(LEASE.c.name == name).values(expires_us=LEASE.c.expires_us - by_us)
        )
    )


def ends_us(database: Database) -> int:
    return int(
        database.read(
            lambda connection: connection.execute(select(LEASE.c.expires_us)).scalar_one()
        )
    )


def is_held(database: Database, lease: Lease) -> bool:
    try:
        database.write(lambda connection: require_lease(connection, lease))
    except LeaseLost:
        return False
    return True


def test_the_first_to_ask_gets_it_and_nobody_else(database):
    leases = Leases(database)
    mine = acquired(leases, "a")
    assert (mine.owner, mine.token) == ("a", 1)
    assert leases.acquire("scanner", owner="b", for_us=MINUTE_US) is None
    assert leases.acquire("executor", owner="b", for_us=MINUTE_US) is not None
    assert is_held(database, mine)


def test_it_ends_by_the_clock_of_the_database(database):
    before_us = database.read(database.now_us)
    mine = acquired(Leases(database), "a")
    after_us = database.read(database.now_us)
    assert before_us + MINUTE_US <= mine.expires_us <= after_us + MINUTE_US


def test_a_clock_set_back_keeps_it_for_a_dead_holder_no_longer_than_anybody_takes_it(database):
    leases = Leases(database)
    mine = acquired(leases, "a")
    run_out(database, by_us=-3_600 * 1_000_000)  # taken by a clock that was an hour ahead
    before_us = database.read(database.now_us)
    assert leases.acquire("scanner", owner="b", for_us=MINUTE_US) is None
    assert ends_us(database) > before_us + 3_600 * 1_000_000
    for _ in range(2):  # asking again does not make it longer
        asked = leases.acquire("scanner", owner="b", for_us=MINUTE_US, longest_us=MINUTE_US)
        assert asked is None
        assert ends_us(database) - before_us < MINUTE_US + 5_000_000
    assert is_held(database, mine)
    assert acquired(leases, "a").token == mine.token


def test_its_holder_gets_it_for_longer_under_the_same_token(database):
    leases = Leases(database)
    mine = acquired(leases, "a")
    again = acquired(leases, "a", for_us=2 * MINUTE_US)
    assert again.token == mine.token
    assert again.expires_us > mine.expires_us
    assert is_held(database, mine)


def test_the_token_grows_by_one_with_every_change_of_hands(database):
    leases = Leases(database)
    tokens = []
    for owner in ("a", "b", "a"):
        lease = acquired(leases, owner)
        tokens.append(lease.token)
        assert leases.release(lease)
    assert tokens == [1, 2, 3]


def test_one_that_ran_out_is_refused_even_to_its_owner(database):
    leases = Leases(database)
    mine = acquired(leases, "a")
    run_out(database)
    assert not is_held(database, mine)
    with pytest.raises(LeaseLost, match=r"scanner: the lease ran out [\d,]+ ms ago"):
        leases.renew(mine, for_us=MINUTE_US)
    again = acquired(leases, "a")
    assert again.token == 2
    assert not is_held(database, mine)
    assert is_held(database, again)


def test_one_that_was_taken_over_is_lost_and_says_who_has_it(database):
    leases = Leases(database)
    mine = acquired(leases, "a")
    run_out(database)
    theirs = acquired(leases, "b")
    assert theirs.token == 2
    with pytest.raises(LeaseLost, match="b holds the lease now"):
        leases.renew(mine, for_us=MINUTE_US)
    assert not leases.release(mine)
    assert is_held(database, theirs)


def test_renewing_counts_from_now_and_keeps_the_token(database):
    leases = Leases(database)
    mine = acquired(leases, "a", for_us=2 * MINUTE_US)
    shorter = leases.renew(mine, for_us=MINUTE_US)
    assert shorter.expires_us < mine.expires_us
    assert shorter.token == mine.token
    run_out(database)
    assert not is_held(database, shorter)


def test_one_given_back_protects_nothing_any_more(database):
    leases = Leases(database)
    mine = acquired(leases, "a")
    assert leases.release(mine)
    assert not leases.release(mine)
    with pytest.raises(LeaseLost, match="was given back"):
        leases.renew(mine, for_us=MINUTE_US)
    assert leases.acquire("scanner", owner="b", for_us=MINUTE_US) is not None


def test_one_that_never_was_is_lost(database):
    other = acquired(Leases(database), "a")
    database.write(lambda connection: connection.execute(LEASE.delete()))
    assert not is_held(database, other)


def test_what_a_lost_lease_protected_is_rolled_back(database):
    leases = Leases(database)
    mine = acquired(leases, "a")
    run_out(database)

    def protected(connection):
        connection.execute(
            KEY_VALUE.insert().values(key="order", value="sent", version=1, changed_us=1)
        )
        require_lease(connection, mine)

    with pytest.raises(LeaseLost):
        database.write(protected)
    assert database.read(lambda connection: connection.execute(select(KEY_VALUE)).all()) == []


def test_the_loss_counts_as_a_store_that_cannot_be_used():
    assert issubclass(LeaseLost, StateUnavailable)


@pytest.mark.parametrize(
    ("name", "owner", "for_us"), [("", "a", 1), ("x" * 65, "a", 1), ("x", "", 1), ("x", "a", 0)]
)
def test_a_lease_without_a_name_or_time_is_refused(database, name, owner, for_us):
    with pytest.raises(ValueError, match="lease"):
        Leases(database).acquire(name, owner=owner, for_us=for_us)


def test_anybody_sees_whether_it_is_held(database):
    leases = Leases(database)
    assert not leases.is_held("scanner")
    acquired(leases, "a")
    assert leases.is_held("scanner")
    run_out(database)
    assert not leases.is_held("scanner")
    mine = acquired(leases, "a")
    leases.release(mine)
    assert not leases.is_held("scanner")
