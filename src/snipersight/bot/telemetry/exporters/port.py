"""What an exporter is: it takes stored events somewhere else, or says why not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from snipersight.domain.errors import SniperSightError
from snipersight.domain.event_log import StoredEvent


class ExportFailed(SniperSightError):
    """The events could not be taken now: the same ones may be later.

    Args:
        after_s: how long the other side asks to be left alone; None: it does not say.
    """

    def __init__(
        self, what: str, *, where: str = "", next_step: str = "", after_s: float | None = None
    ) -> None:
        super().__init__(what, where=where, next_step=next_step)
        self.after_s = after_s


class ExportRefused(SniperSightError):
    """The events will not be taken as things are: a person must look."""


class Exporter(Protocol):
    """Takes events out. One thread calls it, and a method that hangs holds nobody but itself."""

    @property
    def name(self) -> str:
        """Return the name its place in the log is kept under."""
        ...

    @property
    def most(self) -> int:
        """Return how many events it takes in one call at most."""
        ...

    def export(self, events: Sequence[StoredEvent]) -> None:
        """Take events, oldest first; they count as taken once it returns.

        The same events may come again after a failure or a crash.

        Raises:
            ExportFailed: they were not taken, or nobody knows; they will come again.
            ExportRefused: they are not taken; they will come again once a person has looked.
        """
        ...

    def close(self) -> None:
        """Release what it holds; it never raises."""
        ...
