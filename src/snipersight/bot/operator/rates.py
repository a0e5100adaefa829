"""How often one person may speak: enough for anybody, too little to keep others from it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Final

_WINDOW_S: Final = 60.0


class Pace(StrEnum):
    """What to do about something that was said."""

    ANSWER = "answer"
    WARN = "warn"  # it is the first beyond the limit
    SILENCE = "silence"


class PersonRates:
    """Counts what each person says within a minute.

    What makes trading stop is counted by itself: nobody who asked too much is kept from it.

    Args:
        now_s: seconds that only grow; people's time is real time.
        most: things that are answered within a minute.
    """

    def __init__(self, now_s: Callable[[], float], *, most: int = 20) -> None:
        self._now_s: Final = now_s
        self._most: Final = most
        self._said: dict[tuple[str, bool], deque[float]] = {}
        self._warned: set[tuple[str, bool]] = set()

    def say(self, user_id: str, *, stops: bool = False) -> Pace:
        """Count one more thing of a person on the roster and return what to do about it.

        Args:
            user_id: who; there are as many as the roster has.
            stops: it makes trading stop.
        """
        who, now_s = (user_id, stops), self._now_s()
        said = self._said.setdefault(who, deque())
        while said and said[0] <= now_s - _WINDOW_S:
            said.popleft()
        if len(said) < self._most:
            said.append(now_s)
            self._warned.discard(who)
            return Pace.ANSWER
        if who in self._warned:
            return Pace.SILENCE
        self._warned.add(who)
        return Pace.WARN


class StrangerLog:
    """Says which attempts of strangers are worth a record, so that nobody can fill the disk.

    Args:
        now_s: seconds that only grow.
        most: records within an hour, of all strangers together; one each at most.
    """

    _HOUR_S: Final = 3600.0

    def __init__(self, now_s: Callable[[], float], *, most: int = 20) -> None:
        self._now_s: Final = now_s
        self._most: Final = most
        self._recorded: dict[str, float] = {}

    def is_news(self, user_id: str) -> bool:
        """Return whether an attempt is to be recorded, and count it if so."""
        now_s = self._now_s()
        since_s = now_s - self._HOUR_S
        self._recorded = {who: at_s for who, at_s in self._recorded.items() if at_s > since_s}
        if user_id in self._recorded or len(self._recorded) >= self._most:
            return False
        self._recorded[user_id] = now_s
        return True
