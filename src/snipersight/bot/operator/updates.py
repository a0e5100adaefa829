"""What people did, as Telegram tells it: read here, so that nothing it may send can stop the bot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LONGEST_NAME: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who did it.

    Args:
        user_id: Telegram's; what they are known by.
        name: as they call themselves, anything at all.
    """

    user_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The chat it was done in.

    Args:
        address: its id.
        username: without the `@`, in small letters; empty where it has none.
        is_private: a chat with one person alone.
    """

    address: str
    username: str = ""
    is_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message to the bot.

    Args:
        update_id: grows by the update.
        sender, place: who and where.
        message_id: to reply to.
        at_s: when it was written, seconds UTC by Telegram's clock.
        text: of it; empty for pictures and the like.
        is_own: the sender's own words: neither passed on from elsewhere nor written by a machine.
    """

    update_id: int
    sender: Sender
    place: Place
    message_id: str
    at_s: int
    text: str
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonPress:
    """A press of a button.

    Args:
        update_id: grows by the update.
        query_id: to answer it by.
        sender, place: who and where; the place is None where the message is no longer told.
        message_id: under which the button is; empty where it is no longer told.
        message_s: when that message was sent, seconds UTC; nobody says when it was pressed.
        data: what it sent back; whatever the sender likes.
    """

    update_id: int
    query_id: str
    sender: Sender
    place: Place | None
    message_id: str
    message_s: int
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """An update that is of no use: another kind, or one that makes no sense."""

    update_id: int


Update = Said | ButtonPress | Unread


def read_updates(result: object) -> tuple[Update, ...]:
    """Return the updates of an answer, oldest first; what has no id is left out.

    Args:
        result: of `getUpdates`, as JSON values.
    """
    found = (_update(one) for one in result) if isinstance(result, list) else ()
    return tuple(sorted((one for one in found if one is not None), key=lambda it: it.update_id))


def _update(fields: object) -> Update | None:
    update = _mapping(fields)
    update_id = _whole(update.get("update_id"))
    if update_id is None:
        return None
    found: Update | None = None
    if "message" in update:
        found = _said(update_id, _mapping(update["message"]))
    elif "callback_query" in update:
        found = _press(update_id, _mapping(update["callback_query"]))
    return found or Unread(update_id=update_id)


def _said(update_id: int, message: Mapping[str, object]) -> Said | None:
    sender, place = _sender(message.get("from")), _place(message.get("chat"))
    message_id, at_s = _whole(message.get("message_id")), _whole(message.get("date"))
    if sender is None or place is None or message_id is None or at_s is None:
        return None
    machine = _mapping(message.get("from")).get("is_bot") is True
    passed_on = ("forward_origin", "forward_date", "sender_chat", "via_bot", "is_automatic_forward")
    return Said(
        update_id=update_id,
        sender=sender,
        place=place,
        message_id=str(message_id),
        at_s=at_s,
        text=_text(message.get("text")),
        is_own=not machine and not any(name in message for name in passed_on),
    )


def _press(update_id: int, query: Mapping[str, object]) -> ButtonPress | None:
    sender, query_id = _sender(query.get("from")), _text(query.get("id"))
    if sender is None or not query_id:
        return None
    message = _mapping(query.get("message"))
    message_id = _whole(message.get("message_id"))
    return ButtonPress(
        update_id=update_id,
        query_id=query_id,
        sender=sender,
        place=_place(message.get("chat")),
        message_id="" if message_id is None else str(message_id),
        message_s=_whole(message.get("date")) or 0,
        data=_text(query.get("data")),
    )


def _sender(fields: object) -> Sender | None:
    user = _mapping(fields)
    user_id = _whole(user.get("id"))
    if user_id is None:
        return None
    words = (_text(user.get("first_name")), _text(user.get("last_name")))
    name = " ".join(word for word in words if word) or _text(user.get("username"))
    return Sender(user_id=str(user_id), name=name[:LONGEST_NAME])


def _place(fields: object) -> Place | None:
    chat = _mapping(fields)
    chat_id = _whole(chat.get("id"))
    if chat_id is None:
        return None
    return Place(
        address=str(chat_id),
        username=_text(chat.get("username")).lower(),
        is_private=chat.get("type") == "private",
    )


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
