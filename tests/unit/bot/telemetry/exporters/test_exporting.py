"""Exporters side by side: a slow, dead or refusing one holds up nobody."""

import threading
import time
from collections.abc import Sequence

import pytest

from snipersight.bot.telemetry.event_queue import EventQueue
from snipersight.bot.telemetry.exporters import Exporter, ExportFailed, ExportRefused, exporting
from snipersight.bot.telemetry.exporters.exporting import Exporting
from snipersight.domain.event_log import EventLog, StoredEvent
from tests.fakes.memory_event_log import MemoryEventLog
from tests.unit.bot.telemetry.exporters.test_pump import Listed, a_log


class Hanging(Listed):
    """Takes nothing until it is let."""

    def __init__(self, name: str = "hanging") -> None:
        super().__init__(name)
        self.let = threading.Event()

    def export(self, events: Sequence[StoredEvent]) -> None:
        self.let.wait(30)
        super().export(events)


class Raising(Listed):
    """Raises what it holds, one a call, then works."""

    def __init__(self, *errors: Exception, name: str = "raising") -> None:
        super().__init__(name, most=100)
        self.errors = list(errors)
        self.closed = False

    def export(self, events: Sequence[StoredEvent]) -> None:
        if self.errors:
            raise self.errors.pop(0)
        super().export(events)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def said():
    return []


def exporting_of(log: EventLog, said: list[str], *exporters: Exporter) -> Exporting:
    """Return exporters over a log that tell their troubles to a list."""
    return Exporting(log, exporters, owner="me", tell=said.append, chance=lambda: 0.0)


def test_one_that_hangs_is_left_behind_while_the_others_get_everything(said):
    log, hanging, listed = a_log(), Hanging(), Listed()
    started = time.monotonic()
    states = exporting_of(log, said, hanging, listed).drain(0.3)
    assert time.monotonic() - started < 5
    assert [state.is_done for state in states] == [False, True]
    assert states[0].busy_since > 0
    assert listed.seqs == list(range(1, 11))
    hanging.let.set()


def test_each_may_have_a_patience_of_its_own(said):
    hanging = Hanging("jsonl")
    started = time.monotonic()
    exporting_of(a_log(), said, hanging).drain(30, patience_of={"jsonl": 0.1})
    assert time.monotonic() - started < 5
    hanging.let.set()


def test_a_patience_may_count_from_the_last_batch(said):
    class Slow(Listed):
        def export(self, events: Sequence[StoredEvent]) -> None:
            time.sleep(0.1)
            super().export(events)

    in_all, renewed = Slow(most=1), Slow(most=1)
    exporting_of(a_log(), said, in_all).drain(0.35)
    assert len(in_all.seqs) < 10
    exporting_of(a_log(), said, renewed).drain(0.35, is_in_all=False)
    assert renewed.seqs == list(range(1, 11))


def test_a_failure_is_tried_again_and_told_once(said):
    raising = Raising(ExportFailed("busy", after_s=0.0), ExportFailed("busy", after_s=0.0))
    exporting_of(a_log(), said, raising).drain(20)
    assert raising.seqs == list(range(1, 11))
    assert said == ["exporter raising: busy"]


def test_a_wait_that_is_asked_for_longer_than_the_patience_ends_the_attempt(said):
    raising = Raising(ExportFailed("busy", after_s=3600))
    started = time.monotonic()
    (state,) = exporting_of(a_log(), said, raising).drain(20)
    assert time.monotonic() - started < 5
    assert (state.is_done, state.problem, state.is_refused) == (False, "busy", False)


def test_a_refusal_ends_the_attempt_and_says_that_a_person_must_look(said):
    raising = Raising(ExportRefused("404"))
    (state,) = exporting_of(a_log(), said, raising).drain(20)
    assert (state.problem, state.is_refused, said) == ("404", True, ["exporter raising: 404"])


def test_what_foreign_code_raises_is_told_without_its_secrets(said):
    raising = Raising(RuntimeError("GET /?apiKey=abc"))
    raising.errors.append(ExportRefused("enough"))
    exporting_of(a_log(), said, raising).drain(20)
    assert said == ["exporter raising: RuntimeError: GET /?apiKey=***", "exporter raising: enough"]


def test_a_watch_brings_what_comes_until_it_is_ended(said, monkeypatch):
    monkeypatch.setattr(exporting, "LOOK_AGAIN_S", 0.02)
    log, listed, end = a_log(2), Listed(), threading.Event()
    watch = exporting_of(log, said, listed)
    states: list[object] = []
    thread = threading.Thread(target=lambda: states.extend(watch.watch(end)))
    thread.start()
    log.append(a_log(3).events)
    until = time.monotonic() + 20
    while len(listed.seqs) < 5 and time.monotonic() < until:
        time.sleep(0.01)
    end.set()
    thread.join(20)
    assert listed.seqs == [1, 2, 3, 4, 5]
    assert len(states) == 1


def test_a_watch_says_once_that_one_hangs(said, monkeypatch):
    monkeypatch.setattr(exporting, "LOOK_AGAIN_S", 0.02)
    monkeypatch.setattr(exporting, "HANGS_AFTER_S", 0.05)
    hanging, end = Hanging(), threading.Event()
    watch = exporting_of(a_log(), said, hanging)
    thread = threading.Thread(target=lambda: watch.watch(end))
    thread.start()
    time.sleep(0.5)
    end.set()
    thread.join(20)
    assert said == ["exporter hanging hangs; the others go on without it"]
    hanging.let.set()


def test_closing_releases_what_exporters_hold_but_not_one_that_hangs(said):
    raising, hanging = Raising(), Hanging()
    both = exporting_of(a_log(), said, raising, hanging)
    both.drain(0.1)
    both.close()
    assert raising.closed
    hanging.let.set()


def test_a_hanging_exporter_slows_no_caller(said):
    log, hanging = MemoryEventLog(), Hanging()
    queue = EventQueue(log)
    queue.emit("kill", {})
    assert queue.flush(10)
    exporting_of(log, said, hanging).drain(0.1)
    started = time.monotonic()
    for _ in range(1_000):
        queue.emit("kill", {})
    assert queue.flush(10)
    assert time.monotonic() - started < 5
    assert queue.close() == 0
    hanging.let.set()


def test_one_that_fails_once_nobody_waits_says_nothing_any_more(said):
    class Late(Hanging):
        """Fails when it is let."""

        def export(self, events: Sequence[StoredEvent]) -> None:
            self.let.wait(30)
            raise ExportFailed("the log was closed")

    late = Late()
    one = exporting_of(a_log(), said, late)
    one.drain(0.1)
    one.close()
    late.let.set()
    for thread in threading.enumerate():
        if thread.name == "events-hanging":
            thread.join(5)
    assert said == []
