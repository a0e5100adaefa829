"""Who listens on which connection."""

from __future__ import annotations

from collections.abc import Iterable

from snipersight.market.streams.bars import StreamKey


def planned_lines(keys: Iterable[StreamKey], *, most: int) -> tuple[tuple[StreamKey, ...], ...]:
    """Return the keys in groups of one connection each: spot and perpetuals apart.

    Args:
        keys: what is to be heard; repeated ones count once.
        most: keys of one connection.
    """
    ordered = sorted(set(keys))
    kinds = (
        [key for key in ordered if is_contract(key)],
        [key for key in ordered if not is_contract(key)],
    )
    return tuple(
        tuple(kind[first : first + most]) for kind in kinds for first in range(0, len(kind), most)
    )


def is_contract(key: StreamKey) -> bool:
    """Return whether it is of a perpetual, which venues stream apart from spot."""
    return ":" in key.symbol
