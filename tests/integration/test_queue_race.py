"""Several processes at one queue: every item goes to exactly one, whoever is killed."""

import os
import signal
import time
from collections import Counter
from collections.abc import Sequence

import pytest

from snipersight.storage.database import connect_database
from snipersight.storage.queue import DurableQueue
from tests.fakes.races import SPAWN, race

MINUTE_US = 60_000_000


@pytest.fixture
def url(database, database_url):
    """Return the URL of a database with its tables."""
    return database_url


def consume(url, barrier, results):
    """Claim and acknowledge until nothing is left; tell which keys came, in order."""
    with connect_database(url) as database:
        queue, delivered = DurableQueue(database, "message"), []
        barrier.wait()
        while queue.counts().oldest_us is not None:
            for item in queue.claim(str(os.getpid()), limit=3, for_us=MINUTE_US):
                delivered.append((item.lane, item.key, time.monotonic_ns()))
                assert queue.acknowledge(item)
        results.put(delivered)


def die_holding(url, has_claimed):
    """Claim everything there is and hang."""
    with connect_database(url) as database:
        items = DurableQueue(database, "message").claim("dead", limit=100, for_us=500_000)
        has_claimed.put(len(items))
        time.sleep(100)


def stored(url: str, number: int, *, lanes: Sequence[str]) -> None:
    with connect_database(url) as database:
        queue = DurableQueue(database, "message")
        for item in range(number):
            queue.put(f"{item:03}", {}, lane=lanes[item % len(lanes)], priority=item % 3)


def test_four_processes_take_two_hundred_items_each_exactly_once(url):
    stored(url, 200, lanes=("", "", "", "chat:1", "chat:2"))
    delivered = race(consume, url)
    counted = Counter(key for share in delivered for _, key, _ in share)
    assert counted == Counter({f"{item:03}": 1 for item in range(200)})
    assert sum(bool(share) for share in delivered) > 1
    for lane in ("chat:1", "chat:2"):
        in_time = sorted(
            (at, key) for share in delivered for held, key, at in share if held == lane
        )
        assert [key for _, key in in_time] == sorted(key for _, key in in_time)
        assert len(in_time) == 40


def test_what_a_killed_process_held_goes_to_the_others(url):
    stored(url, 20, lanes=("", "chat"))
    has_claimed = SPAWN.Queue()
    victim = SPAWN.Process(target=die_holding, args=(url, has_claimed))
    victim.start()
    assert has_claimed.get(timeout=60) == 11  # ten without a lane, and the lane's first
    assert victim.pid is not None
    os.kill(victim.pid, signal.SIGKILL)
    victim.join(20)
    counted = Counter(key for share in race(consume, url) for _, key, _ in share)
    assert counted == Counter({f"{item:03}": 1 for item in range(20)})
