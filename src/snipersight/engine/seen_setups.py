"""Setups that were decided before, remembered by states that never change."""

from __future__ import annotations

from dataclasses import dataclass

from snipersight.domain.plan import SetupId
from snipersight.domain.quick import quick


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSetups:
    """A set that grows by one and leaves the old one as it was, at little cost however large.

    What it holds lies in parts, each larger than all after it together, and a new one takes in
    those that are no larger: over a history of n setups each is copied log2(n) times at most,
    where a frozen set would be copied whole for every one.

    Args:
        parts: disjoint, the largest first.
    """

    parts: tuple[frozenset[SetupId], ...] = ()

    def __contains__(self, setup_id: SetupId) -> bool:
        """Return whether a setup was seen."""
        return any(setup_id in part for part in self.parts)

    def __len__(self) -> int:
        """Return how many were seen."""
        return sum(map(len, self.parts))

    def with_one(self, setup_id: SetupId) -> SeenSetups:
        """Return this set with one more setup, which is not in it."""
        parts, part = self.parts, frozenset((setup_id,))
        while parts and len(parts[-1]) <= len(part):
            parts, part = parts[:-1], part | parts[-1]
        return SeenSetups(parts=(*parts, part))
