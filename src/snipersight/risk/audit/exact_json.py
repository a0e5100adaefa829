"""Dataclasses as JSON values and back, exactly: what a record says is what was judged.

A field of a declared exact type is plain text ("1E-8" keeps its exponent); where a value is not of
the declared type, or the declaration leaves a choice, its type stands beside it (`{"float":
"0.1"}`). So even an object that was built around its constructor can be recorded and rebuilt.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache, lru_cache
from json.encoder import encode_basestring as quoted
from operator import attrgetter
from typing import Any, Final, TypeVar

from snipersight.domain.errors import DataInvalid, SniperSightError
from snipersight.risk.audit.chain import canonical

T = TypeVar("T")
_WIDEST: Final = 2**53 - 1  # RFC 8785 spells whole numbers up to here
_LONGEST_REPR: Final = 200
_SHAPES: Final = 64  # of one class: a field or two may be None, or another type than declared


@dataclass(frozen=True, slots=True)
class _Spelling:
    """How the values of one type are spelt: `form % write(value)`, or `form % value`."""

    form: str
    write: Callable[[Any], str] | None = None

    def of(self, value: object) -> str:
        """Return the text of one."""
        return self.form % (value if self.write is None else self.write(value),)


@dataclass(frozen=True, slots=True)
class _Codec:
    """Writes and reads one annotation.

    Args:
        encode, decode: a value to JSON and back.
        spelling: from a type to how its values are spelt, which is as `encode` writes them.
    """

    encode: Callable[[Any], object]
    decode: Callable[[Any], Any]
    spelling: Callable[[type], _Spelling]


def encode(value: object) -> object:
    """Return a value as JSON: text, whole numbers, bool, None, lists and mappings of these.

    Args:
        value: an instance of a dataclass whose fields are exact numbers, floats, text, enums,
            times, tuples of one kind, or such dataclasses. A field that holds something else is
            written with its type; what JSON cannot carry at all, as a shortened `repr`.
    """
    kind: Any = type(value)
    return _codec_of(kind).encode(value)


def spell(value: object) -> str:
    """Return the canonical JSON of what `encode` returns, in one pass.

    Args:
        value: as for `encode`. Half of a surrogate pair in a text is noticed by `canonical`, when
            the whole body is put together.
    """
    kind: Any = type(value)
    return _codec_of(kind).spelling(kind).of(value)


def decode(kind: type[T], value: object) -> T:
    """Return the value that `encode` wrote, equal in every field and type.

    A dataclass whose constructor refuses its fields is rebuilt around it, because it was judged
    so; whoever needs a valid one constructs it anew.

    Raises:
        DataInvalid: the value was not written by `encode`, or held what JSON cannot carry.
    """
    annotation: Any = kind
    return typing.cast("T", _codec_of(annotation).decode(value))


@cache
def _codec_of(annotation: Hashable) -> _Codec:
    """Return the codec of an annotation; built once for each."""
    # A NewType is written as what it is made of.
    kind = getattr(annotation, "__supertype__", annotation)
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return _union(typing.get_args(kind))
    if typing.get_origin(kind) is tuple:
        return _tuple(_codec_of(typing.get_args(kind)[0]))
    if is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _scalar(kind, lambda value: value.value, kind, _Spelling("%s", cache(_spelt_value)))
    if kind in _SCALARS:
        return _SCALARS[kind]
    raise TypeError(f"{kind!r} has no exact JSON")


def _scalar(
    kind: type,
    write: Callable[[Any], object],
    read: Callable[[Any], object],
    spelling: _Spelling,
) -> _Codec:
    def encode_scalar(value: object) -> object:
        return write(value) if type(value) is kind else _tagged(value)

    def decode_scalar(value: object) -> object:
        if value is None or isinstance(value, dict):
            return _untagged(value)
        try:
            return read(value)
        except (ValueError, TypeError, InvalidOperation) as error:
            raise _unreadable(value) from error

    return _Codec(
        encode_scalar,
        decode_scalar,
        lambda found: spelling if found is kind else _spelling_with_type(found),
    )


def _whole(value: int) -> object:
    return value if -_WIDEST <= value <= _WIDEST else {"int": str(value)}


def _spelt_value(member: Enum) -> str:
    return canonical(member.value)


def _spelt_whole(value: int) -> str:
    return canonical(_whole(value)) if abs(value) > _WIDEST else str(value)


def _same(kind: type) -> Callable[[object], object]:
    def read(value: object) -> object:
        if type(value) is not kind:
            raise TypeError
        return value

    return read


def _of_text(read: Callable[[str], object]) -> Callable[[object], object]:
    def read_text(value: object) -> object:
        if not isinstance(value, str):
            raise TypeError
        return read(value)

    return read_text


_QUOTED: Final = _Spelling("%s", quoted)
_NULL: Final = _Spelling("null%.0s")  # takes the value and shows nothing of it
_BOOLS: Final = {True: "true", False: "false"}
_SCALARS: Final[dict[type, _Codec]] = {
    str: _scalar(str, lambda value: value, _same(str), _QUOTED),
    bool: _scalar(bool, lambda value: value, _same(bool), _Spelling("%s", _BOOLS.__getitem__)),
    int: _scalar(int, _whole, _same(int), _Spelling("%s", _spelt_whole)),
    float: _scalar(float, repr, _of_text(float), _Spelling('"%r"')),
    Decimal: _scalar(Decimal, str, _of_text(Decimal), _Spelling('"%s"')),
    datetime: _scalar(
        datetime,
        datetime.isoformat,
        _of_text(datetime.fromisoformat),
        _Spelling('"%s"', datetime.isoformat),
    ),
}
_TAGS: Final[dict[str, type]] = {
    "text": str,
    "bool": bool,
    "int": int,
    "float": float,
    "decimal": Decimal,
    "time": datetime,
}


def _tagged(value: object) -> object:
    """Return a value with its type beside it; None stands for itself."""
    if value is None:
        return None
    for tag, kind in _TAGS.items():
        if type(value) is kind:
            return {tag: value.isoformat() if isinstance(value, datetime) else str(value)}
    # A float of another library (numpy's) is written as the plain float it equals.
    if isinstance(value, float):
        return {"float": float.__repr__(value)}
    return {"other": repr(value)[:_LONGEST_REPR]}


def _spelling_with_type(kind: type) -> _Spelling:
    """Return how `_tagged` spells the values of a type."""
    if kind is type(None):
        return _NULL
    if kind is Decimal:
        return _TAGGED_DECIMAL
    return _TAGGED


_TAGGED_DECIMAL: Final = _Spelling('{"decimal":"%s"}')  # most numbers of the checks
_TAGGED: Final = _Spelling("%s", lambda value: canonical(_tagged(value)))


def _untagged(value: object) -> object:
    if value is None:
        return None
    tag, text = next(iter(value.items())) if isinstance(value, dict) and value else ("", "")
    if tag not in _TAGS or not isinstance(text, str):
        raise _unreadable(value)
    if tag == "bool":
        return text == "True"
    try:
        return datetime.fromisoformat(text) if tag == "time" else _TAGS[tag](text)
    except (ValueError, InvalidOperation) as error:
        raise _unreadable(value) from error


def _unreadable(value: object) -> DataInvalid:
    return DataInvalid(
        f"{repr(value)[:_LONGEST_REPR]} is no value of an audit record",
        next_step="it was written by another version, or changed: see `snipersight audit verify`",
    )


def _union(kinds: tuple[Any, ...]) -> _Codec:
    """Return the codec of `X | None`, or of a choice of scalars, told apart by their tags."""
    held = [kind for kind in kinds if kind is not type(None)]
    if len(held) == 1:
        inner = _codec_of(held[0])
        return _Codec(
            lambda value: None if value is None else inner.encode(value),
            lambda value: None if value is None else inner.decode(value),
            lambda found: _NULL if found is type(None) else inner.spelling(found),
        )
    return _Codec(
        lambda value: value if type(value) is str else _tagged(value),
        lambda value: value if type(value) is str else _untagged(value),
        lambda found: _QUOTED if found is str else _spelling_with_type(found),
    )


def _tuple(item: _Codec) -> _Codec:
    def encode_tuple(value: object) -> object:
        if not isinstance(value, tuple):
            return _tagged(value)
        return [item.encode(one) for one in value]

    def decode_tuple(value: object) -> object:
        if isinstance(value, list):
            return tuple(item.decode(one) for one in value)
        return _untagged(value)

    def spell_tuple(value: tuple[object, ...]) -> str:
        return f"[{','.join([item.spelling(type(one)).of(one) for one in value])}]"

    spelling = _Spelling("%s", spell_tuple)
    return _Codec(
        encode_tuple,
        decode_tuple,
        lambda found: spelling if issubclass(found, tuple) else _spelling_with_type(found),
    )


def _dataclass(kind: type) -> _Codec:
    names = tuple(item.name for item in fields(kind))
    hints = typing.get_type_hints(kind)
    codecs = {name: _codec_of(hints[name]) for name in names}
    read, encoders = _reader(names), tuple((name, codecs[name].encode) for name in names)

    def encode_fields(value: object) -> object:
        if type(value) is not kind:
            return _tagged(value)
        try:
            values = read(value)
        except AttributeError:  # built without all of its fields
            return {name: codecs[name].encode(getattr(value, name)) for name in _set(value, names)}
        return {name: put(one) for (name, put), one in zip(encoders, values, strict=True)}

    def decode_fields(value: object) -> object:
        if not isinstance(value, dict) or not codecs.keys() >= value.keys():
            return _untagged(value)
        return _built(kind, {name: codecs[name].decode(one) for name, one in value.items()})

    spelling = _Spelling("%s", _speller(codecs, encode_fields))
    return _Codec(
        encode_fields,
        decode_fields,
        lambda found: spelling if found is kind else _spelling_with_type(found),
    )


def _speller(
    codecs: Mapping[str, _Codec], encode_fields: Callable[[object], object]
) -> Callable[[object], str]:
    """Return what writes the fields of a dataclass, in the order of their names."""
    names = tuple(sorted(codecs))
    read = _reader(names)

    # Nearly all objects of a class hold the same types: one form then fills in all of their fields.
    @lru_cache(maxsize=_SHAPES)
    def shape(kinds: tuple[type, ...]) -> tuple[str, tuple[Callable[[Any], str] | None, ...]]:
        those = [codecs[name].spelling(kind) for name, kind in zip(names, kinds, strict=True)]
        parts = [f"{quoted(name)}:{one.form}" for name, one in zip(names, those, strict=True)]
        return "{" + ",".join(parts) + "}", tuple(one.write for one in those)

    def spell_fields(value: object) -> str:
        try:
            values = read(value)
        except AttributeError:  # built without all of its fields
            return canonical(encode_fields(value))
        form, writers = shape(tuple(map(type, values)))
        pairs = zip(writers, values, strict=True)
        return form % tuple([one if write is None else write(one) for write, one in pairs])

    return spell_fields


def _reader(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) == 1:
        return lambda value: (getattr(value, names[0]),)
    return attrgetter(*names)


def _set(value: object, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if hasattr(value, name)]


def _built(kind: type, values: dict[str, Any]) -> object:
    try:
        return kind(**values)
    except (SniperSightError, ValueError, TypeError, ArithmeticError, AttributeError):
        built: object = object.__new__(kind)
        for name, one in values.items():
            object.__setattr__(built, name, one)
        return built
