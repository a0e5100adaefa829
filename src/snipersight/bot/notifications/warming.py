"""Loads what wording and sending take before a message waits for it."""

from __future__ import annotations

from collections.abc import Container
from importlib import import_module

from snipersight.bot.notifications.markup.markdown_entities import to_entities
from snipersight.bot.notifications.wording.templating import load_templates


def warm_up(channels: Container[str]) -> None:
    """Load templates, their compiler, the reader of Markdown, and the client of Telegram.

    Blocks for a few tenths of a second.

    Args:
        channels: names of those that are sent over; no other one's client is loaded.
    """
    load_templates()
    to_entities("**nothing**")
    if "telegram" in channels:
        import_module("snipersight.bot.notifications.channels.telegram_client")
