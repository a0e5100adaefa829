"""Messages that were delivered, and how they are told to bots, reports and the page."""

from __future__ import annotations

from dataclasses import dataclass

from snipersight.sandbox.telegram.answers import Answer
from snipersight.sandbox.telegram.chats import ChatKind, SandboxChat
from snipersight.sandbox.telegram.entities import Entity
from snipersight.sandbox.telegram.pictures import Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """One button under a message: it calls back with data, or opens a URL."""

    text: str
    data: str = ""
    url: str = ""

    def as_json(self) -> Answer:
        """Return the `InlineKeyboardButton` object of the Bot API."""
        target = {"url": self.url} if self.url else {"callback_data": self.data}
        return {"text": self.text, **target}


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxUser:
    """A person, where it is not the one whose chat it is.

    Args:
        id: above 0.
        name: as they call themselves.
    """

    id: int
    name: str = "Somebody"

    def as_json(self) -> Answer:
        """Return the `User` object of the Bot API."""
        return {"id": self.id, "is_bot": False, "first_name": self.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """One message in a chat, of the bot or of the user.

    Args:
        number: order of delivery over all chats, from 1.
        chat_id, message_id: where it is; ids of messages begin at 1 in every chat.
        at_ms: when it was delivered, milliseconds UTC.
        text: as shown, a caption if there is a picture.
        entities: of the text.
        raw_text: as the request had it, before parsing and trimming.
        parse_mode: as the request had it.
        picture: uploaded with it.
        is_silent: delivered without a sound.
        reply_to: id of the message it answers; None for none.
        keyboard: rows of buttons under it.
        edited_ms: when it was last edited.
        is_users: written by the user to the bot.
        user: who wrote it; None: whoever the chat is with.
        fault: what went wrong on purpose with the request that brought it; empty for nothing.
    """

    number: int
    chat_id: int
    message_id: int
    at_ms: int
    text: str = ""
    entities: tuple[Entity, ...] = ()
    raw_text: str = ""
    parse_mode: str = ""
    picture: Picture | None = None
    is_silent: bool = False
    reply_to: int | None = None
    keyboard: Keyboard = ()
    edited_ms: int | None = None
    is_users: bool = False
    user: SandboxUser | None = None
    fault: str = ""

    def as_json(self) -> Answer:
        """Return the message for a report."""
        picture = self.picture
        size = picture and {
            "file_id": picture.file_id,
            "width": picture.width,
            "height": picture.height,
            "bytes": picture.size_bytes,
        }
        return {
            "number": self.number,
            "chat_id": self.chat_id,
            "message_id": self.message_id,
            "at_ms": self.at_ms,
            "text": self.text,
            "entities": [entity.as_json() for entity in self.entities],
            "raw_text": self.raw_text,
            "parse_mode": self.parse_mode,
            "photo": size,
            "is_silent": self.is_silent,
            "reply_to": self.reply_to,
            "keyboard": [[button.as_json() for button in row] for row in self.keyboard],
            "edited_ms": self.edited_ms,
            "is_users": self.is_users,
            "fault": self.fault,
        }


def as_bot_sees(
    message: SentMessage, chat: SandboxChat, bot: Answer, *, replied: SentMessage | None = None
) -> Answer:
    """Return the `Message` object of the Bot API.

    Args:
        message: to tell.
        chat: it is in.
        bot: the bot as a user.
        replied: the message it answers.
    """
    told: Answer = {"message_id": message.message_id}
    if chat.what is not ChatKind.CHANNEL:
        told["from"] = user_of(chat, message.user) if message.is_users else bot
    told |= {"chat": chat.as_json(), "date": message.at_ms // 1000}
    if message.edited_ms is not None:
        told["edit_date"] = message.edited_ms // 1000
    if replied is not None:
        told["reply_to_message"] = as_bot_sees(replied, chat, bot)
    told |= _content(message)
    if message.keyboard:
        rows = [[button.as_json() for button in row] for row in message.keyboard]
        told["reply_markup"] = {"inline_keyboard": rows}
    return told


def _content(message: SentMessage) -> Answer:
    entities = [entity.as_json() for entity in message.entities]
    if message.picture is None:
        content: Answer = {"text": message.text}
        return {**content, "entities": entities} if entities else content
    content = {"photo": message.picture.as_json()}
    if message.text:
        content["caption"] = message.text
    return {**content, "caption_entities": entities} if entities else content


def user_of(chat: SandboxChat, user: SandboxUser | None = None) -> Answer:
    """Return the person who writes and presses in a chat: the one given, or the chat's own."""
    if user is not None:
        return user.as_json()
    if chat.what is ChatKind.PRIVATE:
        return {"id": chat.id, "is_bot": False, "first_name": chat.name}
    return {"id": abs(chat.id), "is_bot": False, "first_name": "Trader"}
