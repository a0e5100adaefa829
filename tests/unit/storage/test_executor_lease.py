"""One process executes an account's trades; whoever was overtaken writes nothing any more."""

from decimal import Decimal

import pytest
from sqlalchemy import update

from snipersight.domain.errors import LeaseLost
from snipersight.domain.units import Currency
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.executor_lease import SqlExecutorLease, executor_lease_name
from snipersight.storage.schema import LEASE
from tests.builders.trades import a_trade


@pytest.fixture
def store(database):
    opened = SqlDecisionStore(database, clock=lambda: 7)
    opened.create_account("main", Currency("USDT"), Decimal(100), at_us=5)
    return opened


def test_one_executes_an_account_and_another_one_another(database):
    first, second = (SqlExecutorLease(database, "main", owner=name) for name in "ab")
    assert first.keep()
    assert first.keep()
    assert not second.keep()
    assert SqlExecutorLease(database, "other", owner="b").keep()
    first.give_back()
    assert second.keep()


def test_whoever_was_overtaken_stores_nothing(database, store):
    first, second = (SqlExecutorLease(database, "main", owner=name) for name in "ab")
    assert first.keep()
    store.transact("main", lambda unit: unit.book.save_trade(a_trade()), guard=first.guard)
    database.write(lambda it: it.execute(update(LEASE).values(expires_us=1)))
    assert second.keep()
    with pytest.raises(LeaseLost, match="b holds the lease"):
        store.transact("main", lambda unit: unit.book.save_trade(a_trade("x")), guard=first.guard)
    assert len(store.view("main", lambda unit: unit.book.trades())) == 1


def test_one_that_merely_ran_out_is_held_on_and_bars_others_again(database, store):
    first, second = (SqlExecutorLease(database, "main", owner=name) for name in "ab")
    assert first.keep()
    for go_on in (lambda: store.transact("main", lambda _: None, guard=first.guard), first.keep):
        database.write(lambda it: it.execute(update(LEASE).values(expires_us=1)))
        go_on()
        assert not second.keep()
        store.transact("main", lambda _: None, guard=first.guard)


def test_one_that_another_one_had_meanwhile_is_a_new_right(database, store):
    first, second = (SqlExecutorLease(database, "main", owner=name) for name in "ab")
    assert first.keep()
    before = first.held()
    database.write(lambda it: it.execute(update(LEASE).values(expires_us=1)))
    assert second.keep()
    assert not first.keep()
    with pytest.raises(LeaseLost):
        store.transact("main", lambda _: None, guard=first.guard)
    second.give_back()
    assert first.keep()
    assert first.held().token > before.token


def test_without_a_lease_nothing_is_stored(database, store):
    lease = SqlExecutorLease(database, "main", owner="a")
    with pytest.raises(LeaseLost, match="another process executes the trades of account main"):
        store.transact("main", lambda unit: None, guard=lease.guard)


def test_every_account_has_a_name_of_its_own_that_fits():
    assert executor_lease_name("main") == "executor:main"
    names = {executor_lease_name("x" * 63 + end) for end in ("", "a", "b")}
    assert len(names) == 3
    assert max(map(len, names)) == 64
