"""What a person is told of a command they gave, and of one that came before theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from snipersight.bootstrap.operating.decision_notices import who
from snipersight.domain import wording as texts
from snipersight.domain.commands import CommandAnswer, CommandKind, CommandState
from snipersight.storage.commands import StoredCommand

_SAID: Final[Mapping[CommandKind, str]] = {
    CommandKind.APPROVE: "approved it",
    CommandKind.REJECT: "rejected it",
    CommandKind.TOOK: "traded it by hand",
}
_WAITING: Final = "It is stored, and told once it is done."
_KILL_WAITS: Final = (
    "No new entry is sent. What works is cancelled as soon as the process that executes is there; "
    "/status shows when that is confirmed."
)


def answer_of(stored: StoredCommand, *, is_first: bool) -> CommandAnswer:
    """Return what is known of a command.

    Args:
        stored: it, or the one that came before it.
        is_first: it is the very press that is answered.
    """
    settled = stored.settled
    state = CommandState.WAITING if settled is None else settled.state
    waiting = _KILL_WAITS if stored.command.kind is CommandKind.KILL else _WAITING
    sentence = waiting if settled is None else _as_sentence(settled.sentence)
    if not is_first:
        sentence = f"{_before(stored)}. {sentence}"
    return CommandAnswer(command=stored.command, state=state, sentence=sentence, is_first=is_first)


def _before(stored: StoredCommand) -> str:
    command = stored.command
    at = texts.minute_of(command.at_us // 1000)
    said = _SAID.get(command.kind, f"said {command.kind}")
    return f"{who(command)} {said} at {at} UTC"


def _as_sentence(text: str) -> str:
    """Return a reason as a sentence of its own."""
    capital = text[:1].upper() + text[1:]
    return capital if not capital or capital.endswith((".", "!", "?")) else f"{capital}."
