"""Secrets never reach a log: they are recognised by type, by value, by name and by shape.

Each way alone has holes. A type is lost once a value stands in a message, a known value is unknown
before the settings are read, a name is missing in plain text, and not every secret has a shape.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from snipersight.bot.telemetry.secret_shapes import MASK, SECRET_NAME, SHAPES

__all__ = ["MASK", "mask", "mask_fields", "register_secrets"]

_SHORTEST_SECRET: Final = 6  # masking shorter values would eat ordinary words
_KNOWN_NAMES: Final = 1024  # of fields: a program has some dozen

_SHORT: Final = 64  # characters; short values come again and again: symbols, stages, tiers
_REMEMBERED: Final = 2048

_known: Final[list[str]] = []  # the longest first


def register_secrets(values: Iterable[str]) -> None:
    """Mask these exact values from now on, wherever they stand.

    Values shorter than 6 characters are left out: they would hide ordinary words.
    """
    wanted = {*_known, *(value for value in values if len(value) >= _SHORTEST_SECRET)}
    # A secret that contains another one must not leave its rest behind.
    _known[:] = sorted(wanted, key=len, reverse=True)


def mask(text: str) -> str:
    """Return the text with every recognised secret replaced by `***`."""
    for value in _known:
        if value in text:
            text = text.replace(value, MASK)
    return _remembered(text) if len(text) <= _SHORT else _without_shapes(text)


def _without_shapes(text: str) -> str:
    length = len(text)
    # Some letters have a twin outside ASCII that a pattern takes for them, and a hint does not.
    told = text.lower() if text.isascii() else None
    for shape in SHAPES:
        if length >= shape.least and (told is None or _has_hint(told, shape.hints)):
            text = shape.hide(text)
    return text


_remembered: Final = lru_cache(maxsize=_REMEMBERED)(_without_shapes)


def _has_hint(text: str, hints: tuple[str, ...]) -> bool:
    for hint in hints:  # noqa: SIM110 - a generator would cost more than the search
        if hint in text:
            return True
    return False


def mask_fields(fields: Mapping[str, object]) -> dict[str, object]:
    """Return a copy with secrets masked at every depth, by the field's name and by its value.

    What comes back fits into JSON: numbers, text, lists and objects; anything else as text.
    """
    return {name: _masked(name, value) for name, value in fields.items()}


def _masked(name: str, value: object) -> object:
    if value is None:
        return None
    if _is_secret_name(name) or hasattr(value, "get_secret_value"):
        return MASK
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return mask_fields({str(key): item for key, item in value.items()})
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_masked("", item) for item in value]
    is_number = isinstance(value, (bool, int, float)) and math.isfinite(value)  # JSON has no NaN
    return value if is_number else mask(str(value))


@lru_cache(maxsize=_KNOWN_NAMES)
def _is_secret_name(name: str) -> bool:
    return SECRET_NAME.search(name) is not None
