"""python-telegram-bot as the operator uses it: updates as they came, answers as outcomes.

Heavy to import; whoever opens the operator does so.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from telegram import Bot, BotCommandScopeChat, LinkPreviewOptions
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from snipersight.bot.notifications.channels.telegram_errors import (
    Answer,
    outcome_of_refusal,
    read_answer,
)
from snipersight.bot.notifications.channels.telegram_objects import (
    entities_of,
    keyboard_of,
    reply_to_message,
)
from snipersight.bot.notifications.markup.formatted_text import FormattedText
from snipersight.bot.operator.commands import BotCommand
from snipersight.bot.operator.talk import LateRows, PollTrouble, Rows, rows_now
from snipersight.bot.operator.updates import Update, read_updates
from snipersight.bot.telemetry.masking import mask
from snipersight.domain.channels import Delivered, SendOutcome, TryAgain

MOST_UPDATES: Final = 100
_UPDATES: Final = ["message", "callback_query"]
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_POOL_SIZE: Final = 16
_LONGEST_REASON: Final = 200
_body: ContextVar[bytes | None] = ContextVar("operator_body", default=None)


class TelegramTalk:
    """Connections to the Bot API, bound to the event loop they are first used in.

    Args:
        token: of the bot.
        api_url: without path, `https://api.telegram.org`.
    """

    def __init__(self, token: str, *, api_url: str) -> None:
        self._request: Final = _request(api_url, pool_size=_POOL_SIZE)
        self._polling: Final = _request(api_url, pool_size=1)
        # Never `initialize()`d: that asks for the bot's name, and we start without a network too.
        self._bot: Final = Bot(
            token,
            base_url=f"{api_url}/bot",
            request=self._request,
            get_updates_request=self._polling,
        )

    async def updates(self, *, offset: int, wait_s: int) -> tuple[Update, ...] | PollTrouble:
        """Return what people did from an update on, waiting for something if there is nothing.

        Args:
            offset: id of the first wanted; those before it are confirmed, and forgotten for good.
            wait_s: how long to wait at most, whole seconds.
        """
        _body.set(None)
        try:
            await self._bot.get_updates(
                offset=offset, limit=MOST_UPDATES, timeout=wait_s, allowed_updates=_UPDATES
            )
        except TelegramError as error:
            return _trouble_of(error)
        except Exception as error:  # noqa: BLE001 - any update, of whatever kind, is read below
            # The library stumbles over some update, which would come again and again.
            if _body.get() is None:
                return _unreadable(error)
        return read_updates(_result(_body.get()))

    async def username(self) -> str | PollTrouble:
        """Return the name that commands to this very bot end with, in small letters."""
        try:
            return ((await self._bot.get_me()).username or "").lower()
        except TelegramError as error:
            return _trouble_of(error)

    async def say(
        self,
        address: str,
        text: FormattedText,
        *,
        rows: Rows | LateRows = (),
        reply_to: str = "",
    ) -> SendOutcome:
        """Send one text within the limits of a message.

        Args:
            address: of the chat.
            text: as it is shown.
            rows: of buttons under it, or what makes them at this moment.
            reply_to: message id to reply to, which may be gone; empty for none.
        """
        return await self._outcome(
            lambda: self._bot.send_message(
                address,
                text.text,
                entities=entities_of(text),
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                reply_markup=keyboard_of(rows_now(rows)),
                reply_parameters=reply_to_message(reply_to),
            )
        )

    async def answer_press(
        self, query_id: str, text: str = "", *, is_alert: bool = False
    ) -> SendOutcome:
        """Answer a press: at most 200 characters over the chat; an alert waits to be closed."""
        return await self._outcome(
            lambda: self._bot.answer_callback_query(
                query_id, text=text or None, show_alert=is_alert or None
            )
        )

    async def replace_buttons(self, address: str, message_id: str, rows: Rows) -> SendOutcome:
        """Put other buttons under a message, or none."""
        return await self._outcome(
            lambda: self._bot.edit_message_reply_markup(
                address, int(message_id), reply_markup=keyboard_of(rows)
            )
        )

    async def show_commands(self, address: str, commands: Sequence[BotCommand]) -> SendOutcome:
        """Show the menu of commands in one chat."""
        return await self._outcome(
            lambda: self._bot.set_my_commands(
                [(one.name, one.says) for one in commands], scope=BotCommandScopeChat(address)
            )
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._polling.shutdown()
        await self._request.shutdown()

    async def _outcome(self, call: Callable[[], Awaitable[object]]) -> SendOutcome:
        _body.set(None)
        try:
            await call()
        except TelegramError as error:
            if isinstance(error, _Refused):
                return outcome_of_refusal(error.answer)
            return TryAgain(error=_reason(error), is_ambiguous=True)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            # The library could not read what it got back; if it got anything, it was done.
            if _body.get() is None:
                return TryAgain(error=_reason(error), is_ambiguous=True)
        return Delivered()


class _Refused(TelegramError):
    """An answer that is no success, as it came."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"answer {answer.status}")
        self.answer = answer


class _AnswerRequest(HTTPXRequest):
    """Reads each answer before the library sorts it into its own exceptions."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        status, body = await super().do_request(*args, **kwargs)
        answer = read_answer(status, body)
        if not answer.is_success:
            raise _Refused(answer)
        _body.set(body)
        return status, body


def _request(api_url: str, *, pool_size: int) -> _AnswerRequest:
    return _AnswerRequest(
        connection_pool_size=pool_size,
        connect_timeout=10.0,
        read_timeout=10.0,
        write_timeout=10.0,
        pool_timeout=5.0,
        # A proxy in the environment would be asked for our own machine's loopback.
        httpx_kwargs={"trust_env": urlsplit(api_url).hostname not in _LOOPBACK},
    )


def _trouble_of(error: TelegramError) -> PollTrouble:
    if not isinstance(error, _Refused):
        return PollTrouble(sentence=f"Telegram does not answer: {_reason(error)}")
    answer = error.answer
    if answer.is_telegrams and answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND):
        return PollTrouble(
            sentence="Telegram knows no bot with this token: check TELEGRAM_BOT_TOKEN with "
            "@BotFather and start again",
            is_lasting=True,
        )
    if answer.is_telegrams and answer.status == HTTPStatus.CONFLICT:
        return PollTrouble(sentence=_conflict(answer))
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return PollTrouble(sentence="Telegram asks for patience", after_s=answer.retry_after_s)
    said = mask(answer.description)[:_LONGEST_REASON] or f"an answer {answer.status}"
    return PollTrouble(sentence=f"Telegram answers with an error: {said}")


def _conflict(answer: Answer) -> str:
    if "webhook" in answer.description.lower():
        return (
            "a webhook is set for this bot, so that commands go there: delete it, or make a bot of "
            "its own for SniperSight with @BotFather"
        )
    return "another program reads this bot's messages: end it, or make a bot of its own for one"


def _unreadable(error: Exception) -> PollTrouble:
    return PollTrouble(sentence=f"Telegram's answer makes no sense: {_reason(error)}")


def _reason(error: Exception) -> str:
    cause = error.__cause__ or error
    return mask(f"{type(cause).__name__}: {cause}".rstrip(": "))[:_LONGEST_REASON]


def _result(body: bytes | None) -> object:
    fields = json.loads(body or b"{}")
    return fields.get("result") if isinstance(fields, dict) else None
