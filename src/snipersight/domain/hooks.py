"""What plug-ins are told of: plain data, before and after every stage of a scan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class HookEvent:
    """One thing that happened, as plug-ins see it.

    Args:
        name: `before_stage`, `after_stage`, `scan_finished`, `plan_approved`, `plan_refused`.
        at_ms: the moment the scan speaks about, milliseconds UTC.
        context_id: of the scan.
        stage: name of the stage; empty where none is meant.
        data: values of text, int, float, bool, None, lists and mappings of these.
    """

    name: str
    at_ms: int
    context_id: str
    stage: str = ""
    data: Mapping[str, object] = field(default_factory=dict)


class Hooks(Protocol):
    """Passes events on to plug-ins."""

    def tell(self, event: HookEvent) -> None:
        """Hand an event over; never raises, never waits for a plug-in."""
        ...

    def wants(self, name: str) -> bool:
        """Return whether anybody may want events of that name; others need not be made."""
        ...


class NoHooks:
    """No plug-in is enabled."""

    def wants(self, name: str) -> bool:
        """Return False: nobody is told anything."""
        return False

    def tell(self, event: HookEvent) -> None:
        """Do nothing."""
