"""Asks Telegram who a bot is: the shortest proof that its token and the way there are right."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from snipersight.bot.telemetry.masking import mask
from snipersight.domain.errors import ConfigInvalid, VenueUnavailable

_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_PATIENCE_S: Final = 10.0


async def bot_name(token: str, *, api_url: str) -> str:
    """Return the bot's name as people see it, `@my_bot`.

    Args:
        token: of the bot.
        api_url: without path, `https://api.telegram.org`.

    Raises:
        ConfigInvalid: Telegram knows no such bot.
        VenueUnavailable: Telegram does not answer.
    """
    from telegram import Bot
    from telegram.error import InvalidToken, TelegramError
    from telegram.request import HTTPXRequest

    request = HTTPXRequest(
        connect_timeout=_PATIENCE_S,
        read_timeout=_PATIENCE_S,
        # A proxy in the environment would be asked for our own machine's loopback.
        httpx_kwargs={"trust_env": urlsplit(api_url).hostname not in _LOOPBACK},
    )
    bot = Bot(token, base_url=f"{api_url}/bot", request=request, get_updates_request=request)
    try:
        return f"@{(await bot.get_me()).username}"
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
