"""What `snipersight notify test` does: one message to each chat, and what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.domain.channels import (
    Chat,
    ChatRole,
    Delivered,
    Moved,
    Notifier,
    Rendered,
    SendOutcome,
    Stopped,
    TryAgain,
    Unsendable,
)
from snipersight.domain.errors import ConfigInvalid

if TYPE_CHECKING:
    from snipersight.bootstrap.settings import Settings

NO_CHANNEL: Final = "set TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID; docs/notifications.md tells how"
_TEXT: Final = "**SniperSight** is set up to write here\\."
_ADVISED: Final = " — "  # channels that know what to do say so in their error
_BY_CHANNEL: Final = {
    "webhook": "compare NOTIFY_WEBHOOK_URL with what its server expects",
    "apprise": "compare NOTIFY_APPRISE_URLS with what the service shows",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What became of the message to one chat.

    Args:
        chat: where it went.
        outcome: of the last attempt.
    """

    chat: Chat
    outcome: SendOutcome

    @property
    def has_arrived(self) -> bool:
        """Return whether it arrived."""
        return isinstance(self.outcome, Delivered)


def run_test(env_file: Path | None, *, channel: str | None, with_public: bool) -> ExitCode:
    """Send one message to each chat and print a line for each.

    Raises:
        ConfigInvalid: a setting is wrong, or there is no such chat.
    """
    from snipersight.bootstrap.channels import load_chats
    from snipersight.bootstrap.notifiers import open_notifiers
    from snipersight.bootstrap.session import open_surroundings

    surroundings = open_surroundings(env_file)
    for warning in surroundings.warnings:
        say(f"warning: {warning}")
    chats = _wanted(load_chats(surroundings.settings), channel, with_public=with_public)
    opened = open_notifiers(surroundings.settings, {chat.channel for chat in chats})
    for problem in opened.problems:
        say(f"warning: {problem}")
    tried = asyncio.run(try_chats(chats, opened.by_name))
    for line in _lines(tried, surroundings.settings):
        print(line)
    return ExitCode.OK if all(one.has_arrived for one in tried) else ExitCode.PARTIAL


async def try_chats(chats: Sequence[Chat], notifiers: dict[str, Notifier]) -> list[Tried]:
    """Send one message to each chat, one after the other; a chat that has moved is followed."""
    try:
        return [await _try(chat, notifiers.get(chat.channel)) for chat in chats]
    finally:
        await asyncio.gather(*(one.close() for one in notifiers.values()), return_exceptions=True)


def outcome_lines(tried: Tried) -> list[str]:
    """Return what became of one message, and what to do about it."""
    what, to_do = _told(tried)
    line = f"{tried.chat.lane}  {what}"
    return [line, f"  to do: {to_do}"] if to_do else [line]


async def _try(chat: Chat, notifier: Notifier | None) -> Tried:
    if notifier is None:
        stopped = Stopped(error="its channel cannot be used", is_whole_channel=True)
        return Tried(chat=chat, outcome=stopped)
    message = Rendered(
        title="SniperSight",
        markdown=_TEXT,
        data={"schema": "snipersight.text/1", "title": "SniperSight", "markdown": _TEXT},
    )
    outcome: SendOutcome = Unsendable(error="the channel has nothing to send")
    for body in notifier.prepare(message):
        outcome = await notifier.send(chat.address, body, key=f"test:{chat.lane}")
        if isinstance(outcome, Moved):
            moved = replace(chat, address=outcome.address)
            arrived = await notifier.send(moved.address, body, key=f"test:{chat.lane}")
            outcome = outcome if isinstance(arrived, Delivered) else arrived
    return Tried(chat=chat, outcome=outcome)


def _wanted(chats: Sequence[Chat], channel: str | None, *, with_public: bool) -> list[Chat]:
    if not chats:
        raise ConfigInvalid(
            "no notification channel is configured", where="settings", next_step=NO_CHANNEL
        )
    named = [chat for chat in chats if channel in (None, chat.channel)]
    if not named:
        known = ", ".join(dict.fromkeys(chat.channel for chat in chats))
        raise ConfigInvalid(
            f"there is no chat in channel {channel!r}",
            where="--channel",
            next_step=f"there are chats in {known}",
        )
    chosen = [chat for chat in named if with_public or chat.role is ChatRole.PRIVATE]
    for chat in named:
        if chat not in chosen:
            say(f"{chat.lane} is public and is left out; --public sends there, too.")
    return chosen


def _lines(tried: Sequence[Tried], settings: Settings) -> list[str]:
    lines = [line for one in tried for line in outcome_lines(one)]
    if settings.telegram_api_url != "https://api.telegram.org" and any(
        one.chat.channel == "telegram" for one in tried
    ):
        lines.append(f"Telegram is asked at {settings.telegram_api_url} (TELEGRAM_API_URL).")
    return lines


def _told(tried: Tried) -> tuple[str, str]:
    """Return what became of a message and the next step, which may be empty."""
    chat, outcome = tried.chat, tried.outcome
    match outcome:
        case Delivered():
            told = ("arrived", "")
        case Moved():
            where = "TELEGRAM_CHAT_ID or channels.toml"
            told = (
                f"arrived; the chat is {outcome.address} now",
                f"write the new number into {where}",
            )
        case TryAgain():
            told = (f"did not get through: {outcome.error}", _later(outcome))
        case _:
            told = (f"is refused: {outcome.error}", _advice(chat, outcome.error))
    return told


def _advice(chat: Chat, error: str) -> str:
    return "" if _ADVISED in error else _BY_CHANNEL.get(chat.channel, "")


def _later(outcome: TryAgain) -> str:
    wait = "in a while" if outcome.after_s is None else f"after {outcome.after_s:.0f} s"
    return f"look at the network and try again {wait}; what waits is not lost"
