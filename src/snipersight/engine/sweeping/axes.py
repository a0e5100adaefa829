"""What a sweep varies, as the user wrote it: `planner.min_rr=1.5,2,2.5` or `setup.valid_bars=6..24:6`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Final

from snipersight.domain.errors import ConfigInvalid

MOST_VALUES: Final = 1_000
_EXAMPLES: Final = (
    "write --vary planner.min_rr=1.5,2,2.5, --vary setup.valid_bars=6..24:6, or parts of a list "
    "joined by +: --vary gates.regimes=trend,trend+range"
)
_MOST_LENGTH: Final = 4_000
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*")
_NUMBER: Final = r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?"
_SPAN: Final = re.compile(rf"({_NUMBER})\.\.({_NUMBER})(?::({_NUMBER}))?")
_WORD: Final = re.compile(r"[A-Za-z0-9_.+-]{1,100}")
_IS_NUMBER: Final = re.compile(_NUMBER)

Choice = tuple[int, ...]  # place of a value on each axis


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One parameter of a profile and the values it takes.

    Args:
        name: dotted, as profiles call it: `planner.min_rr`.
        values: as they were written, in that order, at least one and each once.

    Raises:
        ConfigInvalid: there is no value, too many, or one twice.
    """

    name: str
    values: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.values) <= MOST_VALUES:
            raise _unreadable(self.name, f"{len(self.values):,} values; 1 to {MOST_VALUES:,} go")
        twice = [one for place, one in enumerate(self.values) if one in self.values[:place]]
        if twice:
            raise _unreadable(self.name, f"the value {twice[0]} stands there twice")

    @property
    def is_ordered(self) -> bool:
        """Return whether its values are numbers that only rise, so that neighbours are alike."""
        if not all(map(_IS_NUMBER.fullmatch, self.values)):
            return False
        numbers = [Decimal(one) for one in self.values]
        return numbers == sorted(numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """Every combination of some axes' values.

    Args:
        axes: at least one, each of another parameter.

    Raises:
        ConfigInvalid: there is no axis, or one parameter has two.
    """

    axes: tuple[Axis, ...]

    def __post_init__(self) -> None:
        if not self.axes:
            raise ConfigInvalid("nothing is varied", where="--vary", next_step=_EXAMPLES)
        names = [one.name for one in self.axes]
        twice = [name for place, name in enumerate(names) if name in names[:place]]
        if twice:
            raise _unreadable(twice[0], "it is varied twice; put all its values behind one --vary")

    def __len__(self) -> int:
        """Return how many combinations there are."""
        return math.prod(len(one.values) for one in self.axes)

    def choices(self) -> Iterator[Choice]:
        """Yield every combination; the last axis changes fastest."""
        return product(*(range(len(one.values)) for one in self.axes))

    def values(self, choice: Choice) -> tuple[str, ...]:
        """Return the value of each axis in a combination."""
        return tuple(one.values[at] for one, at in zip(self.axes, choice, strict=True))


def parse_axis(text: str) -> Axis:
    """Return the axis that a text names.

    Values are parted by commas. `A..B:STEP` stands for A, A + STEP … up to B (a step of 1 if none is
    named), computed in exact decimals. Whether a profile has such a parameter, and may have such
    values, is not asked here.

    Args:
        text: `NAME=VALUES`.

    Raises:
        ConfigInvalid: it cannot be read, or means more than `MOST_VALUES` values.
    """
    name, sign, listed = text.strip().partition("=")
    name = name.strip()
    if len(text) > _MOST_LENGTH or not sign or not _NAME.fullmatch(name):
        raise ConfigInvalid(
            f"{_short(text)!r} does not say what is varied over which values",
            where="--vary",
            next_step=_EXAMPLES,
        )
    values: list[str] = []
    for part in listed.split(","):
        values += _values(name, part.strip())
    return Axis(name=name, values=tuple(values))


def _values(name: str, part: str) -> list[str]:
    span = _SPAN.fullmatch(part)
    if span is not None:
        first, last, step = (Decimal(one or "1") for one in span.groups())
        return _spanned(name, part, first, last, step)
    if not _WORD.fullmatch(part) or ".." in part:
        raise _unreadable(name, f"{_short(part)!r} is no value")
    return [part]


def _spanned(name: str, part: str, first: Decimal, last: Decimal, step: Decimal) -> list[str]:
    if step <= 0 or last < first:
        raise _unreadable(name, f"{part} goes nowhere: a span rises by a step above 0")
    count = int((last - first) / step) + 1
    if count > MOST_VALUES:
        raise _unreadable(name, f"{part} means {count:,} values; {MOST_VALUES:,} go")
    return [f"{first + place * step:f}" for place in range(count)]


def _unreadable(name: str, what: str) -> ConfigInvalid:
    return ConfigInvalid(what, where=f"--vary {name}", next_step=_EXAMPLES)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
