"""Several processes at one queue: every item goes to exactly one, whoever is killed."""

import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Sequence

import pytest

from snipersight.storage.database import connect_database
from snipersight.storage.migrating import migrate
from snipersight.storage.queue import DurableQueue

PROCESSES = 4
MINUTE_US = 60_000_000
# The suite's own thread pools must not be forked.
_SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """Return the URL of a database with its tables, once for each kind."""
    if request.param == "sqlite":
        chosen = f"sqlite:///{tmp_path / 'snipersight.db'}"
    else:
        chosen = request.getfixturevalue("postgres_url")
    with connect_database(chosen) as database:
        migrate(database)
    return chosen


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


def consumed(url: str) -> list[list[tuple[str, str, int]]]:
    barrier, results = _SPAWN.Barrier(PROCESSES), _SPAWN.Queue()
    workers = [
        _SPAWN.Process(target=consume, args=(url, barrier, results)) for _ in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    delivered = [results.get(timeout=100) for _ in workers]
    for worker in workers:
        worker.join(20)
        assert worker.exitcode == 0
    return delivered


def test_four_processes_take_two_hundred_items_each_exactly_once(url):
    stored(url, 200, lanes=("", "", "", "chat:1", "chat:2"))
    delivered = consumed(url)
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
    has_claimed = _SPAWN.Queue()
    victim = _SPAWN.Process(target=die_holding, args=(url, has_claimed))
    victim.start()
    assert has_claimed.get(timeout=60) == 11  # ten without a lane, and the lane's first
    assert victim.pid is not None
    os.kill(victim.pid, signal.SIGKILL)
    victim.join(20)
    counted = Counter(key for share in consumed(url) for _, key, _ in share)
    assert counted == Counter({f"{item:03}": 1 for item in range(20)})
