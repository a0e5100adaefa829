"""One signal a market and side within a window, whoever asks, by the database's clock."""

import threading
from decimal import Decimal
from typing import cast

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Currency
from snipersight.storage.database import Database
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.recent_signals import SqlRecentSignals
from tests.fakes.memory_store import a_memory_store
from tests.fakes.scripted_venue import ACCOUNT
from tests.unit.storage.processes import ready, result_of, worker
from tests.unit.storage.test_outbox_machine import ClockedDatabase

MODULE = "tests.unit.storage.execution_worker"
LONG, SHORT = Direction.LONG, Direction.SHORT
MINUTE_US = 60_000_000


@pytest.fixture
def clocked():
    return ClockedDatabase()


@pytest.fixture
def signals(clocked):
    return SqlRecentSignals(cast("Database", clocked))


def fire(
    signals: SqlRecentSignals,
    symbol: str = "BTC/USDT",
    direction: Direction = LONG,
    *,
    account: str = "main",
    window_us: int = 15 * MINUTE_US,
) -> bool:
    return signals.claim(account, symbol, direction, window_us=window_us, by="scan")


def test_the_second_within_the_window_is_told_no(clocked, signals):
    assert fire(signals)
    clocked.clock_us += 15 * MINUTE_US - 1
    assert not fire(signals)
    clocked.clock_us += 1
    assert fire(signals)
    assert not fire(signals)


def test_another_side_market_or_account_is_another_signal(signals):
    assert fire(signals)
    assert fire(signals, direction=SHORT)
    assert fire(signals, "ETH/USDT")
    assert fire(signals, account="other")


def test_a_refusal_makes_nobody_wait_longer(clocked, signals):
    fire(signals)
    clocked.clock_us += 10 * MINUTE_US
    assert not fire(signals)
    clocked.clock_us += 5 * MINUTE_US
    assert fire(signals)


def test_whoever_looks_further_back_sees_what_another_let_pass(clocked, signals):
    assert fire(signals, window_us=MINUTE_US)
    clocked.clock_us += 10 * MINUTE_US
    assert not fire(signals)
    assert fire(signals, window_us=5 * MINUTE_US)


def test_a_signal_of_last_week_is_no_matter(clocked, signals):
    assert fire(signals)
    clocked.clock_us += 8 * 86_400_000_000
    assert fire(signals)


def test_a_window_must_last(signals):
    with pytest.raises(ValueError, match="window of 0"):
        fire(signals, window_us=0)


@pytest.fixture
def store(database):
    found = SqlDecisionStore(database, clock=lambda: 10**15)
    found.create_account("main", Currency("USDT"), Decimal(1000), at_us=10**15)
    return found


def test_a_claim_that_is_part_of_a_transaction_counts_with_it(database, store):
    signals = SqlRecentSignals(database)

    def claim(unit: UnitOfWork) -> bool:
        return signals.claim("main", "BTC/USDT", LONG, window_us=MINUTE_US, by="scan", unit=unit)

    assert store.transact("main", claim)
    assert not store.transact("main", claim)
    assert not signals.claim("main", "BTC/USDT", LONG, window_us=MINUTE_US, by="scan")


def test_a_claim_of_a_transaction_that_fails_never_was(database, store):
    signals = SqlRecentSignals(database)

    def claim_and_fail(unit: UnitOfWork) -> None:
        assert signals.claim("main", "BTC/USDT", LONG, window_us=MINUTE_US, by="scan", unit=unit)
        raise RuntimeError("the trade could not be journaled")

    with pytest.raises(RuntimeError):
        store.transact("main", claim_and_fail)
    assert signals.claim("main", "BTC/USDT", LONG, window_us=MINUTE_US, by="scan")


def test_a_claim_is_part_of_no_other_store_s_transaction(database):
    def claim(unit: UnitOfWork) -> bool:
        return SqlRecentSignals(database).claim(
            "main", "BTC/USDT", LONG, window_us=MINUTE_US, by="scan", unit=unit
        )

    with pytest.raises(TypeError, match="cannot be claimed within"):
        a_memory_store().transact(ACCOUNT, claim)


def test_of_many_threads_one_fires(database):
    signals, won = SqlRecentSignals(database), []

    def run(number: int) -> None:
        if signals.claim("main", "BTC/USDT", LONG, window_us=MINUTE_US, by=str(number)):
            won.append(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_of_two_processes_one_fires_each_signal(database, database_url):
    with (
        worker("fire", database_url, module=MODULE) as one,
        worker("fire", database_url, module=MODULE) as other,
    ):
        assert (ready(one), ready(other)) == ("ready", "ready")
        for process in (one, other):
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        won = [int(result_of(process)[0]) for process in (one, other)]
    assert sum(won) == 20
