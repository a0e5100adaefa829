"""Frozen dataclasses that are made by the ten thousand: the same values, made and changed sooner.

A frozen dataclass sets each field through `object.__setattr__`, which looks the field up anew, and
`dataclasses.replace` asks for fields one by one. A backtest spent a quarter of its time on both.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeVar

__all__ = ["quick", "replace"]

T = TypeVar("T")

_NO_VALUE: Final = object()
# Of each class: the place of every field among the arguments, and what reads all of them at once.
_READERS: Final[dict[type, tuple[Mapping[str, int], Callable[[Any], tuple[Any, ...]]]]] = {}


def quick(kind: type[T]) -> type[T]:
    """Return a dataclass with slots whose constructor sets each slot directly.

    It takes the same arguments by the same names, with the same defaults, and asks
    `__post_init__` as before; what is made stays frozen. Every field is an argument. That
    arguments have names is for the type checker to see to: here they may stand in their order.

    Args:
        kind: a dataclass, `frozen=True, slots=True, kw_only=True`.
    """
    # What has no default comes first, as arguments in their order must.
    fields = sorted(dataclasses.fields(kind), key=_has_default)  # type: ignore[arg-type]  # is one
    known: dict[str, Any] = {"_NO_VALUE": _NO_VALUE}
    for one in fields:
        known[f"_set_{one.name}"] = getattr(kind, one.name).__set__
        known[f"_default_{one.name}"] = one.default
        known[f"_make_{one.name}"] = one.default_factory
    lines = [
        f"def __init__(self, {', '.join(map(_argument, fields))}):",
        *(f"    _set_{one.name}(self, {_value(one)})" for one in fields),
    ]
    if hasattr(kind, "__post_init__"):
        lines.append("    self.__post_init__()")
    # As dataclasses makes its own: from the names of fields, which are written in our source.
    exec("\n".join(lines), known)  # noqa: S102
    init = known["__init__"]
    init.__qualname__ = f"{kind.__qualname__}.__init__"
    kind.__init__ = init  # type: ignore[method-assign]  # in the place of the one of the same arguments
    if len(fields) > 1:
        names = [one.name for one in fields]
        _READERS[kind] = {name: place for place, name in enumerate(names)}, attrgetter(*names)
    return kind


def _has_default(one: dataclasses.Field[Any]) -> bool:
    return (one.default, one.default_factory) != (dataclasses.MISSING, dataclasses.MISSING)


def _argument(one: dataclasses.Field[Any]) -> str:
    if one.default_factory is not dataclasses.MISSING:
        return f"{one.name}=_NO_VALUE"
    return one.name if one.default is dataclasses.MISSING else f"{one.name}=_default_{one.name}"


def _value(one: dataclasses.Field[Any]) -> str:
    if one.default_factory is dataclasses.MISSING:
        return one.name
    return f"_make_{one.name}() if {one.name} is _NO_VALUE else {one.name}"


if TYPE_CHECKING:
    from dataclasses import replace
else:

    def replace(value: T, /, **changes: object) -> T:
        """Return `dataclasses.replace`, at once for values of a `quick` class."""
        kind = type(value)
        reader = _READERS.get(kind)
        if reader is None:
            return dataclasses.replace(value, **changes)
        places, values_of = reader
        values = list(values_of(value))
        for name, changed in changes.items():
            values[places[name]] = changed
        return kind(*values)
