"""Answers on their way to people: cut to size, tried again for a moment, never in the way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from snipersight.bot.notifications.markup.formatted_text import FormattedText
from snipersight.bot.notifications.markup.markdown_entities import to_entities
from snipersight.bot.notifications.markup.splitting import split
from snipersight.bot.notifications.wording.escaping import clean
from snipersight.bot.operator.hearing import begin_to_answer
from snipersight.bot.operator.talk import LateRows, Rows, Talk
from snipersight.bot.operator.updates import ButtonPress
from snipersight.bot.telemetry.logging import log_structured
from snipersight.bot.telemetry.masking import mask
from snipersight.domain.channels import Delivered, SendOutcome, TryAgain, Unsendable

_TRIES: Final = 3
# In a chat where many signals leave at once Telegram asks for patience again and again.
_LONGEST_PATIENCE_S: Final = 60.0
_LONGEST_PRESS_TEXT: Final = 200  # characters, by the Bot API
_SAME: Final = "message is not modified"
_STAGE: Final = "operator"


class Replies:
    """Says things in chats, once what was asked for is done.

    Args:
        talk: the way there.
        first_pause_s: before the second try; it doubles.
    """

    def __init__(self, talk: Talk, *, first_pause_s: float = 0.5) -> None:
        self._talk: Final = talk
        self._first_pause_s: Final = first_pause_s

    async def say(
        self, address: str, markdown: str, *, rows: Rows | LateRows = (), reply_to: str = ""
    ) -> bool:
        """Send a text in as many messages as it needs; buttons go under the last.

        Late ones are made as it leaves, which may be a minute after it was said.

        Returns:
            Whether every part arrived; what did not is logged.
        """
        begin_to_answer()
        parts = split(_without_secrets(to_entities(markdown)))
        for place, part in enumerate(parts, start=1):
            shown: Rows | LateRows = rows if place == len(parts) else ()
            if not await self._say_part(address, part, rows=shown, reply_to=reply_to):
                return False
        return bool(parts)

    async def answer(self, press: ButtonPress, text: str = "", *, is_alert: bool = False) -> None:
        """Answer a press; what cannot be shown over the chat any more is said in it.

        Args:
            press: which one.
            text: plain; empty only ends the waiting.
            is_alert: it waits to be closed.
        """
        begin_to_answer()
        shown = _short(clean(mask(text)))
        outcome = await self._tried(
            lambda: self._talk.answer_press(press.query_id, shown, is_alert=is_alert)
        )
        if isinstance(outcome, Delivered) or not text or press.place is None:
            return
        part = FormattedText(text=clean(mask(text)))
        await self._say_part(press.place.address, part, rows=(), reply_to=press.message_id)

    async def show_buttons(self, press: ButtonPress, rows: Rows) -> None:
        """Put other buttons under the message that a button was pressed under."""
        place, message_id = press.place, press.message_id
        if place is None or not message_id:
            return
        outcome = await self._tried(
            lambda: self._talk.replace_buttons(place.address, message_id, rows)
        )
        if not isinstance(outcome, Delivered) and not _is_same(outcome):
            _log("buttons could not be changed", outcome)

    async def _say_part(
        self, address: str, part: FormattedText, *, rows: Rows | LateRows, reply_to: str
    ) -> bool:
        outcome: SendOutcome = Unsendable(error="there is nothing to say")
        for form in (part, FormattedText(text=part.text)):

            def send(text: FormattedText = form) -> Awaitable[SendOutcome]:
                return self._talk.say(address, text, rows=rows, reply_to=reply_to)

            outcome = await self._tried(send)
            if not isinstance(outcome, Unsendable):
                break
        if not isinstance(outcome, Delivered):
            _log("an answer did not arrive", outcome)
        return isinstance(outcome, Delivered)

    async def _tried(self, send: Callable[[], Awaitable[SendOutcome]]) -> SendOutcome:
        """Try for a few seconds: a person waits, and asks again by themselves.

        Where Telegram itself says when to come again, it is away for nobody: that is no failure.
        """
        outcome = await send()
        pause_s, failures, asked_s = self._first_pause_s, 1, 0.0
        while isinstance(outcome, TryAgain):
            wait_s = pause_s if outcome.after_s is None else outcome.after_s
            if outcome.after_s is None:
                failures += 1
                pause_s *= 2
            else:
                asked_s += wait_s
            if failures > _TRIES or asked_s > _LONGEST_PATIENCE_S:
                break
            await asyncio.sleep(wait_s)
            outcome = await send()
        return outcome


def _without_secrets(text: FormattedText) -> FormattedText:
    """Return a text as it is, or masked and plain: people may write a secret, never read one."""
    masked = mask(text.text)
    return text if masked == text.text else FormattedText(text=masked)


def _short(text: str) -> str:
    if len(text) <= _LONGEST_PRESS_TEXT:
        return text
    return f"{text[: _LONGEST_PRESS_TEXT - 1]}…"


def _is_same(outcome: SendOutcome) -> bool:
    return isinstance(outcome, Unsendable) and _SAME in outcome.error.lower()


def _log(what: str, outcome: SendOutcome) -> None:
    reason = getattr(outcome, "error", "the chat has moved")
    log_structured(what, level="WARNING", stage=_STAGE, reason=reason)
