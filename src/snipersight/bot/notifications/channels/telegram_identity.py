"""Asks Telegram who a bot is and who wrote to it: the first steps of setting one up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from snipersight.bot.telemetry.masking import mask
from snipersight.domain.errors import ConfigInvalid, VenueUnavailable

if TYPE_CHECKING:
    from telegram import Bot

_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_PATIENCE_S: Final = 10.0
_PRIVATE: Final = "private"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenChat:
    """A chat in which somebody wrote to the bot lately.

    Args:
        chat_id: what `TELEGRAM_CHAT_ID` names it by.
        title: of the group, or the name of the person.
        is_private: a chat with one person, whose user id is that of the chat.
    """

    chat_id: str
    title: str
    is_private: bool


async def bot_name(token: str, *, api_url: str) -> str:
    """Return the bot's name as people see it, `@my_bot`.

    Args:
        token: of the bot.
        api_url: without path, `https://api.telegram.org`.

    Raises:
        ConfigInvalid: Telegram knows no such bot.
        VenueUnavailable: Telegram does not answer.
    """
    async with _asked(token, api_url) as bot:
        return f"@{(await bot.get_me()).username}"


async def recent_chats(token: str, *, api_url: str) -> tuple[SeenChat, ...]:
    """Return the chats that wrote to the bot in the last day, the newest first; nothing is taken.

    Args:
        token: of the bot.
        api_url: without path.

    Raises:
        ConfigInvalid: Telegram knows no such bot.
        VenueUnavailable: Telegram does not answer, or another program asks for the bot's messages.
    """
    async with _asked(token, api_url) as bot:
        updates = await bot.get_updates(timeout=0)
    found = [one.effective_chat for one in updates if one.effective_chat is not None]
    chats = [
        SeenChat(
            chat_id=str(chat.id),
            title=chat.title or chat.full_name or "",
            is_private=chat.type == _PRIVATE,
        )
        for chat in reversed(found)
    ]
    return tuple(dict.fromkeys(chats))


async def write_to(token: str, chat_id: str, text: str, *, api_url: str) -> None:
    """Write a word to a chat, once, without outbox and without waiting.

    Args:
        token: of the bot.
        chat_id: number or @name of the chat.
        text: plain.
        api_url: without path.

    Raises:
        ConfigInvalid: Telegram knows no such bot, or it may not write there.
        VenueUnavailable: Telegram does not answer.
    """
    from telegram.error import BadRequest, Forbidden

    async with _asked(token, api_url) as bot:
        try:
            await bot.send_message(chat_id, text)
        except (BadRequest, Forbidden) as error:
            raise ConfigInvalid(
                f"the bot cannot write to this chat: {mask(str(error))}",
                where="TELEGRAM_CHAT_ID",
                next_step="write the bot a word there first, and check the number",
            ) from error


@asynccontextmanager
async def _asked(token: str, api_url: str) -> AsyncIterator[Bot]:
    from telegram import Bot
    from telegram.error import InvalidToken, TelegramError
    from telegram.request import HTTPXRequest

    request = HTTPXRequest(
        connect_timeout=_PATIENCE_S,
        read_timeout=_PATIENCE_S,
        # A proxy in the environment would be asked for our own machine's loopback.
        httpx_kwargs={"trust_env": urlsplit(api_url).hostname not in _LOOPBACK},
    )
    try:
        yield Bot(token, base_url=f"{api_url}/bot", request=request, get_updates_request=request)
    except InvalidToken as error:
        raise ConfigInvalid(
            "Telegram knows no bot with this token",
            where="TELEGRAM_BOT_TOKEN",
            next_step="copy it again from @BotFather",
        ) from error
    except TelegramError as error:
        raise VenueUnavailable(
            f"Telegram does not answer: {mask(str(error))}",
            where=api_url,
            next_step="look at the network and ask again",
        ) from error
    finally:
        await request.shutdown()
