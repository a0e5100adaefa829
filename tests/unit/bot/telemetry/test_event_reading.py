"""Looking back finds the newest events that match, in their order."""

import pytest

from snipersight.bot.telemetry.event_reading import newest_events
from snipersight.domain.event_log import StoredEvent
from tests.fakes.memory_event_log import MemoryEventLog


@pytest.fixture
def log():
    """Return a log of 3,000 events, every tenth of another kind, a second apart."""
    log = MemoryEventLog()
    log.append(
        [
            StoredEvent(
                seq=0,
                event_type="kill" if n % 10 == 0 else "data_quality",
                at_us=n * 1_000_000,
                body="{}",
            )
            for n in range(3_000)
        ]
    )
    return log


def seqs(events: list[StoredEvent]) -> list[int]:
    return [event.seq for event in events]


def test_the_newest_come_oldest_first(log):
    assert seqs(newest_events(log, limit=3)) == [2998, 2999, 3000]


def test_all_come_where_more_are_asked_for_than_there_are(log):
    assert seqs(newest_events(log, limit=10_000)) == list(range(1, 3001))


def test_a_kind_is_looked_for_behind_many_others(log):
    found = newest_events(log, limit=250, types={"kill"})
    assert seqs(found) == [10 * n + 1 for n in range(50, 300)]


def test_only_what_happened_since_is_shown(log):
    found = newest_events(log, limit=10_000, since_us=1_500 * 1_000_000)
    assert seqs(found) == list(range(1_501, 3_001))
    assert newest_events(log, limit=5, since_us=4_000 * 1_000_000) == []


def test_an_empty_log_has_none():
    assert newest_events(MemoryEventLog(), limit=5) == []
