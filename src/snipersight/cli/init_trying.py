"""Tries what was entered, and says how that went."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from snipersight.bootstrap import first_steps_tests as tests
from snipersight.bootstrap.first_steps import Draft
from snipersight.cli.guard import say
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.venue import Environment, Finding, FindingLevel

_MARKS: Final = {
    FindingLevel.OK: "ok",
    FindingLevel.WARNING: "warning",
    FindingLevel.SKIPPED: "not asked",
    FindingLevel.FAILED: "FAILED",
}
_TOUCHING: Final = {
    "telegram": ("TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID", "TELEGRAM_API_URL"),
    "database": ("DATABASE_URL",),
    "binanceusdm": ("BINANCE_API_KEY", "BINANCE_API_SECRET"),
    "bybit": ("BYBIT_API_KEY", "BYBIT_API_SECRET"),
}


def tried(draft: Draft) -> tuple[Finding, ...]:
    """Return how everything works that the draft changes and that can be tried without writing."""
    found: list[Finding] = []
    if _touches(draft, "telegram") and draft.value("TELEGRAM_BOT_TOKEN"):
        found.append(try_bot(draft))
    if _touches(draft, "database") and draft.value("DATABASE_URL"):
        found.append(try_database(draft))
    for venue in ("binanceusdm", "bybit"):
        if _touches(draft, venue) and all(map(draft.value, _TOUCHING[venue])):
            found += try_exchange(draft, venue)
    return tuple(found)


def require_well(found: Sequence[Finding]) -> None:
    """Say how everything went.

    Raises:
        ConfigInvalid: something does not work; nothing was written.
    """
    tell(found)
    failed = [one for one in found if one.level is FindingLevel.FAILED]
    if failed:
        raise ConfigInvalid(
            f"nothing was written, because {', '.join(one.name for one in failed)} failed",
            where="--set",
            next_step="correct it, or write it untried with --no-test",
        )


def tell(found: Sequence[Finding]) -> None:
    """Say how each thing went, one line each."""
    for one in found:
        say(f"  {_MARKS[one.level]}: {one.name}, {one.sentence}")


def try_bot(draft: Draft) -> Finding:
    """Return whether Telegram knows the bot."""
    token = draft.value("TELEGRAM_BOT_TOKEN")
    return asyncio.run(tests.try_bot(token, api_url=draft.settings().telegram_api_url))


def try_chat(draft: Draft) -> Finding:
    """Write to the chat, and return whether that arrived."""
    token, chat = draft.value("TELEGRAM_BOT_TOKEN"), draft.value("TELEGRAM_CHAT_ID")
    return asyncio.run(tests.try_chat(token, chat, api_url=draft.settings().telegram_api_url))


def try_database(draft: Draft) -> Finding:
    """Return whether the database answers."""
    return asyncio.run(tests.try_database(draft.value("DATABASE_URL")))


def try_exchange(draft: Draft, venue: str) -> tuple[Finding, ...]:
    """Return what the preflight of a venue says of the keys, in the world that is named."""
    settings = draft.settings()
    key, secret = (draft.value(name) for name in _TOUCHING[venue])
    entry = tests.ExchangeEntry(
        venue=venue,
        environment=settings.environment or Environment.DEMO,
        key=key,
        secret=secret,
    )
    return asyncio.run(tests.try_exchange(entry, settings))


def _touches(draft: Draft, part: str) -> bool:
    return any(name in draft.changes for name in _TOUCHING[part])
