"""python-telegram-bot as we use it: one request a call, and what became of it as a value.

Heavy to import; `telegram.py` does so at the first message.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from telegram import Bot, LinkPreviewOptions
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from snipersight.bot.notifications.channels.telegram_bodies import Form
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
from snipersight.bot.telemetry.masking import mask
from snipersight.domain.channels import Delivered, SendOutcome, TryAgain

_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_POOL_SIZE: Final = 32
# Raised before anything of the request has left; whatever else goes wrong may come too late.
_NEVER_LEFT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.InvalidURL,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_AWAY: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)

_answered: ContextVar[Answer | None] = ContextVar("telegram_answer", default=None)


class TelegramClient:
    """Connections to the Bot API, bound to the event loop they are first used in.

    Args:
        token: of the bot.
        api_url: without path, `https://api.telegram.org`.
    """

    def __init__(self, token: str, *, api_url: str) -> None:
        self._request = _AnswerRequest(
            connection_pool_size=_POOL_SIZE,
            connect_timeout=10.0,
            read_timeout=20.0,
            write_timeout=20.0,
            media_write_timeout=40.0,
            pool_timeout=10.0,
            # A proxy in the environment would be asked for our own machine's loopback.
            httpx_kwargs={"trust_env": urlsplit(api_url).hostname not in _LOOPBACK},
        )
        # Never `initialize()`d: that asks for the bot's name, and we start without a network too.
        self._bot = Bot(
            token,
            base_url=f"{api_url}/bot",
            request=self._request,
            get_updates_request=self._request,
        )

    async def send(
        self, address: str, form: Form, *, photo: bytes | None, reply_to: str
    ) -> SendOutcome:
        """Send one message and return what became of it.

        Args:
            address: chat id or `@channel`.
            form: what to send; the photo's content is given beside it.
            photo: content of the PNG; None sends text.
            reply_to: message id to reply to, which may be gone; empty for none.
        """
        _answered.set(None)
        try:
            message_id = await self._call(address, form, photo=photo, reply_to=reply_to)
        except TelegramError as error:
            return _outcome_of_failure(error)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            # The library could not read the message it got back. It was sent all the same.
            answer = _answered.get()
            if answer is None:
                return TryAgain(
                    error=f"{type(error).__name__}: {mask(str(error))}", is_ambiguous=True
                )
            return Delivered(message_id=answer.message_id)
        return Delivered(message_id=str(message_id))

    async def close(self) -> None:
        """Close the connections."""
        await self._request.shutdown()

    async def _call(self, address: str, form: Form, *, photo: bytes | None, reply_to: str) -> int:
        shared: dict[str, Any] = {
            "disable_notification": form.is_silent,
            "reply_parameters": reply_to_message(reply_to),
            "reply_markup": keyboard_of(form.buttons),
        }
        text, entities = form.content.text, entities_of(form.content)
        if photo is not None:
            message = await self._bot.send_photo(
                address,
                photo,
                caption=text,
                caption_entities=entities,
                filename="chart.png",
                **shared,
            )
        else:
            message = await self._bot.send_message(
                address,
                text,
                entities=entities,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                **shared,
            )
        return message.message_id


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
        _answered.set(answer)
        return status, body


def _outcome_of_failure(error: TelegramError) -> SendOutcome:
    if isinstance(error, _Refused):
        return outcome_of_refusal(error.answer)
    cause = error.__cause__ or error
    reason = mask(f"{type(cause).__name__}: {cause}".rstrip(": "))
    if isinstance(cause, _NEVER_LEFT):
        return TryAgain(error=reason, is_whole_channel=isinstance(cause, _AWAY))
    return TryAgain(error=reason, is_ambiguous=True)
