"""The queue keeps what it is told: in order, once, quickly, and says so when it cannot."""

import os
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from snipersight.bot.telemetry import EventType, TelemetryEvent, log_context
from snipersight.bot.telemetry.event_queue import EventQueue
from snipersight.bot.telemetry.event_writer import stored_form
from snipersight.domain.errors import OutcomeUnknown, StateUnavailable
from snipersight.domain.event_log import EventLog
from tests.fakes.memory_event_log import MemoryEventLog

NOON = datetime(2024, 6, 7, 12, tzinfo=UTC)
NOON_US = int(NOON.timestamp()) * 1_000_000
FULL = StateUnavailable("the disk is full", where="telemetry.db")


def an_event(number: int = 0, key: str = "") -> TelemetryEvent:
    """Return an event that knows its number."""
    return TelemetryEvent(
        event_type=EventType.DATA_QUALITY,
        at=NOON + timedelta(microseconds=number),
        fields={"number": number},
        key=key,
    )


def numbers(log: MemoryEventLog) -> list[int]:
    """Return the numbers of the stored events, in their order."""
    bodies = [stored.body for stored in log.events if stored.event_type == "data_quality"]
    return [int(body.partition('"number": ')[2].rstrip("}")) for body in bodies]


class SlowLog(MemoryEventLog):
    """Takes its time to store."""

    def append(self, events):
        time.sleep(0.005)
        return super().append(events)


class BlockedLog(MemoryEventLog):
    """Stores nothing until it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Event()

    def append(self, events):
        self.let.wait(30)
        return super().append(events)


@pytest.fixture
def log():
    return MemoryEventLog()


@pytest.fixture
def said():
    return []


def a_queue(log: EventLog, said: list[str], **words: Any) -> EventQueue:
    """Return a queue over a log that tells its warnings to a list."""
    return EventQueue(log, clock_us=lambda: NOON_US, warn=said.append, **words)


def test_an_event_is_stored_masked_with_time_context_and_key(log, said):
    queue = a_queue(log, said)
    with log_context("scan_1"):
        queue.emit(
            "plan_missed", {"what": "GET /?apiKey=abc", "event_key": "outcome:main:p:missed"}
        )
    assert queue.close() == 0
    (stored,) = log.events
    assert stored.event_type == "plan_missed"
    assert stored.at_us == NOON_US
    assert stored.key == "outcome:main:p:missed"
    assert stored.body == (
        '{"event": "plan_missed", "at": "2024-06-07T12:00:00.000Z", '
        '"context_id": "scan_1", "what": "GET /?apiKey=***"}'
    )


def test_the_context_is_that_of_the_caller_and_not_of_a_later_moment(log, said):
    queue = a_queue(log, said, linger_s=0.2)
    with log_context("scan_1"):
        queue.emit("scan_started", {})
    with log_context("scan_2"):
        queue.emit("scan_started", {"context_id": "own"})
        queue.close()
    assert ['"scan_1"' in log.events[0].body, '"own"' in log.events[1].body] == [True, True]


def test_fields_are_copied_when_they_are_told(log, said):
    queue = a_queue(log, said, linger_s=0.2)
    fields: dict[str, object] = {"number": 1}
    queue.emit("data_quality", fields)
    fields["number"] = 2
    queue.close()
    assert numbers(log) == [1]


def test_what_cannot_be_written_is_named_and_takes_nothing_else_along(log, said):
    class Broken:
        def __str__(self) -> str:
            raise KeyError("secret")

    queue = a_queue(log, said)
    queue.emit("data_quality", {"what": Broken()})
    queue.emit("data_quality", {"what": "half \ud800 and \0"})
    queue.close()
    assert '"unwritable": "KeyError"' in log.events[0].body
    assert "secret" not in log.events[0].body
    assert '"half ? and \\u0000"' in log.events[1].body


def test_an_unknown_name_is_an_error_in_the_log_and_no_event(log, said, logs, lines):
    queue = a_queue(log, said)
    queue.emit("no_such_event", {"symbol": "BTC/USDT"})
    queue.close()
    (line,) = lines(logs / "snipersight.jsonl")
    assert (line["level"], line["symbol"], log.events) == ("ERROR", "BTC/USDT", [])


def test_a_ticket_waits_until_its_event_is_durable(said):
    log = BlockedLog()
    queue = a_queue(log, said)
    ticket = queue.submit(an_event(1))
    assert not ticket.wait(0.05)
    log.let.set()
    assert ticket.wait(10)
    assert numbers(log) == [1]
    assert queue.close() == 0


def test_whoever_waits_is_not_kept_waiting_for_company(log, said):
    queue = a_queue(log, said, linger_s=60)
    started = time.monotonic()
    assert queue.submit(an_event(1)).wait(10)
    assert queue.flush(10)
    assert time.monotonic() - started < 5
    queue.close()


def test_events_that_come_together_are_stored_together(log, said):
    queue = a_queue(log, said, linger_s=0.3)
    for number in range(50):
        queue.submit(an_event(number))
    assert queue.close() == 0
    assert log.commits == 1
    assert numbers(log) == list(range(50))


def test_a_full_queue_holds_its_callers_and_loses_nothing(said):
    log = SlowLog()
    queue = a_queue(log, said, capacity=20, batch=10, linger_s=0)
    told: list[int] = []

    def tell(first: int) -> None:
        told.extend(queue.submit(an_event(n)).position for n in range(first, first + 200))

    threads = [threading.Thread(target=tell, args=(1000 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert queue.close(10) == 0
    assert said == []
    assert sorted(told) == list(range(1, 801))
    found = numbers(log)
    assert sorted(found) == sorted(n + 1000 * t for t in range(4) for n in range(200))
    for caller in range(4):  # each caller's events keep their order
        own = [number for number in found if number // 1000 == caller]
        assert own == sorted(own)


def test_no_more_are_held_than_the_capacity(said):
    log = BlockedLog()
    queue = a_queue(log, said, capacity=20, batch=10, patience_s=0.2)
    tickets = [queue.submit(an_event(number)) for number in range(25)]
    assert [ticket.is_lost for ticket in tickets] == [False] * 20 + [True] * 5
    log.let.set()
    assert queue.close(10) == 0


def test_callers_of_a_dead_store_are_held_for_the_patience_in_all_then_losses_are_told_once(
    log, said
):
    log.error = FULL
    queue = a_queue(log, said, capacity=5, patience_s=0.3, linger_s=0)
    started = time.monotonic()
    tickets = [queue.submit(an_event(number)) for number in range(50)]
    assert 0.2 < time.monotonic() - started < 2
    assert sum(ticket.is_lost for ticket in tickets) == 45
    assert said == ["events are being lost: telemetry.db: the disk is full"]
    assert not tickets[-1].wait(10)
    log.error = None
    assert queue.flush(10)
    assert queue.close() == 0
    assert numbers(log) == [0, 1, 2, 3, 4]
    (lost,) = [event for event in log.events if event.event_type == "events_lost"]
    assert '"count": 45' in lost.body
    assert (an_event(5).at.isoformat() in lost.body, an_event(49).at.isoformat() in lost.body) == (
        True,
        True,
    )


def test_a_store_that_never_works_is_told_at_the_end_with_the_count(log, said):
    log.error = FULL
    queue = a_queue(log, said)
    for number in range(3):
        queue.submit(an_event(number))
    assert queue.close(0.2) == 3
    assert queue.close(0.2) == 3
    assert said == ["3 events were not stored: telemetry.db: the disk is full"]


def test_a_store_that_hangs_neither_holds_the_end_nor_goes_unsaid(said):
    log = BlockedLog()
    queue = a_queue(log, said)
    queue.submit(an_event(1))
    started = time.monotonic()
    assert queue.close(0.2) == 1
    assert time.monotonic() - started < 2
    assert said == ["1 event was not stored"]
    log.let.set()


def test_an_event_after_the_end_is_lost_and_said(log, said):
    queue = a_queue(log, said)
    queue.submit(an_event(1))
    queue.close()
    assert queue.submit(an_event(2)).is_lost
    assert said == ["events are being lost"]
    assert numbers(log) == [1]


class HalfHeardLog(MemoryEventLog):
    """Says nothing about how its first commit ended."""

    def __init__(self, *, keeps: bool) -> None:
        super().__init__()
        self._keeps = keeps
        self._is_first = True

    def append(self, events):
        if self._is_first:
            self._is_first = False
            if self._keeps:
                super().append(events)
            raise OutcomeUnknown("cut off")
        return super().append(events)


@pytest.mark.parametrize("keeps", [True, False])
def test_a_commit_nobody_saw_the_end_of_is_looked_up_and_not_repeated(said, keeps):
    log = HalfHeardLog(keeps=keeps)
    log.events.append(replace(stored_form(an_event(1)), seq=1))  # alike, and of before
    queue = a_queue(log, said, linger_s=0.2)
    for number in (1, 1, 2):  # two events may be alike
        queue.submit(an_event(number))
    queue.close(10)
    assert numbers(log) == [1, 1, 1, 2]


def test_a_clock_that_steps_back_changes_no_order(log, said):
    times = iter([NOON_US, NOON_US - 3_600_000_000, NOON_US])
    queue = EventQueue(log, clock_us=lambda: next(times), warn=said.append)
    for number in range(3):
        queue.emit("data_quality", {"number": number})
    assert queue.close() == 0
    assert numbers(log) == [0, 1, 2]
    assert log.events[1].at_us < log.events[0].at_us


def test_a_forked_process_is_refused(log, said):
    queue = a_queue(log, said)
    queue.submit(an_event(1))
    queue.flush(10)
    queue._owner = os.getpid() + 1  # as a child sees it
    with pytest.raises(RuntimeError, match="opened by the process"):
        queue.emit("scan_started", {})
    queue._owner = os.getpid()
    queue.close()


def test_the_echo_gets_every_event_and_cannot_end_the_queue(log, said):
    heard = []

    def echo(event: TelemetryEvent) -> None:
        heard.append(event.fields["number"])
        raise ValueError("deaf")

    queue = a_queue(log, said, echo=echo)
    for number in range(3):
        queue.submit(an_event(number))
    assert queue.close() == 0
    assert (heard, numbers(log)) == ([0, 1, 2], [0, 1, 2])


def test_a_thread_that_meets_a_fault_says_so_and_lets_everybody_go(monkeypatch):
    said: list[str] = []
    queue = EventQueue(MemoryEventLog(), warn=said.append, patience_s=30)

    def fault(_events: object) -> bool:
        raise OverflowError("date value out of range")

    monkeypatch.setattr(queue._writer, "store", fault)
    ticket = queue.submit(an_event(1))
    assert not ticket.wait(0.5)
    began = time.monotonic()
    assert queue.submit(an_event(2)).is_lost
    assert time.monotonic() - began < 5
    assert queue.close() == 2
    assert "events are not stored any more: OverflowError" in said[0]
    assert said[-1].startswith("2 events were not stored")
