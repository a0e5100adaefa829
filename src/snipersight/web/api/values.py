"""How values stand in JSON: exact numbers as text, times as ISO 8601 in UTC, never NaN."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from operator import attrgetter
from typing import Annotated, Any, ClassVar, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from snipersight.domain.units import plain
from snipersight.domain.wording import iso, iso_of


def _exact(value: object) -> object:
    return plain(value) if isinstance(value, Decimal) else value


def _iso(value: object) -> object:
    return iso_of(value) if isinstance(value, int) else value


def _iso_us(value: object) -> object:
    return iso_of(value // 1000) if isinstance(value, int) else value


def _iso_or_never(value: object) -> object:
    return None if value == 0 else _iso(value)


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


Exact = Annotated[str, BeforeValidator(_exact)]
Iso = Annotated[str, BeforeValidator(_iso)]  # of milliseconds
IsoUs = Annotated[str, BeforeValidator(_iso_us)]  # of microseconds
IsoOrNever = Annotated[str | None, BeforeValidator(_iso_or_never)]  # 0: it has not happened
Number = Annotated[float | None, BeforeValidator(_finite)]

_TIMES: Final = {"_ms": 1, "_us": 1000}


class Model(BaseModel):
    """An answer; it is read from the attributes of what the read model returns."""

    model_config = ConfigDict(from_attributes=True, frozen=True, extra="forbid")


class Flat(Model):
    """An answer that draws values together from within what the read model returns.

    `inside` says where: `{"trade_id": "trade.trade_id"}`; other fields have the name they have here.
    """

    inside: ClassVar[Mapping[str, str]] = {}

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, value: object) -> object:
        if isinstance(value, Mapping):
            return value
        return {
            name: attrgetter(cls.inside.get(name, name))(value) for name in cls.__pydantic_fields__
        }


def values_of(value: object) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """Return dataclasses, and what they hold, as JSON values; `…_ms` and `…_us` become `…_at`."""
    if is_dataclass(value):
        return dict(_field(one.name, getattr(value, one.name)) for one in fields(value))
    return next((convert(value) for kind, convert in _PLAIN if isinstance(value, kind)), value)


def _list(values: Iterable[object]) -> list[Any]:
    return [values_of(one) for one in values]


def _object(values: Mapping[object, object]) -> dict[str, Any]:
    return {str(name): values_of(one) for name, one in values.items()}


_PLAIN: Final[tuple[tuple[Any, Callable[[Any], Any]], ...]] = (
    (Enum, lambda value: value.value),
    (Decimal, plain),
    (datetime, iso),
    (float, _finite),
    (Mapping, _object),
    ((tuple, list, frozenset), _list),
)


def _field(name: str, value: object) -> tuple[str, Any]:
    divisor = _TIMES.get(name[-3:])
    if divisor is None or not isinstance(value, int):
        return name, values_of(value)
    return f"{name[:-3]}_at", iso_of(value // divisor)
