"""Frozen dataclasses as JSON values and back: decimals as text, enums by value."""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, NewType, TypeAlias, Union, get_args, get_origin, get_type_hints

Json: TypeAlias = Any  # what JSON holds, and the types it is read back as: known at run time only


def to_json(value: object) -> Json:
    """Return a value that JSON can hold."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [to_json(part) for part in value]
    kind: Json = type(value)
    names = _names(kind)
    return value if names is None else {name: to_json(getattr(value, name)) for name in names}


def from_json(kind: Json, value: Json) -> Json:
    """Return the value of a type that `to_json` made this of.

    Raises:
        KeyError, TypeError, ValueError, ArithmeticError: it was not made of such a value.
    """
    if isinstance(kind, NewType):
        kind = kind.__supertype__
    origin: Json = get_origin(kind)
    if origin in (Union, types.UnionType):
        inner = next(part for part in get_args(kind) if part is not types.NoneType)
        return None if value is None else from_json(inner, value)
    if origin is tuple:
        return tuple(from_json(get_args(kind)[0], part) for part in value)
    if is_dataclass(kind):
        return _dataclass_of(kind, value)
    if kind is Decimal or (isinstance(kind, type) and issubclass(kind, Enum)):
        return kind(value)
    return value


def _dataclass_of(kind: Json, value: Json) -> Json:
    hints = _hints(kind)
    return kind(**{name: from_json(hints[name], part) for name, part in value.items()})


@cache
def _names(kind: type) -> tuple[str, ...] | None:
    """Return the fields of a dataclass; None: it is none."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else None


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
