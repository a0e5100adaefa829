"""Lets a process die at a chosen step: before or after any transaction, request or journal write."""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any


class Crash(BaseException):
    """The process is gone; nothing of it goes on."""


class CrashPoints:
    """Counts the steps of a process, and ends it at one of them.

    Args:
        at: number of the step, from 1; None: it lives.
        kills: end the whole process with SIGKILL instead of raising `Crash`.

    Attributes:
        steps: names of the steps that were reached.
    """

    def __init__(self, at: int | None = None, *, kills: bool = False) -> None:
        self._at = at
        self._kills = kills
        self.steps: list[str] = []

    @property
    def is_dead(self) -> bool:
        """Return whether the process has died; nothing it does counts any more."""
        return self._at is not None and len(self.steps) >= self._at

    def step(self, name: str) -> None:
        """Reach a step; the chosen one is the last."""
        if self.is_dead:
            raise Crash
        self.steps.append(name)
        if len(self.steps) == self._at:
            if self._kills:
                os.kill(os.getpid(), signal.SIGKILL)
            raise Crash


class CrashingStore:
    """A `DecisionStore` that may die before a transaction, or right after its commit."""

    def __init__(self, store: Any, points: CrashPoints) -> None:
        self._store, self._points = store, points

    def transact(self, account_id: str, work: Callable[[Any], Any]) -> Any:
        self._points.step("before transaction")
        result = self._store.transact(account_id, work)
        self._points.step("after transaction")
        return result

    def view(self, account_id: str, read: Callable[[Any], Any]) -> Any:
        if self._points.is_dead:
            raise Crash
        return self._store.view(account_id, read)


class CrashingVenue:
    """A `Venue` whose caller may die before a request leaves, or before its answer is read."""

    def __init__(self, venue: Any, points: CrashPoints) -> None:
        self._venue, self._points = venue, points

    def __getattr__(self, name: str) -> Any:
        held = getattr(self._venue, name)
        if name not in ("submit", "submit_pair", "cancel", "prepare"):
            return held
        return self._counted(name, held)

    def _counted(
        self, name: str, request: Callable[..., Awaitable[Any]]
    ) -> Callable[..., Awaitable[Any]]:
        async def call(*arguments: Any, **options: Any) -> Any:
            self._points.step(f"before {name}")
            answer = await request(*arguments, **options)
            self._points.step(f"after {name}")
            return answer

        return call
