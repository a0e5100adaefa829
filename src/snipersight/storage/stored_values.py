"""Values that have a column of JSON to themselves: written exactly, read back whole or refused."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

from snipersight.domain.errors import DataInvalid
from snipersight.risk.audit.exact_json import decode, spell
from snipersight.storage.row_codecs import Unreadable

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
_KEPT: Final = 4096


def to_body(value: DataclassInstance) -> str:
    """Return a value as canonical JSON that reads back as the same one."""
    return spell(value)


def from_body(kind: type[T], text: str) -> T:
    """Return the value that a text tells of.

    Raises:
        Unreadable: it is none that `to_body` has written, or one that cannot exist.
    """
    value: T = _read(kind, text)  # type: ignore[assignment]  # a cache forgets the type
    return value


# What is looked after is read again and again, and changes rarely.
@lru_cache(maxsize=_KEPT)
def _read(kind: type[DataclassInstance], text: str) -> DataclassInstance:
    try:
        # Built anew: a decoder that met what the constructor refuses has worked around it.
        return replace(decode(kind, json.loads(text)))
    except (DataInvalid, ValueError, TypeError, AttributeError) as error:
        raise Unreadable(f"{kind.__name__}: {error}") from error
