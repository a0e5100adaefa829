"""Messages of the live stream, as server-sent events."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from snipersight.bootstrap.dashboard.views_system import Topic
from snipersight.domain.errors import SniperSightError
from snipersight.domain.wording import iso_of


@dataclass(frozen=True)
class Message:
    """One event of the stream: worded once, and made bytes once, however many listen.

    Args:
        name: of the event.
        data: JSON.
    """

    name: str
    data: str

    @cached_property
    def wire(self) -> bytes:
        """Return the event as it goes over the wire; JSON has no line breaks of its own."""
        return f"event: {self.name}\ndata: {self.data}\n\n".encode()


def message(
    name: str, values: Mapping[str, object], rows: Mapping[str, Sequence[str]] | None = None
) -> Message:
    """Return an event with its values and the moment it was made.

    Args:
        name: of the event.
        values: by name.
        rows: lists by name, of what is JSON already.
    """
    told = {"at": iso_of(time.time_ns() // 1_000_000), **values}
    data = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    lists = "".join(f',"{one}":[{",".join(texts)}]' for one, texts in (rows or {}).items())
    return Message(name, f"{data[:-1]}{lists}}}")


def hello(revisions: Mapping[Topic, int], *, is_again: bool = False) -> Message:
    """Return what a client hears first, or again after it missed something.

    Args:
        revisions: of what it asked for: the next message about a topic has the next number.
        is_again: it missed something.
    """
    return message("hello", {"topics": revisions, "missed": is_again})


def ticked() -> Message:
    """Return that nothing happened, and the connection stands."""
    return message("tick", {})


def troubled(error: SniperSightError) -> Message:
    """Return that the store cannot be read, once."""
    return message(
        "trouble", {"what": error.what, "where": error.where, "next_step": error.next_step}
    )


def recovered() -> Message:
    """Return that the store can be read again, and what changed meanwhile is told next."""
    return message("recovered", {})
