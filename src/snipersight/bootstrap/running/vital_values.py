"""How a running bot is: what each part says of itself, and what follows for the whole."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PartHealth:
    """One part of a running bot.

    Args:
        name: of the part, `sender`.
        age_s: real seconds since it last made progress; None: it never did.
        within_s: how often it must; None: nobody asks.
        trouble: what is wrong with it, one sentence; empty: nothing.
        restarts: how often it was started again after a failure.
    """

    name: str
    age_s: float | None = None
    within_s: float | None = None
    trouble: str = ""
    restarts: int = 0

    @property
    def is_late(self) -> bool:
        """Return whether it has been silent for longer than it may."""
        return self.within_s is not None and self.age_s is not None and self.age_s > self.within_s


@dataclass(frozen=True, slots=True, kw_only=True)
class LastScan:
    """The newest scan that came to its end.

    Args:
        as_of_ms: the moment it spoke about, milliseconds UTC.
        duration_s: real seconds it took.
    """

    as_of_ms: int
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the whole is at one moment.

    A part in trouble makes the bot no less healthy: a Telegram that is down is no reason to start
    the process again. A part that is late does: it hangs, and nothing else ends that.

    Args:
        has_started: it scans, or waits for the next close.
        is_stopping: it was told to end.
        parts: in the order of their names.
        last_scan: None before the first one.
    """

    has_started: bool
    is_stopping: bool
    parts: tuple[PartHealth, ...]
    last_scan: LastScan | None = None

    @property
    def late(self) -> tuple[PartHealth, ...]:
        """Return the parts that hang; none while it ends, for parts then end one by one."""
        return () if self.is_stopping else tuple(part for part in self.parts if part.is_late)

    @property
    def troubled(self) -> tuple[PartHealth, ...]:
        """Return the parts that something is wrong with."""
        return tuple(part for part in self.parts if part.trouble)

    @property
    def is_healthy(self) -> bool:
        """Return whether no part hangs."""
        return not self.late

    @property
    def is_ready(self) -> bool:
        """Return whether it does its work: started, not told to end, nothing hangs."""
        return self.has_started and not self.is_stopping and self.is_healthy
