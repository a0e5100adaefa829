"""Whether what a plug-in says became of a message can be recorded: its types promise nothing."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Final, TypeGuard

from snipersight.domain.channels import (
    Delivered,
    Moved,
    SendOutcome,
    Stopped,
    TryAgain,
    Unsendable,
)

_OUTCOMES: Final = (Delivered, Moved, Stopped, TryAgain, Unsendable)


def is_outcome(value: object) -> TypeGuard[SendOutcome]:
    """Return whether a value is an outcome whose every field is what it should be."""
    if not isinstance(value, _OUTCOMES):
        return False
    return all(_is_sound(field.name, getattr(value, field.name)) for field in fields(value))


def _is_sound(name: str, value: object) -> bool:
    if name.startswith("is_"):
        return isinstance(value, bool)
    if name == "after_s":
        return value is None or _is_wait(value)
    return isinstance(value, str) and _is_storable(value)


def _is_wait(value: object) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and value >= 0  # type: ignore[operator, arg-type]


def _is_storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return False
    return "\0" not in text
