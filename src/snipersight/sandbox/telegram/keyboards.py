"""Inline keyboards: buttons under a message, checked as the Bot API checks them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from snipersight.sandbox.telegram.answers import bad_request
from snipersight.sandbox.telegram.links import checked_link
from snipersight.sandbox.telegram.messages import Button, Keyboard

MAX_DATA_BYTES: Final = 64
_MAX_BUTTONS: Final = 100


def keyboard_of(markup: object) -> Keyboard:
    """Read the `reply_markup` parameter; rows without buttons are left out.

    Markup other than an inline keyboard changes nothing here and gives no buttons.

    Raises:
        Refusal: no object, or buttons that Telegram would not take.
    """
    if markup is None:
        return ()
    if not isinstance(markup, Mapping):
        raise bad_request("object expected as reply markup")
    rows = markup.get("inline_keyboard", [])
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'
        )
    keyboard = tuple(tuple(_button_of(button) for button in row) for row in rows if row)
    if sum(len(row) for row in keyboard) > _MAX_BUTTONS:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    return keyboard


def _button_of(button: object) -> Button:
    if not isinstance(button, Mapping):
        raise _unreadable("InlineKeyboardButton must be an Object")
    text, url, data = (button.get(name, "") for name in ("text", "url", "callback_data"))
    if not isinstance(text, str) or not text:
        raise _unreadable('Can\'t find field "text"')
    if not isinstance(url, str) or not isinstance(data, str):
        raise _unreadable("a field must be of type String")
    if url:
        return _link_button(text, url)
    if not data:
        raise _unreadable("Text buttons are unallowed in the inline keyboard")
    if len(data.encode()) > MAX_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    return Button(text=text, data=data)


def _link_button(text: str, url: str) -> Button:
    link = checked_link(url)
    if not link:
        raise bad_request("BUTTON_URL_INVALID")
    return Button(text=text, url=link)


def _unreadable(why: str) -> Exception:
    return bad_request(f"can't parse inline keyboard button: {why}")
