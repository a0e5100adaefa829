"""Values that are made when somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, overload

T = TypeVar("T")


class Later(Sequence[T]):
    """A tuple that is made when it is looked at first.

    Most setups end at a gate that asks for no zone and no pool, so most of them need not be made.

    Args:
        make: returns the values; always the same, whenever it is called.
    """

    __slots__ = ("_made",)

    def __init__(self, make: Callable[[], tuple[T, ...]]) -> None:
        self._made: tuple[T, ...] | Callable[[], tuple[T, ...]] = make

    @property
    def all(self) -> tuple[T, ...]:
        """Return the values."""
        if not isinstance(self._made, tuple):
            self._made = self._made()
        return self._made

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[T, ...]: ...
    def __getitem__(self, place: int | slice) -> T | tuple[T, ...]:
        """Return one value, or some."""
        return self.all[place]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.all)

    def __iter__(self) -> Iterator[T]:
        """Yield every value."""
        return iter(self.all)

    def __eq__(self, other: object) -> bool:
        """Return whether the other one, or a tuple, holds the same values."""
        return self.all == (other.all if isinstance(other, Later) else other)

    def __hash__(self) -> int:
        """Return the hash of the tuple."""
        return hash(self.all)

    def __repr__(self) -> str:
        """Return what the tuple is shown as."""
        return repr(self.all)

    def __reduce__(self) -> tuple[type[tuple[T, ...]], tuple[tuple[T, ...]]]:
        """Return how a copy or another process gets it: as a plain tuple."""
        return tuple, (self.all,)
