"""How old an update may be: what somebody said before a long absence is answered, never done.

A message carries its time, a press does not. What a press can be told by is when the bot last had
everything: it is at most that old.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

LONGEST_S: Final = 180
_KEEP_EVERY_S: Final = 15
IsFresh = Callable[[int | None], bool]


class PollMemory(Protocol):
    """Remembers, across restarts, when the bot last had everything. Methods raise StateUnavailable."""

    def load_s(self) -> int | None:
        """Return the moment, seconds UTC; None: it is not known."""
        ...

    def save_s(self, at_s: int) -> None:
        """Remember a moment."""
        ...


class Freshness:
    """Says whether an update is fresh enough to be done.

    Args:
        memory: of former lives.
        now_s: seconds UTC of real time.
    """

    def __init__(self, memory: PollMemory, *, now_s: Callable[[], float]) -> None:
        self._memory: Final = memory
        self._now_s: Final = now_s
        self._had_all_s: int | None = None
        self._before_s: int | None = None
        self._kept_s: int | None = None

    def load(self) -> None:
        """Recall when everything was had last.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        self._had_all_s = self._memory.load_s()

    def fetched(self, *, asked_s: float, has_all: bool) -> None:
        """Take note of an answer: what is in it is judged by the answer before.

        Args:
            asked_s: when it was asked for; what came later may not be in it.
            has_all: nothing was left behind.

        Raises:
            StateUnavailable: the store cannot be written.
        """
        self._before_s = self._had_all_s
        if has_all:
            self._had_all_s = int(asked_s)

    def keep(self) -> None:
        """Remember for the next life what is handled by now, every few seconds.

        Raises:
            StateUnavailable: the store cannot be written.
        """
        had = self._had_all_s
        if had is not None and (self._kept_s is None or had >= self._kept_s + _KEEP_EVERY_S):
            self._memory.save_s(had)
            self._kept_s = had

    def of_last_answer(self) -> IsFresh:
        """Return what says of an update of the last answer whether it is young enough.

        It is asked when a thing was done, seconds UTC by Telegram's clock, None if nobody knows;
        and it holds to the answer before that one, however many come until it is asked.
        """
        before_s = self._before_s

        def is_fresh(at_s: int | None) -> bool:
            now_s = self._now_s()
            bounds = [since for since in (at_s, before_s) if since is not None]
            return any(now_s - since <= LONGEST_S for since in bounds)

        return is_fresh
