"""Secrets never reach a log: they are recognised by type, by value, by name and by shape.

Each way alone has holes. A type is lost once a value stands in a message, a known value is unknown
before the settings are read, a name is missing in plain text, and not every secret has a shape.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Final

MASK: Final = "***"
_SHORTEST_SECRET: Final = 6  # masking shorter values would eat ordinary words

_NAMES: Final = (
    r"api[-_]?key|api[-_]?secret|secret|signature|token|password|passphrase|listen[-_]?key"
    r"|authorization|x-mbx-apikey|x-bapi-(?:api-key|sign)"
)
_SECRET_NAME: Final = re.compile(rf"(?:^|[_-])(?:{_NAMES})$|^(?:{_NAMES})$", re.IGNORECASE)
_SHAPES: Final = (
    # key=value and "key": "value", in addresses, headers and JSON
    (
        re.compile(
            rf"""(?P<keep>\b(?:\w+[-_])?(?:{_NAMES})["']?\s*[=:]\s*["']?(?:(?:bearer|basic)\s+)?)[^\s"'&,;)}}\]]+""",
            re.IGNORECASE,
        ),
        rf"\g<keep>{MASK}",
    ),
    # a Telegram bot token, also inside https://api.telegram.org/bot<token>/sendMessage
    (re.compile(r"(?<!\d)\d{6,12}:[A-Za-z0-9_-]{30,}"), MASK),
    # the password before the host of an address
    (re.compile(r"(?P<keep>://[^/\s:@]*:)[^/\s@]+(?=@)"), rf"\g<keep>{MASK}"),
    # an exchange's key: 64 characters with upper case, lower case and digits (a hash has no case mix)
    (
        re.compile(
            r"\b(?=[A-Za-z0-9]{0,63}[A-Z])(?=[A-Za-z0-9]{0,63}[a-z])(?=[A-Za-z0-9]{0,63}\d)"
            r"[A-Za-z0-9]{64}\b"
        ),
        MASK,
    ),
)

_known: set[str] = set()


def register_secrets(values: Iterable[str]) -> None:
    """Mask these exact values from now on, wherever they stand.

    Values shorter than 6 characters are left out: they would hide ordinary words.
    """
    _known.update(value for value in values if len(value) >= _SHORTEST_SECRET)


def mask(text: str) -> str:
    """Return the text with every recognised secret replaced by `***`."""
    # The longest first: a secret that contains another one must not leave its rest behind.
    for value in sorted(_known, key=len, reverse=True):
        text = text.replace(value, MASK)
    for shape, replacement in _SHAPES:
        text = shape.sub(replacement, text)
    return text


def mask_fields(fields: Mapping[str, object]) -> dict[str, object]:
    """Return a copy with secrets masked at every depth, by the field's name and by its value.

    What comes back fits into JSON: numbers, text, lists and objects; anything else as text.
    """
    return {name: _masked(name, value) for name, value in fields.items()}


def _masked(name: str, value: object) -> object:
    if value is not None and (_SECRET_NAME.search(name) or hasattr(value, "get_secret_value")):
        return MASK
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return mask_fields({str(key): item for key, item in value.items()})
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_masked("", item) for item in value]
    is_number = isinstance(value, (bool, int, float)) and math.isfinite(value)  # JSON has no NaN
    return value if value is None or is_number else mask(str(value))
