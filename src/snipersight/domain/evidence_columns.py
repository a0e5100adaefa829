"""Signals and their outcomes as columns, for statistics over many of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import overload

import numpy as np
from numpy.typing import NDArray

Texts = NDArray[np.object_]
Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """A column of names of which there are few different ones, as numbers.

    Args:
        known: the different names, each once, in any order; not all of them need occur.
        codes: place in `known` of each row.
    """

    known: tuple[str, ...]
    codes: Integers

    @classmethod
    def of(cls, names: Iterable[str]) -> Names:
        """Return the column of these names."""
        book = NameBook()
        codes = book.codes(names)
        return book.column(codes)

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.codes)

    def __iter__(self) -> Iterator[str]:
        """Yield the name of each row."""
        return map(self.known.__getitem__, self.codes.tolist())

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: Mask | Integers | slice) -> Names: ...
    def __getitem__(self, row: int | Mask | Integers | slice) -> str | Names:
        """Return the name of a row, or the column of some rows."""
        if isinstance(row, slice | np.ndarray):
            return Names(self.known, self.codes[row])
        return self.known[int(self.codes[row])]

    def __eq__(self, other: object) -> bool:
        """Refuse: a column is neither equal to a name nor compared with one this way.

        Raises:
            TypeError: always.
        """
        raise TypeError("a column of names is compared with `equal`")

    __hash__ = None  # type: ignore[assignment]  # follows from the above

    def tolist(self) -> list[str]:
        """Return the name of each row."""
        return list(self)

    def equal(self, name: str) -> Mask:
        """Return which rows have a name."""
        if name not in self.known:
            return np.zeros(len(self.codes), dtype=np.bool_)
        return np.asarray(self.codes == self.known.index(name), dtype=np.bool_)

    def counts(self) -> dict[str, int]:
        """Return how often each name occurs, of those that do."""
        counts = np.bincount(self.codes, minlength=len(self.known)).tolist()
        return {name: count for name, count in zip(self.known, counts, strict=True) if count}


class NameBook(dict[str, int]):
    """Numbers names as they come, part by part of a column."""

    def __missing__(self, name: str) -> int:
        """Return the next number for a name that was not met before."""
        self[name] = number = len(self)
        return number

    def codes(self, names: Iterable[str]) -> Integers:
        """Return the number of each name."""
        return np.fromiter(map(self.__getitem__, names), dtype=np.int64)

    def column(self, codes: Integers) -> Names:
        """Return the column of names that were numbered here."""
        return Names(tuple(self), codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceTable:
    """Signals with their outcomes as columns of one length, oldest decision first.

    A signal nobody has followed yet is `waiting`. One setup is as many signals as there are
    accounts, profiles and versions of a profile that it became a plan for.
    """

    key: Texts
    setup_id: Texts
    account_id: Names
    origin: Names
    profile: Names
    venue: Names
    symbol: Names
    timeframe: Names
    direction: Names
    verdict: Names
    reason: Names
    tier: Names
    regime: Names
    leader: Names
    session: Names
    status: Names
    ending: Names
    decided_ms: Integers
    entered_ms: Integers
    ended_ms: Integers
    targets_hit: Integers
    score: Numbers
    risk_reward: Numbers
    filled_fraction: Numbers
    gross_r: Numbers
    fees_r: Numbers
    slippage_r: Numbers
    funding_r: Numbers
    net_r: Numbers
    mae_r: Numbers
    mfe_r: Numbers
    is_ambiguous: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return how many signals there are."""
        return len(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorColumns:
    """Contributions of every factor to the scores of a table's signals.

    Args:
        names: of the factors, sorted.
        points: one row a signal in the table's order, one column a factor; NaN: not judged.
    """

    names: tuple[str, ...] = ()
    points: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
