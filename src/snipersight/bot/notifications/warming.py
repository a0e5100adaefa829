"""Loads what wording takes before a message waits for it."""

from __future__ import annotations

from snipersight.bot.notifications.markup.markdown_entities import to_entities
from snipersight.bot.notifications.wording.templating import load_templates


def warm_up() -> None:
    """Load templates, their compiler and the reader of Markdown; blocks for a tenth of a second."""
    load_templates()
    to_entities("**nothing**")
