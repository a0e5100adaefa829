"""The lines that pass between the scanner and a plug-in's process: one JSON object each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from snipersight.domain.hooks import HookEvent

LARGEST_EVENT: Final = 4 * 1024 * 1024  # bytes
LARGEST_ANSWER: Final = 64 * 1024
LONGEST_SENTENCE: Final = 500  # characters

# Not that of `spec`: neither side of a pipe needs pluggy to read a line.
_SCHEMA: Final = "snipersight.hook/1"


class AnswerKind(StrEnum):
    """What a plug-in's process says."""

    READY = "ready"  # loaded; from now on it takes events
    REFUSED = "refused"  # it cannot be used as it is; starting it again would change nothing
    DONE = "done"  # with the event
    RAISED = "raised"  # the event's function raised; the next event is welcome
    LIMIT = "limit"  # it took more than it may, and its process ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One line of a plug-in's process.

    Args:
        kind: what it says.
        text: why it was refused, what was raised, or what it took too much of.
        events: names of the events it wants, once it is ready.
    """

    kind: AnswerKind
    text: str = ""
    events: tuple[str, ...] = ()


def event_line(event: HookEvent) -> bytes:
    """Return an event as a line.

    Raises:
        ValueError: it holds something that JSON cannot, or is longer than `LARGEST_EVENT`.
    """
    body = {
        "schema": _SCHEMA,
        "event": event.name,
        "at_ms": event.at_ms,
        "context_id": event.context_id,
        "stage": event.stage,
        "data": event.data,
    }
    try:
        line = json.dumps(body, ensure_ascii=True, allow_nan=False).encode() + b"\n"
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{event.name} cannot be told: {error}") from error
    if len(line) > LARGEST_EVENT:
        raise ValueError(f"{event.name} has {len(line)} bytes, more than {LARGEST_EVENT}")
    return line


def answer_line(answer: Answer) -> bytes:
    """Return an answer as a line; a long text is cut."""
    body = {
        "kind": answer.kind.value,
        "text": answer.text[:LONGEST_SENTENCE],
        "events": list(answer.events),
    }
    return json.dumps(body, ensure_ascii=True).encode() + b"\n"


def parse_answer(line: bytes) -> Answer:
    """Return what a plug-in's process said.

    Raises:
        ValueError: the line is nothing that `answer_line` writes.
    """
    body = json.loads(line)
    events = body.get("events", []) if isinstance(body, Mapping) else None
    if not isinstance(events, list):
        raise ValueError(f"{line[:80]!r} is no answer")  # noqa: TRY004 - callers ask for one error
    return Answer(
        kind=AnswerKind(str(body.get("kind"))),
        text=str(body.get("text", ""))[:LONGEST_SENTENCE],
        events=tuple(str(name) for name in events),
    )
