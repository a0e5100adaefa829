"""The way to people and back, as the operator needs it; `telegram_talk` is the real one."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from snipersight.bot.notifications.markup.formatted_text import FormattedText
from snipersight.bot.operator.commands import BotCommand
from snipersight.bot.operator.updates import Update
from snipersight.domain.channels import Button, SendOutcome

Rows = Sequence[Sequence[Button]]
LateRows = Callable[[], Rows]  # buttons that say how long they are good for


def rows_now(rows: Rows | LateRows) -> Rows:
    """Return the buttons of a text that leaves now."""
    return rows() if callable(rows) else rows


@dataclass(frozen=True, slots=True, kw_only=True)
class PollTrouble:
    """Why nothing could be fetched.

    Args:
        sentence: for people, without secrets.
        after_s: not before, as asked; None: by our own pauses.
        is_lasting: it does not go away by waiting.
    """

    sentence: str
    after_s: float | None = None
    is_lasting: bool = False


class Talk(Protocol):
    """A chat service with buttons; what fails is a value."""

    def updates(
        self, *, offset: int, wait_s: int
    ) -> Coroutine[Any, Any, tuple[Update, ...] | PollTrouble]:
        """Return what people did from an update on; those before it are confirmed."""
        ...

    async def username(self) -> str | PollTrouble:
        """Return the bot's name, in small letters."""
        ...

    async def say(
        self,
        address: str,
        text: FormattedText,
        *,
        rows: Rows | LateRows = (),
        reply_to: str = "",
    ) -> SendOutcome:
        """Send one text within the limits of a message; late buttons are asked for as it leaves."""
        ...

    async def answer_press(
        self, query_id: str, text: str = "", *, is_alert: bool = False
    ) -> SendOutcome:
        """Answer a press."""
        ...

    async def replace_buttons(self, address: str, message_id: str, rows: Rows) -> SendOutcome:
        """Put other buttons under a message, or none."""
        ...

    async def show_commands(self, address: str, commands: Sequence[BotCommand]) -> SendOutcome:
        """Show the menu of commands in one chat."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...
