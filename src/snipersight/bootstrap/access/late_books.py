"""The books of an account, opened when they are needed and again as long as they cannot be."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from snipersight.bootstrap.books import Books
from snipersight.domain.errors import StateUnavailable

_PAUSE_S: Final = 1.0  # between two attempts to open a store that is away


class LateBooks:
    """Opens the books once; while that fails, every caller is told why. Any thread may ask.

    A dashboard that ended because the store was away would be missing when it is needed most.

    Args:
        opening: opens them; raises `StateUnavailable` while it cannot.
        clock_s: seconds that only grow.
    """

    def __init__(
        self, opening: Callable[[], Books], *, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._opening: Final = opening
        self._clock_s: Final = clock_s
        self._lock: Final = threading.Lock()
        self._books: Books | None = None
        self._failure: StateUnavailable | None = None
        self._again_s = 0.0

    def get(self) -> Books:
        """Return the books.

        Raises:
            StateUnavailable: they cannot be opened now; a second later it is tried again.
            ConfigInvalid: they can never be opened so.
        """
        books = self._books
        if books is not None:
            return books
        with self._lock:
            if self._books is None:
                self._books = self._opened()
            return self._books

    def close(self) -> None:
        """Close what was opened; a second call does nothing."""
        with self._lock:
            books, self._books = self._books, None
        if books is not None:
            books.close()

    def _opened(self) -> Books:
        if self._failure is not None and self._clock_s() < self._again_s:
            raise self._failure
        try:
            return self._opening()
        except StateUnavailable as error:
            self._failure, self._again_s = error, self._clock_s() + _PAUSE_S
            raise
