"""Several processes want one lease: one has it at a time, and what it protects is changed by it."""

import os
from functools import partial

import pytest
from sqlalchemy import Connection, select, update

from snipersight.storage.database import connect_database
from snipersight.storage.leases import Lease, Leases, require_lease
from snipersight.storage.schema import KEY_VALUE, LEASE
from tests.fakes.races import PROCESSES, race

TURNS = 10
MINUTE_US = 60_000_000


@pytest.fixture
def url(database, database_url):
    """Return the URL of a database with a counter at 0."""
    first = KEY_VALUE.insert().values(key="counter", value="0", version=1, changed_us=1)
    database.write(lambda connection: connection.execute(first))
    return database_url


def add_one(connection: Connection, lease: Lease) -> None:
    """Read and write without a lock: only the lease keeps two from doing it at once."""
    require_lease(connection, lease)
    value = connection.execute(select(KEY_VALUE.c.value)).scalar_one()
    connection.execute(update(KEY_VALUE).values(value=str(int(value) + 1)))


def take_turns(url: str, barrier, results) -> None:
    """Change the counter so many times under the lease; tell the tokens."""
    with connect_database(url) as database:
        tokens: list[int] = []
        leases, owner = Leases(database), str(os.getpid())
        barrier.wait()
        while len(tokens) < TURNS:
            lease = leases.acquire("counter", owner=owner, for_us=MINUTE_US)
            if lease is None:
                continue
            database.write(partial(add_one, lease=lease))
            assert leases.release(lease)
            tokens.append(lease.token)
        results.put(tokens)


def test_every_turn_has_its_own_token_and_no_change_is_lost(url):
    shares = race(take_turns, url)
    assert sorted(token for share in shares for token in share) == list(
        range(1, PROCESSES * TURNS + 1)
    )
    assert all(share == sorted(share) for share in shares)
    with connect_database(url) as database:
        value = database.read(lambda it: it.execute(select(KEY_VALUE.c.value)).scalar_one())
        token = database.read(lambda it: it.execute(select(LEASE.c.token)).scalar_one())
    assert (value, token) == (str(PROCESSES * TURNS), PROCESSES * TURNS)
