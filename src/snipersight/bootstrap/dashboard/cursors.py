"""Where a page of a list ended, as text that a caller hands back unread."""

from __future__ import annotations

import base64
import json
from typing import Final

from snipersight.domain.errors import ConfigInvalid

_LONGEST: Final = 512
_LARGEST: Final = 2**62


def cursor_of(order: str, value: float, key: str) -> str:
    """Return the cursor behind a row.

    Args:
        order: of the list; a cursor of another order is refused.
        value: of the row, by which the list is sorted.
        key: of the row, by which equal values are.
    """
    text = json.dumps([order, value, key], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of(cursor: str, *, order: str) -> tuple[float, str]:
    """Return value and key of the row that a cursor stands behind.

    Raises:
        ConfigInvalid: the cursor is not of such a list.
    """
    match _decoded(cursor):
        case [named, int() | float() as value, str(key)] if named == order:
            if abs(value) < _LARGEST and key.isprintable():  # nothing is below NaN
                return float(value), key
    raise ConfigInvalid(
        "the cursor is none that this list gave",
        where="cursor",
        next_step="begin the list anew, without a cursor",
    )


def _decoded(cursor: str) -> object:
    """Return what a cursor holds; None where it holds nothing of ours."""
    padded = cursor[:_LONGEST] + "=" * (-len(cursor) % 4)
    try:
        return json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        return None
