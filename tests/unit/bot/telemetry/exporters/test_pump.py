"""A pump brings an exporter every event, in order, and leaves it to others when they have it."""

from collections.abc import Sequence

import pytest

from snipersight.bot.telemetry.exporters import ExportFailed
from snipersight.bot.telemetry.exporters.pump import Pump
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.event_log import StoredEvent
from tests.fakes.memory_event_log import MemoryEventLog


class Listed:
    """An exporter that remembers the places of what it took."""

    def __init__(self, name: str = "listed", most: int = 3) -> None:
        self.name = name
        self.most = most
        self.seqs: list[int] = []
        self.fails_at: int | None = None

    def export(self, events: Sequence[StoredEvent]) -> None:
        if self.fails_at in [event.seq for event in events]:
            raise ExportFailed("not now")
        self.seqs += [event.seq for event in events]

    def close(self) -> None:
        """Nothing to release."""


def a_log(count: int = 10) -> MemoryEventLog:
    log = MemoryEventLog()
    log.append(
        [StoredEvent(seq=0, event_type="kill", at_us=n, body=f'{{"n": {n}}}') for n in range(count)]
    )
    return log


def test_all_events_come_once_and_in_order_over_several_drains():
    log, listed = a_log(), Listed()
    pump = Pump(log, listed, owner="me")
    pump.drain()
    log.append(a_log(2).events)
    pump.drain()
    assert listed.seqs == list(range(1, 13))
    assert (pump.state.exported, pump.state.is_done, log.cursor("listed")) == (12, True, 12)


def test_after_a_failure_it_goes_on_behind_what_was_taken():
    log, listed = a_log(), Listed()
    listed.fails_at = 5
    with pytest.raises(ExportFailed):
        Pump(log, listed, owner="me").drain()
    assert (listed.seqs, log.cursor("listed")) == ([1, 2, 3], 3)
    listed.fails_at = None
    Pump(log, listed, owner="another").drain()  # the claim was given back
    assert listed.seqs == list(range(1, 11))


def test_what_another_process_brings_is_left_to_it():
    log, listed = a_log(), Listed()
    assert log.claim("listed", "another", for_us=60_000_000)
    pump = Pump(log, listed, owner="me")
    pump.drain()
    assert (listed.seqs, pump.state.is_elsewhere) == ([], True)
    log.release("listed", "another")
    pump.drain()
    assert (listed.seqs, pump.state.is_elsewhere) == (list(range(1, 11)), False)


def test_a_claim_that_was_taken_over_is_not_confirmed():
    class Stalling(Listed):
        def export(self, events: Sequence[StoredEvent]) -> None:
            super().export(events)
            now_us[0] += 10 * 90_000_000  # so long that somebody else takes over
            assert log.claim("listed", "another", for_us=90_000_000)

    now_us = [0]
    log = MemoryEventLog(clock_us=lambda: now_us[0])
    log.append(a_log().events)
    pump = Pump(log, Stalling(), owner="me")
    pump.drain()
    assert pump.state.is_elsewhere
    assert log.cursor("listed") == 0


def test_it_stops_between_batches_when_it_is_told():
    log, listed = a_log(), Listed()
    Pump(log, listed, owner="me").drain(lambda: len(listed.seqs) >= 3)
    assert (listed.seqs, log.cursor("listed")) == ([1, 2, 3], 3)


def test_a_log_that_cannot_be_read_is_an_error_of_the_log():
    log = a_log()
    log.error = StateUnavailable("gone")
    with pytest.raises(StateUnavailable, match="gone"):
        Pump(log, Listed(), owner="me").drain()


def test_exporters_have_places_of_their_own():
    log, one, other = a_log(), Listed("one"), Listed("other", most=100)
    Pump(log, one, owner="me").drain()
    Pump(log, other, owner="me").drain()
    assert one.seqs == other.seqs == list(range(1, 11))
