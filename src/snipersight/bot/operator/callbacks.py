"""What a button sends back: an action and its subject, signed, so that only our own count.

Whoever talks to the bot can send any data as if a button had been pressed. The signature tells
ours from theirs without storing anything: every sender and every poller of one bot derive the same
secret from its token. Who may do it is asked at the press, not here.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Final

APPROVE: Final = "a"
REJECT: Final = "r"
TOOK: Final = "t"
WHY: Final = "w"
CONFIRM: Final = "ky"
DISMISS: Final = "kn"

MAX_BYTES: Final = 64  # of callback data, by the Bot API
_ACTIONS: Final = frozenset({APPROVE, REJECT, TOOK, WHY, CONFIRM, DISMISS})
_SIGNATURE: Final = 8  # characters of six bits: 2^48 guesses, at the rate a person is allowed
_SHAPE: Final = re.compile(r"([a-z]{1,2}):([A-Za-z0-9_.-]+):([A-Za-z0-9_-]{8})")
_PURPOSE: Final = b"snipersight buttons 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A button of ours that was pressed.

    Args:
        action: one of the actions of this module.
        subject: plan id, or what a confirmation is about.
    """

    action: str
    subject: str


def button_secret(bot_token: str) -> str:
    """Return the secret that the buttons of a bot are signed with; it gives no token away."""
    return hmac.new(bot_token.encode(), _PURPOSE, hashlib.sha256).hexdigest()


def callback_data(action: str, subject: str, *, secret: str) -> str:
    """Return what a button sends back, `a:9f86d081884c7d65-1a2b3c4d:Zm9vYmFy`.

    Args:
        action: one of the actions of this module.
        subject: plan id, or what a confirmation is about: letters, digits and `_.-`.
        secret: `button_secret` of the bot.

    Returns:
        At most 64 bytes of ASCII.

    Raises:
        ValueError: no such action, or a subject that does not fit.
    """
    data = f"{action}:{subject}:{_signature(action, subject, secret)}"
    if action not in _ACTIONS or len(data) > MAX_BYTES or not _SHAPE.fullmatch(data):
        raise ValueError(f"no button can send {action!r} of {subject!r}")
    return data


def parse_callback(data: str, *, secret: str) -> Pressed | None:
    """Return what was pressed; None: it is not ours, or forged.

    Args:
        data: as it came back; anything at all.
        secret: `button_secret` of the bot.
    """
    shape = _SHAPE.fullmatch(data) if len(data) <= MAX_BYTES else None
    if shape is None:
        return None
    action, subject, signature = shape.groups()
    is_ours = hmac.compare_digest(signature, _signature(action, subject, secret))
    return Pressed(action=action, subject=subject) if is_ours and action in _ACTIONS else None


def _signature(action: str, subject: str, secret: str) -> str:
    digest = hmac.new(secret.encode(), f"{action}:{subject}".encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(digest)[:_SIGNATURE].decode()
