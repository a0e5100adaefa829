"""Answers that hold until what they follow from has changed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

T = TypeVar("T")
MOST: Final = 64


class Memo:
    """Keeps the newest answers with the mark they were given under; any thread may ask."""

    def __init__(self) -> None:
        self._lock: Final = threading.Lock()
        self._kept: Final[OrderedDict[Hashable, tuple[str, Any]]] = OrderedDict()

    def get(self, key: Hashable, mark: str, work: Callable[[], T]) -> T:
        """Return the answer that is kept under this mark, or what `work` returns now.

        Args:
            key: names the question.
            mark: taken before `work` is called, so that a change meanwhile makes the answer old.
            work: answers it; two threads that ask at once may both call theirs.
        """
        with self._lock:
            held = self._kept.get(key)
            if held is not None and held[0] == mark:
                self._kept.move_to_end(key)
                answer: T = held[1]
                return answer
        answer = work()
        with self._lock:
            self._kept[key] = (mark, answer)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return answer
