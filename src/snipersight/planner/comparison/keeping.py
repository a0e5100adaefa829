"""Feeds that keep what others forget, so that a recording can be given to them in one piece."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from snipersight.domain.direction import Direction


@runtime_checkable
class KeepsShifts(Protocol):
    """A `PlanFeed` that knows the shifts of all bars it was given, in little memory."""

    def every_shift(self) -> Mapping[int, Direction]:
        """Return every shift of major structure since the first bar, by the close that revealed it."""
        ...
