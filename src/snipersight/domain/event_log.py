"""Where events are kept until everybody who wants them has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event in its place.

    Args:
        seq: 1, 2, 3 … in the order of storing; gaps are legal.
        event_type: what happened.
        at_us: when, microseconds UTC.
        body: the event as one line of JSON, secrets masked.
        key: names what happened once, whoever tells it again; empty: nobody tells it again.
    """

    seq: int
    event_type: str
    at_us: int
    body: str
    key: str = ""


class EventLog(Protocol):
    """The durable side of the event queue. All methods raise StateUnavailable."""

    def append(self, events: Sequence[StoredEvent]) -> int:
        """Store events in one commit and return the seq of the last; their own seqs are ignored.

        An event whose key is stored already is passed over. Durable when it returns.
        """
        ...

    def after(self, seq: int, *, limit: int) -> Sequence[StoredEvent]:
        """Return events behind a place, oldest first."""
        ...

    def newest(self) -> int:
        """Return the seq of the newest event; 0 without any."""
        ...

    def cursor(self, exporter: str) -> int:
        """Return up to where an exporter has confirmed; 0 for a new one."""
        ...

    def claim(self, exporter: str, owner: str, *, for_us: int) -> bool:
        """Return whether `owner` may export now: nobody else holds an unexpired claim."""
        ...

    def confirm(self, exporter: str, owner: str, seq: int) -> bool:
        """Move a cursor on, never back; False if somebody else has taken over the claim."""
        ...

    def set_back(self, exporter: str, owner: str, seq: int) -> bool:
        """Move a cursor to an earlier place; False if it is not later, or the claim is another's.

        For what leads back by itself, such as a store that was brought back from a backup.
        """
        ...

    def release(self, exporter: str, owner: str) -> None:
        """Give a claim back."""
        ...

    def is_claimed(self, exporter: str) -> bool:
        """Return whether anybody holds an unexpired claim; nothing changes by asking."""
        ...
