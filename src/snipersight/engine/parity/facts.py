"""What is compared: facts of a backtest or of a run, each under a key that both give it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from snipersight.domain.units import Symbol

_CENTS: Final = Decimal("1e-6")


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number that two ways of counting may round otherwise.

    A backtest walks trades in floats, and a venue rounds every amount of money to eight places.

    Args:
        value: of any unit.
        near: difference that is rounding whatever the size of the number; beside it, `RELATIVE`
            of the number is.
    """

    value: Decimal
    near: Decimal = Decimal(0)

    def is_near(self, other: Number) -> bool:
        """Return whether two numbers differ by rounding alone."""
        largest = max(abs(self.value), abs(other.value))
        return abs(self.value - other.value) <= max(self.near, RELATIVE * largest)


RELATIVE: Final = Decimal("1e-9")
Value = str | Number


def money(amount: Decimal) -> Number:
    """Return an amount of money: a hundred fills may each be rounded at the eighth place."""
    return Number(value=amount, near=_CENTS)


def measured(value: Decimal) -> Number:
    """Return what the gate measured: money or a share of it, or what follows from both."""
    return Number(value=value, near=RELATIVE)


def exactly(value: Decimal) -> Number:
    """Return a price or a size: a tick or a lot is far more than rounding."""
    return Number(value=value)


class Kind(StrEnum):
    """What a fact tells of, in the order in which one leads to the next."""

    PLAN = "plans"  # what a close decided: a plan, or the refusal of a setup
    DECISION = "decisions"  # a verdict of the gate: size and every check
    ORDER = "orders"  # entries that were sent; stop and targets as they rest
    LEDGER = "ledger"  # fills, costs, results, breakers, and what the account holds at the end


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened, or was decided, at one moment.

    Args:
        kind: of what.
        key: names it within its kind, the same in backtest and run.
        at_ms: the close after which it is known, milliseconds UTC.
        symbol: of its market; empty for the account itself.
        values: what there is to say of it, by name; numbers are compared as numbers.
    """

    kind: Kind
    key: str
    at_ms: int
    symbol: Symbol
    values: Mapping[str, Value]


class Chronicle:
    """Everything that is known of a backtest, or of a run.

    Args:
        facts: in any order; of one key there is one.

    Raises:
        ValueError: two facts of one kind have the same key.
    """

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._facts: dict[tuple[Kind, str], Fact] = {}
        for fact in facts:
            if (fact.kind, fact.key) in self._facts:
                raise ValueError(f"two {fact.kind} under the key {fact.key}")
            self._facts[fact.kind, fact.key] = fact

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._facts.values())

    def find(self, kind: Kind, key: str) -> Fact | None:
        """Return a fact; None where nothing of the kind happened."""
        return self._facts.get((kind, key))

    def count(self, kind: Kind) -> int:
        """Return how many facts of a kind there are."""
        return sum(one.kind is kind for one in self)
