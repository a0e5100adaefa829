"""A backtest held against a run: what agrees is counted, what does not is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from snipersight.domain.units import Symbol, plain
from snipersight.engine.parity.facts import Chronicle, Fact, Kind, Number, Value

_ABSENT: Final = "nothing"
_PRESENT: Final = "this"
_ORDER: Final = {kind: place for place, kind in enumerate(Kind)}


class Finding(StrEnum):
    """What a comparison comes to."""

    PARITY = "parity"
    DIFFERENT = "different"
    UNPROVEN = "unproven"  # nothing differs, and not everything that could differ occurred


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One value that differs, or a fact that only one of the two has.

    Args:
        kind, key, at_ms, symbol: of the fact.
        name: of the value; empty where the whole fact is missing on one side.
        backtest, run: as each has it.
    """

    kind: Kind
    key: str
    at_ms: int
    symbol: Symbol
    name: str
    backtest: str
    run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was compared, and what differs.

    Args:
        compared: how many facts of each kind both have.
        differences: in the order of time, and within a moment causes first.
    """

    compared: Mapping[Kind, int]
    differences: tuple[Difference, ...]

    @property
    def finding(self) -> Finding:
        """Return whether the two agree; of a kind of which nothing occurred, nothing is shown."""
        if self.differences:
            return Finding.DIFFERENT
        return Finding.PARITY if all(self.compared.values()) else Finding.UNPROVEN


def compare(backtest: Chronicle, run: Chronicle) -> Comparison:
    """Return how a backtest compares with a run of the same period.

    Args:
        backtest, run: everything known of each.
    """
    found = [*_of_backtest(backtest, run), *_missing(run, backtest)]
    found.sort(key=lambda one: (one.at_ms, _ORDER[one.kind], one.symbol, one.key))
    compared = dict.fromkeys(Kind, 0)
    for fact in backtest:
        compared[fact.kind] += run.find(fact.kind, fact.key) is not None
    return Comparison(compared=compared, differences=tuple(found))


def are_equal(one: Value | None, other: Value | None) -> bool:
    """Return whether two values are the same, numbers but for rounding."""
    if isinstance(one, Number) and isinstance(other, Number):
        return one.is_near(other)
    return one == other


def _of_backtest(backtest: Chronicle, run: Chronicle) -> Iterator[Difference]:
    for fact in backtest:
        other = run.find(fact.kind, fact.key)
        if other is None:
            yield _difference(fact, backtest=_PRESENT, run=_ABSENT)
        else:
            yield from _between(fact, other)


def _missing(run: Chronicle, backtest: Chronicle) -> Iterator[Difference]:
    for fact in run:
        if backtest.find(fact.kind, fact.key) is None:
            yield _difference(fact, backtest=_ABSENT, run=_PRESENT)


def _between(fact: Fact, other: Fact) -> Iterator[Difference]:
    for name in dict.fromkeys((*fact.values, *other.values)):
        mine, its = fact.values.get(name), other.values.get(name)
        if not are_equal(mine, its):
            yield _difference(fact, name=name, backtest=_text(mine), run=_text(its))


def _difference(fact: Fact, *, name: str = "", backtest: str, run: str) -> Difference:
    return Difference(
        kind=fact.kind,
        key=fact.key,
        at_ms=fact.at_ms,
        symbol=fact.symbol,
        name=name,
        backtest=backtest,
        run=run,
    )


def _text(value: Value | None) -> str:
    if value is None:
        return _ABSENT
    return plain(value.value) if isinstance(value, Number) else value
