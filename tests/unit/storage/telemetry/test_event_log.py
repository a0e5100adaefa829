"""What every log of events promises: in memory, in a file, on a server."""

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, cast

import pytest
from sqlalchemy import text, update

from snipersight.domain.errors import StateUnavailable
from snipersight.domain.event_log import EventLog, StoredEvent
from snipersight.storage.database import Database, connect_database, open_database
from snipersight.storage.migrating import migrate
from snipersight.storage.telemetry.event_log import LONGEST_CLAIM_US, SqlEventLog
from snipersight.storage.telemetry.tables import EXPORTER, TELEMETRY
from tests.unit.storage.processes import ready, worker

MINUTE_US = 60_000_000
WORKER = "tests.unit.storage.telemetry.event_worker"


def an_event(number: int = 1, *, key: str = "") -> StoredEvent:
    body = f'{{"number":{number},"sign":"ä€"}}'
    return StoredEvent(seq=0, event_type="tested", at_us=1_000 + number, body=body, key=key)


def test_events_come_back_in_the_order_of_storing(log: EventLog):
    assert log.newest() == 0
    assert log.after(0, limit=10) == []

    first = log.append([an_event(3), an_event(1, key="k")])
    last = log.append([an_event(2)])

    found = log.after(0, limit=10)
    assert [one.body for one in found] == [one.body for one in map(an_event, (3, 1, 2))]
    assert [one.key for one in found] == ["", "k", ""]
    assert [one.at_us for one in found] == [1_003, 1_001, 1_002]
    assert all(one.seq < other.seq for one, other in pairwise(found))
    assert (found[1].seq, found[2].seq) == (first, last)
    assert log.newest() == last


def test_reading_goes_on_behind_a_place_and_stops_at_the_limit(log: EventLog):
    log.append([an_event(number) for number in range(1, 6)])
    every = log.after(0, limit=5)

    assert log.after(every[1].seq, limit=2) == every[2:4]
    assert log.after(every[4].seq, limit=2) == []


def test_an_event_of_a_known_key_is_passed_over(log: EventLog):
    log.append([an_event(1, key="once"), an_event(2, key="once")])

    last = log.append([an_event(3, key="once"), an_event(4), an_event(5)])

    found = log.after(0, limit=10)
    assert [one.at_us for one in found] == [1_001, 1_004, 1_005]
    assert log.append([an_event(6, key="once")]) == last
    assert log.append([]) == last


def test_a_claim_is_one_owners_until_it_is_given_back(log: EventLog):
    assert log.claim("jsonl", "a", for_us=MINUTE_US)
    assert not log.claim("jsonl", "b", for_us=MINUTE_US)
    assert log.claim("jsonl", "a", for_us=MINUTE_US)
    assert log.claim("webhook", "b", for_us=MINUTE_US)

    log.release("jsonl", "b")
    assert not log.claim("jsonl", "b", for_us=MINUTE_US)
    log.release("jsonl", "a")
    assert log.claim("jsonl", "b", for_us=MINUTE_US)
    assert not log.confirm("jsonl", "a", 7)


def test_a_cursor_moves_on_and_never_back(log: EventLog):
    assert log.cursor("jsonl") == 0
    assert not log.confirm("jsonl", "a", 5)

    log.claim("jsonl", "a", for_us=MINUTE_US)
    assert log.cursor("jsonl") == 0
    assert log.confirm("jsonl", "a", 5)
    assert log.confirm("jsonl", "a", 3)

    assert log.cursor("jsonl") == 5
    assert log.cursor("webhook") == 0
    log.release("jsonl", "a")
    assert not log.confirm("jsonl", "a", 9)
    assert log.cursor("jsonl") == 5


def test_a_cursor_is_set_back_by_its_owner_alone(log: EventLog):
    log.claim("audit:main", "a", for_us=MINUTE_US)
    log.confirm("audit:main", "a", 9)
    assert not log.set_back("audit:main", "b", 4)
    assert not log.set_back("audit:main", "a", 10)
    assert log.set_back("audit:main", "a", 4)
    assert log.cursor("audit:main") == 4
    assert log.confirm("audit:main", "a", 6)
    assert log.cursor("audit:main") == 6


def test_whether_anybody_exports_is_seen_without_a_claim(log: EventLog):
    assert not log.is_claimed("jsonl")
    log.claim("jsonl", "a", for_us=MINUTE_US)
    assert log.is_claimed("jsonl")
    assert log.confirm("jsonl", "a", 3)
    log.release("jsonl", "a")
    assert not log.is_claimed("jsonl")


def test_a_claim_that_ran_out_goes_to_who_asks_first(telemetry):
    log = SqlEventLog(telemetry)
    log.claim("jsonl", "a", for_us=MINUTE_US)
    telemetry.write(lambda it: it.execute(update(EXPORTER).values(until_us=1)))

    assert log.confirm("jsonl", "a", 4)  # nobody has taken it
    assert log.claim("jsonl", "b", for_us=MINUTE_US)
    assert not log.confirm("jsonl", "a", 9)
    assert log.cursor("jsonl") == 4


def test_a_claim_of_before_the_clock_was_set_back_holds_nobody_up(telemetry):
    log = SqlEventLog(telemetry)
    log.claim("jsonl", "dead", for_us=MINUTE_US)
    telemetry.write(lambda it: it.execute(text("UPDATE exporter SET until_us = 9000000000000000")))

    assert log.claim("jsonl", "b", for_us=MINUTE_US)


@pytest.mark.parametrize(
    ("exporter", "owner", "for_us"),
    [("", "a", 1), ("jsonl", "", 1), ("jsonl", "a", 0), ("jsonl", "a", LONGEST_CLAIM_US + 1)],
)
def test_an_impossible_claim_is_refused(telemetry, exporter, owner, for_us):
    with pytest.raises(ValueError, match="claim"):
        SqlEventLog(telemetry).claim(exporter, owner, for_us=for_us)


def test_nothing_of_a_batch_that_fails_is_kept(telemetry):
    log = SqlEventLog(telemetry)
    impossible: Any = StoredEvent(seq=0, event_type="tested", at_us=1, body=None)  # type: ignore[arg-type]

    with pytest.raises(Exception, match="refused a change"):
        log.append([an_event(1), impossible])

    assert log.newest() == 0


def test_a_full_disk_keeps_nothing_of_a_batch_and_is_told(sqlite_url, small_files):
    with open_database(sqlite_url, schema=TELEMETRY) as database:
        log = SqlEventLog(database)
        last = log.append([an_event(1)])
        big = StoredEvent(seq=0, event_type="tested", at_us=2, body="x" * 3_000_000)

        with small_files(1_000_000), pytest.raises(StateUnavailable) as told:
            log.append([an_event(2), big])

        assert told.value.next_step
        assert log.newest() == last
        assert log.append([an_event(3)]) > last


def test_what_was_acknowledged_survives_a_kill(telemetry, database_url):
    with worker("append", database_url, module=WORKER) as process:
        acknowledged = [int(ready(process)) for _ in range(20)][-1]
        process.kill()
        process.wait()

    found = SqlEventLog(telemetry).after(0, limit=100_000)
    assert len(found) >= acknowledged >= 200
    assert [one.at_us for one in found] == list(range(1, len(found) + 1))
    assert len(found) % 10 == 0  # a batch is there whole or not at all


class _Held:
    """A database whose transactions end when a test lets them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.is_stored, self.may_commit = threading.Event(), threading.Event()
        self.timeout_s = 60.0

    def write(self, work: Any, **limits: Any) -> Any:
        """Run a transaction and wait before its commit."""
        return self._database.write(lambda it: self._held(work(it)), **limits)

    def _held(self, result: Any) -> Any:
        self.is_stored.set()
        assert self.may_commit.wait(30)
        return result


def test_nobody_commits_a_higher_number_before_a_lower_one(telemetry, database_url):
    """A reader that has seen the higher one would pass over the lower one."""
    held = _Held(telemetry)
    slow = SqlEventLog(cast("Database", held))
    with connect_database(database_url) as other, ThreadPoolExecutor(2) as threads:
        first = threads.submit(slow.append, [an_event(1)])
        assert held.is_stored.wait(30)
        second = threads.submit(SqlEventLog(other).append, [an_event(2)])
        with pytest.raises(TimeoutError):
            second.result(0.3)
        assert SqlEventLog(other).after(0, limit=10) == []
        held.may_commit.set()

        assert first.result(30) < second.result(30)


def test_a_store_that_is_held_gives_up_when_its_database_does(tmp_path):
    path = tmp_path / "telemetry.db"
    with connect_database(f"sqlite:///{path}", timeout_s=0.2) as database:
        migrate(database, TELEMETRY)
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        with pytest.raises(StateUnavailable, match="locked"):
            SqlEventLog(database).append([an_event(1)])
        assert time.monotonic() - started < 2
        holder.close()
