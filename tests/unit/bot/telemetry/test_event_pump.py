"""Sources of events, read behind their cursors."""

from datetime import UTC, datetime

import pytest

from snipersight.bot.telemetry.event_pump import Page, pump
from snipersight.bot.telemetry.events import EventType, TelemetryEvent
from snipersight.domain.errors import StateUnavailable
from tests.fakes.memory_event_log import MemoryEventLog

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Numbers:
    """Tells the numbers 1 to `last`, some at a time.

    Args:
        last: number.
        size: of a page.
        fails_at: a number that cannot be read.
    """

    def __init__(self, last: int, *, size: int = 2, fails_at: int = 0) -> None:
        self.last, self.size, self.fails_at = last, size, fails_at
        self.asked: list[int] = []

    @property
    def name(self) -> str:
        """Return the name of the cursor."""
        return "test:numbers"

    def page(self, cursor: int) -> Page:
        """Return the next numbers as events."""
        self.asked.append(cursor)
        end = min(self.last, cursor + self.size)
        if cursor < self.fails_at <= end:
            raise StateUnavailable("it cannot be read")
        events = [
            TelemetryEvent(event_type=EventType.KILL, at=NOON, fields={"n": n}, key=f"n:{n}")
            for n in range(cursor + 1, end + 1)
        ]
        return Page(events=events, cursor=end, is_last=end == self.last)


def keys(log: MemoryEventLog) -> list[str]:
    return [event.key for event in log.events]


def test_every_page_is_told_and_the_next_time_only_what_is_new():
    log, source = MemoryEventLog(), Numbers(5)
    pump(log, [source], owner="me")
    assert keys(log) == ["n:1", "n:2", "n:3", "n:4", "n:5"]
    assert (log.cursor("test:numbers"), log.commits) == (5, 3)
    source.last, source.asked = 6, []
    pump(log, [source], owner="me")
    assert set(source.asked) == {5}
    assert keys(log)[-1] == "n:6"


def test_what_cannot_be_read_stops_there_and_goes_on_from_there():
    log, source = MemoryEventLog(), Numbers(6, fails_at=4)
    with pytest.raises(StateUnavailable):
        pump(log, [source], owner="me")
    assert (keys(log), log.cursor("test:numbers")) == (["n:1", "n:2"], 2)
    source.fails_at = 0
    pump(log, [source], owner="another")  # the claim was given back
    assert len(keys(log)) == 6


def test_what_another_process_is_telling_is_left_to_it():
    log = MemoryEventLog()
    log.claim("test:numbers", "other", for_us=1_000_000_000)
    pump(log, [Numbers(3)], owner="me")
    assert keys(log) == []


class Silent(Numbers):
    """Reads on and finds nothing that is an event."""

    def page(self, cursor: int) -> Page:
        """Return no event."""
        return Page(events=(), cursor=self.last, is_last=True)


def test_a_source_that_read_far_for_nothing_moves_its_cursor():
    log = MemoryEventLog()
    pump(log, [Silent(5_000)], owner="me")
    assert (log.cursor("test:numbers"), log.commits) == (5_000, 0)


def test_where_there_is_nothing_to_tell_nothing_is_written():
    class Sealed(MemoryEventLog):
        """Refuses every claim that should not be needed."""

        def claim(self, exporter: str, owner: str, *, for_us: int) -> bool:
            """Fail."""
            raise AssertionError(f"{exporter} was claimed")

    assert not pump(Sealed(), [Silent(9)], owner="me")


def test_whether_anything_was_new_is_told():
    log = MemoryEventLog()
    assert pump(log, [Numbers(3)], owner="me")
    assert not pump(log, [Numbers(3)], owner="me")


def test_one_source_that_cannot_be_read_keeps_none_of_the_others():
    class Damaged(Numbers):
        """Holds something that no code expects."""

        @property
        def name(self) -> str:
            """Return the name of the cursor."""
            return "test:damaged"

        def page(self, cursor: int) -> Page:
            """Stumble."""
            raise KeyError("client_id")

    log = MemoryEventLog()
    with pytest.raises(StateUnavailable, match=r"test:damaged: .*KeyError"):
        pump(log, [Damaged(1), Numbers(3)], owner="me")
    assert keys(log) == ["n:1", "n:2", "n:3"]
    assert log.claim("test:damaged", "another", for_us=1)


def test_a_long_source_ends_with_the_time_and_goes_on_the_next_time():
    log, source, now = MemoryEventLog(), Numbers(9), iter(range(1_000))
    pump(log, [source, Numbers(1)], owner="me", seconds=3, clock_s=lambda: float(next(now)))
    told = len(keys(log))
    assert 0 < told < 9
    assert log.cursor("test:numbers") == told
    assert log.claim("test:numbers", "another", for_us=1)
    log.release("test:numbers", "another")
    pump(log, [source], owner="me")
    assert len(keys(log)) == 9
