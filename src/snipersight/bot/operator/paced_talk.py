"""The way to people within the limits that everything shares which writes in their chats."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Final

from snipersight.bot.notifications.markup.formatted_text import FormattedText
from snipersight.bot.notifications.sending.answer_turns import PATIENCE_S, AnswerTurns
from snipersight.bot.operator.commands import BotCommand
from snipersight.bot.operator.talk import LateRows, PollTrouble, Rows, Talk
from snipersight.bot.operator.updates import Update
from snipersight.domain.channels import SendOutcome, Stopped, TryAgain


class PacedTalk:
    """Lets what is said and changed in a chat wait for its turn; implements `Talk`.

    Answers to presses are shown over the chat and menus are nobody's messages: they pass.

    Args:
        talk: the way itself.
        turns: of answers.
    """

    def __init__(self, talk: Talk, turns: AnswerTurns) -> None:
        self._talk: Final = talk
        self._turns: Final = turns

    def updates(
        self, *, offset: int, wait_s: int
    ) -> Coroutine[Any, Any, tuple[Update, ...] | PollTrouble]:
        """Return what people did; see `Talk`."""
        return self._talk.updates(offset=offset, wait_s=wait_s)

    async def username(self) -> str | PollTrouble:
        """Return the bot's name, in small letters."""
        return await self._talk.username()

    async def say(
        self,
        address: str,
        text: FormattedText,
        *,
        rows: Rows | LateRows = (),
        reply_to: str = "",
    ) -> SendOutcome:
        """Send one text in its turn; `Stopped` where none came for a minute."""
        return await self._in_turn(
            address, lambda: self._talk.say(address, text, rows=rows, reply_to=reply_to)
        )

    async def answer_press(
        self, query_id: str, text: str = "", *, is_alert: bool = False
    ) -> SendOutcome:
        """Answer a press at once."""
        return await self._talk.answer_press(query_id, text, is_alert=is_alert)

    async def replace_buttons(self, address: str, message_id: str, rows: Rows) -> SendOutcome:
        """Put other buttons under a message in its turn; `Stopped` where none came."""
        return await self._in_turn(
            address, lambda: self._talk.replace_buttons(address, message_id, rows)
        )

    async def show_commands(self, address: str, commands: Sequence[BotCommand]) -> SendOutcome:
        """Show the menu of commands in one chat."""
        return await self._talk.show_commands(address, commands)

    async def close(self) -> None:
        """Release connections."""
        await self._talk.close()

    async def _in_turn(
        self, address: str, send: Callable[[], Awaitable[SendOutcome]]
    ) -> SendOutcome:
        async with self._turns.turn(address) as may_leave:
            if not may_leave:
                error = f"the chat has been at its limit for {PATIENCE_S:g} s"
                return Stopped(error=error, is_whole_channel=False)
            outcome = await send()
        if isinstance(outcome, TryAgain) and outcome.after_s is not None:
            self._turns.hold(address, for_s=outcome.after_s)
        return outcome
