"""Which chats there are: those that the settings name, and those of `channels.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from snipersight.bootstrap.chat_table import read_chat
from snipersight.bootstrap.settings import Settings, channels_file
from snipersight.bootstrap.toml_files import read_toml
from snipersight.domain.channels import Chat
from snipersight.domain.errors import ConfigInvalid

TELEGRAM: Final = "telegram"
WEBHOOK: Final = "webhook"
APPRISE: Final = "apprise"
WEBHOOK_ADDRESS: Final = "default"  # there is one webhook
_TELEGRAM_ADDRESS: Final = re.compile(r"-?[1-9]\d{0,18}|@[A-Za-z][A-Za-z0-9_]{3,31}")
_NEXT_STEP: Final = "docs/notifications.md shows an example of the whole file"


def load_chats(settings: Settings) -> tuple[Chat, ...]:
    """Return every chat, those of the file first, in its order.

    `TELEGRAM_CHAT_ID`, the webhook and each address of `NOTIFY_APPRISE_URLS` are private chats
    without filters, unless the file has an entry for them.

    Raises:
        ConfigInvalid: the file is no TOML, or an entry is impossible; every fault is named at once.
    """
    path = channels_file(settings)
    named = read_channels(path) if path.exists() else ()
    strange = _unserved(named, settings)
    if strange:
        raise ConfigInvalid("; ".join(strange), where=str(path), next_step=_NEXT_STEP)
    known = {chat.lane for chat in named}
    return (*named, *(chat for chat in _of_settings(settings) if chat.lane not in known))


def read_channels(path: Path) -> tuple[Chat, ...]:
    """Return the chats of a file.

    Raises:
        ConfigInvalid: as for `load_chats`.
    """
    document = read_toml(path)
    faults = [f"{name!r} means nothing here, write [[chat]]" for name in document if name != "chat"]
    entries = document.get("chat", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        faults.append("chat is no list of tables: begin each with [[chat]]")
        entries = []
    chats: list[Chat] = []
    for place, entry in enumerate(entries, start=1):
        chat, wrong = read_chat(entry, place=place)
        faults += wrong
        chats += [] if chat is None else [chat]
    faults += _twice(chats)
    if faults:
        raise ConfigInvalid("; ".join(faults), where=str(path), next_step=_NEXT_STEP)
    return tuple(chats)


def telegram_address_fault(address: str) -> str | None:
    """Return why a text is no address of a Telegram chat, or None if it is one."""
    if _TELEGRAM_ADDRESS.fullmatch(address):
        return None
    return f"{address!r} is no Telegram chat: write its number, -1001234567890, or @channel"


def _of_settings(settings: Settings) -> Iterable[Chat]:
    if settings.telegram_bot_token is not None and settings.telegram_chat_id is not None:
        yield Chat(channel=TELEGRAM, address=settings.telegram_chat_id.strip())
    if settings.has_webhook:
        yield Chat(channel=WEBHOOK, address=WEBHOOK_ADDRESS)
    for name in settings.apprise_urls:
        yield Chat(channel=APPRISE, address=name)


def _unserved(chats: Iterable[Chat], settings: Settings) -> list[str]:
    """Return what keeps a named chat from being served, one sentence each."""
    faults = (_service_fault(chat, settings) for chat in chats)
    return [fault for fault in faults if fault is not None]


def _service_fault(chat: Chat, settings: Settings) -> str | None:
    addresses: Mapping[str, Iterable[str]] = {
        WEBHOOK: (WEBHOOK_ADDRESS,),
        APPRISE: tuple(settings.apprise_urls),
    }
    missing = {
        TELEGRAM: settings.telegram_bot_token is None and "TELEGRAM_BOT_TOKEN is not set",
        WEBHOOK: not settings.has_webhook
        and "NOTIFY_WEBHOOK_URL and NOTIFY_WEBHOOK_SECRET are not both set",
        APPRISE: not settings.apprise_urls and "NOTIFY_APPRISE_URLS is not set",
    }
    if problem := missing.get(chat.channel, _unknown_channel(chat.channel, settings)):
        return f"{chat.lane}: {problem}"
    if chat.channel == TELEGRAM:
        return telegram_address_fault(chat.address)
    known = addresses.get(chat.channel)
    if known is None or chat.address in known:
        return None
    return f"{chat.lane}: {chat.channel} knows {', '.join(known)}"


def _unknown_channel(name: str, settings: Settings) -> str | None:
    known = (TELEGRAM, WEBHOOK, APPRISE, *settings.notify_plugins)
    if name in known:
        return None
    return (
        f"there is no channel {name!r}; known are {', '.join(known)} (NOTIFY_PLUGINS adds others)"
    )


def _twice(chats: Iterable[Chat]) -> list[str]:
    lanes = [chat.lane for chat in chats]
    return [f"{lane} is named twice" for lane in dict.fromkeys(lanes) if lanes.count(lane) > 1]
