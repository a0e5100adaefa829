"""Looking for garbage rarely, where millions of values are made and hardly one refers to itself."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# The interpreter looks after 700 new objects, which takes a fifth of a backtest and finds nothing.
_RARELY: Final = 100_000


@contextmanager
def rare_collections() -> Iterator[None]:
    """Let the interpreter look for reference cycles after many more new objects than else.

    What nothing refers to any more is freed at once all the same. Whoever turned collecting off,
    or made it rarer still, keeps that.
    """
    before = gc.get_threshold()
    if 0 < before[0] < _RARELY:
        gc.set_threshold(_RARELY, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
