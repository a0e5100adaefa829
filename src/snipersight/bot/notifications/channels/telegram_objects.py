"""Our texts, buttons and replies as python-telegram-bot wants them. Heavy to import."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity, ReplyParameters

from snipersight.bot.notifications.markup.formatted_text import FormattedText
from snipersight.domain.channels import Button


def entities_of(content: FormattedText) -> list[MessageEntity] | None:
    """Return the formats of a text; None where it has none."""
    return [
        MessageEntity(
            type=entity.kind.value,
            offset=entity.offset,
            length=entity.length,
            url=entity.url or None,
            language=entity.language or None,
        )
        for entity in content.entities
    ] or None


def keyboard_of(rows: Sequence[Sequence[Button]]) -> InlineKeyboardMarkup | None:
    """Return rows of buttons; None where there are none."""
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(one.text, callback_data=one.data) for one in row] for row in rows]
    )


def reply_to_message(message_id: str) -> ReplyParameters | None:
    """Return that a message answers another one, which may be gone; None for an empty id."""
    if not message_id.isdecimal():
        return None
    return ReplyParameters(message_id=int(message_id), allow_sending_without_reply=True)
