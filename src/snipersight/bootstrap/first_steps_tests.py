"""Tries what a person entered on the outside world; nothing is traded and nothing kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from snipersight.bootstrap.settings import Settings
from snipersight.bot.telemetry.masking import register_secrets
from snipersight.domain.errors import SniperSightError
from snipersight.domain.venue import Environment, Finding, FindingLevel

if TYPE_CHECKING:
    from snipersight.market.venues import Gateway

GREETING: Final = "SniperSight is set up: signals will arrive in this chat."


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeEntry:
    """Keys as they were entered.

    Args:
        venue: `binance`, `binanceusdm` or `bybit`.
        environment: the world they are of.
        key, secret: as the exchange gave them.
    """

    venue: str
    environment: Environment
    key: str
    secret: str


async def try_bot(token: str, *, api_url: str) -> Finding:
    """Return whether Telegram knows a bot with this token, and its name."""
    from snipersight.bot.notifications.channels.telegram_identity import bot_name

    register_secrets([token])
    return await _found("telegram", lambda: bot_name(token, api_url=api_url), "the bot {} answers")


async def try_chat(token: str, chat_id: str, *, api_url: str) -> Finding:
    """Write a greeting to the chat, and return whether it arrived."""
    from snipersight.bot.notifications.channels.telegram_identity import write_to

    register_secrets([token])
    return await _found(
        "chat",
        lambda: write_to(token, chat_id, GREETING, api_url=api_url),
        "a message was written to the chat",
    )


async def try_exchange(entry: ExchangeEntry, settings: Settings) -> tuple[Finding, ...]:
    """Return what the venue's preflight says of the keys, in the world that is named.

    Args:
        entry: what was entered.
        settings: a stand-in for the exchange, if any.
    """
    from snipersight.bot.executor.client_ids import is_ours
    from snipersight.market.venues import VenueConfig, open_venue

    register_secrets([entry.key, entry.secret])
    name = f"{entry.venue} {entry.environment}"
    try:
        config = VenueConfig(
            venue=entry.venue,
            environment=entry.environment,
            api_key=entry.key,
            api_secret=entry.secret,
            gateway=_gateway(settings),
            account_name="main",
        )
        venue = open_venue(config, is_ours=is_ours)
        try:
            return tuple(await venue.preflight([]))
        finally:
            await venue.close()
    except SniperSightError as error:
        return (Finding(name=name, level=FindingLevel.FAILED, sentence=str(error)),)


async def try_database(url: str) -> Finding:
    """Return whether the database answers; its tables are neither made nor changed.

    Args:
        url: as in `DATABASE_URL`; what a password is in it appears nowhere.
    """
    import asyncio

    password = urlsplit(url).password or ""
    register_secrets([password, unquote(password)])

    return await _found("database", lambda: asyncio.to_thread(_ask_database, url), "{} answers")


def _ask_database(url: str) -> str:
    from sqlalchemy import text

    from snipersight.storage.database import connect_database

    database = connect_database(url)
    try:
        database.read(lambda connection: connection.execute(text("select 1")).one())
        return database.place
    finally:
        database.close()


async def _found(name: str, ask: Callable[[], Awaitable[object]], told: str) -> Finding:
    try:
        answer = await ask()
    except SniperSightError as error:
        advice = f" — {error.next_step}" if error.next_step else ""
        return Finding(name=name, level=FindingLevel.FAILED, sentence=f"{error.what}{advice}")
    return Finding(name=name, level=FindingLevel.OK, sentence=told.format(answer))


def _gateway(settings: Settings) -> Gateway | None:
    address, ca_file = settings.gateway_address, settings.exchange_gateway_ca
    if address is None or ca_file is None:
        return None
    from snipersight.market.venues import Gateway

    return Gateway(host=address[0], port=address[1], ca_file=ca_file)
