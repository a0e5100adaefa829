"""In which order several workers take the tests: what takes long is begun first, by all of them.

xdist's `worksteal` gives every worker one run of tests as long as the others', and the rest of the
longest to whoever has finished. So each run begins with a share of the modules that take long: a
short test is left for the end, when nobody should wait for one worker, no module is torn apart
whose tests share a desk, and what waits for servers does so while others calculate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Protocol, TypeVar

# Below these, modules start servers and processes or go through recorded years.
_LONG = {"integration", "recorded"}


class Test(Protocol):
    """What is asked of a test of pytest's."""

    @property
    def path(self) -> Path:
        """Return the file of its module."""

    def get_closest_marker(self, name: str) -> object:
        """Return a marker of the test, its class or its module; None without one."""


T = TypeVar("T", bound=Test)


def dealt(tests: Sequence[T], workers: int) -> list[T]:
    """Return tests in the order in which so many workers are to have them."""
    modules = [list(module) for _, module in groupby(tests, key=lambda one: one.path)]
    long = [module for module in modules if _is_long(module)]
    short = chain.from_iterable(module for module in modules if not _is_long(module))
    order: list[T] = []
    for number in range(workers):
        room = (len(tests) - len(order)) // (workers - number)  # as xdist divides them
        share = list(chain.from_iterable(long[number::workers]))
        order += [*share, *islice(short, max(0, room - len(share)))]
    return [*order, *short]


def _is_long(module: Iterable[Test]) -> bool:
    return any(_LONG & set(one.path.parts) or one.get_closest_marker("slow") for one in module)
