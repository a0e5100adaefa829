"""A halt of every account holds for those that are opened later, whoever is quicker."""

import threading
import time
from decimal import Decimal

import pytest

from snipersight.domain.units import Currency
from snipersight.storage.coming_accounts import ComingAccounts
from snipersight.storage.database import Database, connect_database
from snipersight.storage.decision_store import SqlDecisionStore

NOW_US = 1_717_243_200_000_000
USDT = Currency("USDT")


def reason_found(database: Database) -> str | None:
    """Return why an account that is created now begins halted; it is not kept."""
    return database.write(lambda connection: ComingAccounts(database).halt_reason(connection))


@pytest.mark.parametrize("reason", ["news at eight", ""])
def test_a_halt_is_kept_with_its_reason_until_it_is_lifted(database, database_url, reason):
    assert reason_found(database) is None
    ComingAccounts(database).halt(reason)
    assert reason_found(database) == reason
    with connect_database(database_url) as opened_again:
        assert reason_found(opened_again) == reason
        ComingAccounts(opened_again).resume()
    assert reason_found(database) is None


def test_the_newest_reason_is_told(database):
    for reason in ("one", "another"):
        ComingAccounts(database).halt(reason)
    assert reason_found(database) == "another"


def test_resuming_what_was_never_halted_changes_nothing(database):
    ComingAccounts(database).resume()
    assert reason_found(database) is None


def test_a_halt_waits_for_an_account_that_is_just_being_created(database, database_url):
    has_looked, done = threading.Event(), []

    def begin(connection, _unit):
        assert ComingAccounts(database).halt_reason(connection) is None
        has_looked.set()
        time.sleep(0.3)  # the halt comes now
        done.append("account")

    def create():
        store = SqlDecisionStore(database, clock=lambda: NOW_US)
        store.create_account("main", USDT, Decimal(100), at_us=NOW_US, begin=begin)

    creating = threading.Thread(target=create)
    creating.start()
    assert has_looked.wait(20)
    with connect_database(database_url) as other:
        ComingAccounts(other).halt("news")
        done.append("halt")
        listed = SqlDecisionStore(other, clock=lambda: NOW_US).accounts()
    creating.join(20)
    assert done == ["account", "halt"]
    assert [row.account_id for row in listed] == ["main"]
