"""Price tags that never cover one another."""

from __future__ import annotations

from collections.abc import Sequence


def spread(wanted: Sequence[float], *, height: float, low: float, high: float) -> list[float]:
    """Return heights at least `height` apart, as near to the wanted ones as squares can tell.

    Tags that collide move together as one block around the mean of their wishes.

    Args:
        wanted: middles of the tags in ascending order; equal ones keep their order.
        height: of one tag, above 0.
        low, high: no tag reaches beyond them, if there is room for all.
    """
    blocks: list[tuple[float, int]] = []  # mean of (wish - rank × height), number of tags
    for rank, wish in enumerate(wanted):
        mean, size = wish - rank * height, 1
        while blocks and blocks[-1][0] > mean:
            other, count = blocks.pop()
            mean = (mean * size + other * count) / (size + count)
            size += count
        blocks.append((mean, size))
    floor = low + height / 2
    ceiling = max(floor, high + height / 2 - len(wanted) * height)
    bases = [min(max(mean, floor), ceiling) for mean, size in blocks for _ in range(size)]
    return [base + rank * height for rank, base in enumerate(bases)]
