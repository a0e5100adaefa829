"""All the plug-ins of one process."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from snipersight.bot.hooks.states import HookState
from snipersight.bot.hooks.supervising import HookSupervisor
from snipersight.bot.hooks.verdicts import ToldVerdicts
from snipersight.domain.hooks import HookEvent

_TAKE_S: Final = 2.0


class HookHub:
    """Passes events on to plug-ins; `domain.hooks.Hooks`.

    Args:
        supervisors: one a plug-in, running.
        unusable: states of those that are not running at all.
    """

    def __init__(
        self, supervisors: Iterable[HookSupervisor], *, unusable: Iterable[HookState] = ()
    ) -> None:
        self._supervisors = tuple(supervisors)
        self._unusable = tuple(unusable)
        self._verdicts = ToldVerdicts()

    def tell(self, event: HookEvent) -> None:
        """Hand an event over; never raises, never waits for a plug-in.

        What the event holds must not be changed afterwards. The verdict on a plan is passed on
        once, however many closes tell it again.
        """
        if not self._verdicts.is_new(event):
            return
        for supervisor in self._supervisors:
            supervisor.offer(event)

    def wants(self, name: str) -> bool:
        """Return whether a plug-in may want events of that name."""
        return any(supervisor.wants(name) for supervisor in self._supervisors)

    def states(self) -> tuple[HookState, ...]:
        """Return how each plug-in is doing, in the order of their names."""
        states = [*self._unusable, *(one.state() for one in self._supervisors)]
        return tuple(sorted(states, key=lambda state: state.name))

    def close(self, *, within_s: float = _TAKE_S) -> None:
        """Let plug-ins take what waits for some seconds, then end them all."""
        for supervisor in self._supervisors:
            supervisor.stop(within_s=within_s)
        for supervisor in self._supervisors:
            supervisor.join()
