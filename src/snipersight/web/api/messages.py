"""Messages of the live stream, as server-sent events."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from snipersight.bootstrap.dashboard.views_system import Topic
from snipersight.domain.errors import SniperSightError
from snipersight.domain.wording import iso_of


@dataclass(frozen=True, slots=True)
class Message:
    """One event of the stream, ready to be sent: worded once, however many listen."""

    name: str
    data: str

    def encode(self) -> bytes:
        """Return the event as it goes over the wire; JSON has no line breaks of its own."""
        return f"event: {self.name}\ndata: {self.data}\n\n".encode()


def message(name: str, values: Mapping[str, object]) -> Message:
    """Return an event with its values and the moment it was made."""
    told = {"at": iso_of(time.time_ns() // 1_000_000), **values}
    return Message(name, json.dumps(told, ensure_ascii=False, separators=(",", ":")))


def hello(topics: Iterable[Topic], *, is_again: bool = False) -> Message:
    """Return what a client hears first, or again after it missed something: read everything now."""
    return message("hello", {"topics": sorted(topics), "missed": is_again})


def ticked() -> Message:
    """Return that nothing happened, and the connection stands."""
    return message("tick", {})


def troubled(error: SniperSightError) -> Message:
    """Return that the store cannot be read, once."""
    return message(
        "trouble", {"what": error.what, "where": error.where, "next_step": error.next_step}
    )


def recovered() -> Message:
    """Return that the store can be read again: what was missed has to be read."""
    return message("recovered", {})
