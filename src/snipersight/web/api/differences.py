"""What makes one list of rows another: few rows change, so few are sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Placed(NamedTuple):
    """A row that comes in, as JSON, and its place in the list that comes out."""

    place: int
    row: str


class Difference(NamedTuple):
    """What turns a list into the next one: rows go, then others are put where they belong.

    Args:
        gone: places in the list before, ascending, of rows that do not stay.
        changes: rows that come in, by ascending place.
    """

    gone: tuple[int, ...]
    changes: tuple[Placed, ...]


def difference(before: Sequence[str], after: Sequence[str]) -> Difference:
    """Return what makes `after` of `before`; rows that stay keep their order.

    It is short where rows come, go or change. A row that only moves may take others with it, which
    are then told as gone and come in again.
    """
    places = {row: place for place, row in reversed([*enumerate(before)])}
    stays: set[int] = set()
    changes, last = [], -1
    for place, row in enumerate(after):
        was = places.get(row, -1)
        if was > last:
            stays.add(was)
            last = was
        else:
            changes.append(Placed(place, row))
    gone = tuple(place for place in range(len(before)) if place not in stays)
    return Difference(gone, tuple(changes))
