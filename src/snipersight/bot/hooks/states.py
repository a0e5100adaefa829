"""How a plug-in is doing, and what there was to report of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class HookStatus(StrEnum):
    """Whether a plug-in is told anything."""

    STARTING = "starting"  # events wait for it
    READY = "ready"
    PAUSED = "paused"  # its process ended; it is started again
    REFUSED = "refused"  # it cannot be used as it is
    OFF = "off"  # its process ended too often; it stays off until this process starts anew
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class HookState:
    """One plug-in now.

    Args:
        name: of its entry point.
        status: whether it is told anything.
        sentence: its last trouble in words; empty without any.
        events: names of the events it wants, once it was loaded.
        done, raised: events it was called for, and of those how many it raised at.
        lost: events that its process ended at, or that were impossible to tell.
        dropped: events that came faster than it took them.
        restarts: how often its process was started over.
    """

    name: str
    status: HookStatus
    sentence: str = ""
    events: tuple[str, ...] = ()
    done: int = 0
    raised: int = 0
    lost: int = 0
    dropped: int = 0
    restarts: int = 0


class TroubleKind(StrEnum):
    """What can be wrong with a plug-in."""

    REFUSED = "refused"
    RAISED = "raised"
    HUNG = "hung"
    LIMIT = "limit"
    ENDED = "ended"
    DROPPED = "dropped"
    UNTELLABLE = "untellable"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class HookTrouble:
    """One thing to report; the same thing again is counted in the state and not reported.

    Args:
        name: of the plug-in.
        kind: what is wrong.
        sentence: in words.
    """

    name: str
    kind: TroubleKind
    sentence: str
