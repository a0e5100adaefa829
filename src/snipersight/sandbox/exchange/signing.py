"""Signatures and times of requests, checked as Binance and Bybit both check them."""

from __future__ import annotations

import hashlib
import hmac
from enum import Enum, auto
from typing import Final

_AHEAD_MS: Final = 1_000
MAX_WINDOW_MS: Final = 60_000


class BadTime(Enum):
    """Why the time of a request is refused."""

    AHEAD = auto()  # a second or more ahead of the venue
    LATE = auto()  # older than its window


def signature_of(secret: str, text: str) -> str:
    """Return the HMAC-SHA256 of a text in hexadecimal."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def is_signed(secret: str, text: str, signature: str) -> bool:
    """Return whether a signature is the one of a text, either in small or large letters."""
    return hmac.compare_digest(signature_of(secret, text).encode(), signature.lower().encode())


def time_fault(timestamp_ms: int, *, window_ms: int, now_ms: int) -> BadTime | None:
    """Return why the time of a request is refused, None if it is not.

    Args:
        timestamp_ms: that the client wrote.
        window_ms: how old a request may be.
        now_ms: of the venue's clock.
    """
    if timestamp_ms >= now_ms + _AHEAD_MS:
        return BadTime.AHEAD
    return BadTime.LATE if now_ms - timestamp_ms > window_ms else None
