"""Processes that start at one moment and want the same."""

import multiprocessing
from collections.abc import Callable
from typing import Any, Final

# The suite's own thread pools must not be forked.
SPAWN: Final = multiprocessing.get_context("spawn")
PROCESSES: Final = 4


def race(runner: Callable[..., None], url: str) -> list[Any]:
    """Return what each of four processes told; every one must end well.

    Args:
        runner: importable; called with the URL, a barrier to wait at, and a queue to put its
            result into.
        url: of the database they share.
    """
    barrier, results = SPAWN.Barrier(PROCESSES), SPAWN.Queue()
    runners = [SPAWN.Process(target=runner, args=(url, barrier, results)) for _ in range(PROCESSES)]
    for process in runners:
        process.start()
    told = [results.get(timeout=100) for _ in runners]
    for process in runners:
        process.join(20)
        assert process.exitcode == 0
    return told
