"""Which verdicts plug-ins were told already: a plan is judged at every close while it waits."""

from __future__ import annotations

from typing import Final

from snipersight.domain.hooks import HookEvent

_VERDICTS: Final = ("plan_approved", "plan_refused")
_MOST: Final = 20_000

_Key = tuple[object, ...]


class ToldVerdicts:
    """Remembers the newest verdicts, each by its plan and its reason.

    A plan that was refused and is approved later has two. What is remembered is gone with the
    process: after a restart the verdicts that still stand are new once more.

    Args:
        most: how many are remembered; an older one that comes back is new again.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most: Final = most
        self._told: dict[_Key, None] = {}

    def is_new(self, event: HookEvent) -> bool:
        """Return whether plug-ins have to be told, and remember it; True for all but verdicts."""
        if event.name not in _VERDICTS:
            return True
        key = _key_of(event)
        is_new = self._told.pop(key, False) is False
        self._told[key] = None  # as the newest: what stands for long must not be forgotten
        if len(self._told) > self._most:
            del self._told[next(iter(self._told))]
        return is_new


def _key_of(event: HookEvent) -> _Key:
    data = event.data
    # A setup that was refused before there was a plan is known by itself alone.
    names = ("plan_id", "setup_id", "symbol", "reason", "decided_ms")
    return (event.name, *(data.get(name) for name in names))
