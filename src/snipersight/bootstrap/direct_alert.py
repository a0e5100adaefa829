"""Telling of a store that cannot be used: nothing can be queued in it, so it is told at once."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Final

from snipersight.bootstrap.channels import load_chats
from snipersight.bootstrap.notifiers import open_notifiers
from snipersight.bootstrap.settings import Settings
from snipersight.bot.notifications.channels.direct import Patience, send_patiently
from snipersight.bot.notifications.notices.alerts import ALERTS, an_alert
from snipersight.bot.notifications.notices.chats import wants
from snipersight.bot.notifications.notices.rendering import render
from snipersight.domain.channels import Body, Chat, Notifier, SendOutcome
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.notices import Alert

_BRIEF: Final = Patience(attempts=2, longest_wait_s=5.0, longest_pause_s=2.0)
_STAMP: Final = "store-alert"


async def tell_of_store(settings: Settings, error: StateUnavailable, *, stamps: Path | None) -> int:
    """Tell every chat that is told of alerts, at once and without the outbox.

    Args:
        settings: the channels.
        error: why the store cannot be used.
        stamps: folder in which it is remembered when this was told; within the window of the
            alert nobody is told again. None: it cannot be remembered.

    Returns:
        How many chats it arrived at.
    """
    if not _is_due(stamps):
        return 0
    now_us = time.time_ns() // 1000
    alert = an_alert("store", str(error), subject="database", at_ms=now_us // 1000)
    chats = [chat for chat in load_chats(settings) if wants(chat, alert)]
    opened = open_notifiers(settings, {chat.channel for chat in chats})
    served = [
        (chat, opened.by_name[chat.channel]) for chat in chats if chat.channel in opened.by_name
    ]
    try:
        arrived = [await _tell(chat, notifier, alert, now_us) for chat, notifier in served]
    finally:
        await asyncio.gather(
            *(one.close() for one in opened.by_name.values()), return_exceptions=True
        )
    return sum(arrived)


async def _tell(chat: Chat, notifier: Notifier, alert: Alert, now_us: int) -> bool:
    messages = render(alert, chat, pictures=Path(), at_us=now_us)
    key = f"store:{now_us}"

    async def send(address: str, body: Body) -> SendOutcome:
        return await notifier.send(address, body, key=key)

    bodies = [body for message in messages for body in notifier.prepare(message)]
    return await send_patiently(send, chat.address, bodies, patience=_BRIEF) is not None


def _is_due(stamps: Path | None) -> bool:
    """Return whether the alert is due, and remember that it is told."""
    if stamps is None:
        return True
    stamp = stamps / _STAMP
    window_s = ALERTS["store"].window_us / 1_000_000
    try:
        # One of a moment to come was written before the clock was set back.
        if stamp.exists() and 0 <= time.time() - stamp.stat().st_mtime < window_s:
            return False
        stamp.touch(mode=0o600)
    except OSError:
        return True  # rather told twice than not at all
    return True
