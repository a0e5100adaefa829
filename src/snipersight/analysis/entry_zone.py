"""Where a setup is entered: the overlap of its block and gap, or one of them.

Gates and factors measure from the same zone that the planner prices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from snipersight.analysis.facts import PriceZone, Reading, Setup
from snipersight.domain.direction import Direction
from snipersight.domain.quick import quick

ZoneSource = Literal["order_block", "gap"]


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class EntryZone:
    """The area a setup waits for price to return to, on the candles' prices.

    Args:
        direction: side of the setup.
        near, far: proximal and distal edge; a long's near edge is the higher one.
        kind: what the zone is, in plain words.
        anchors_ms: open times of the block's and the gap's bars, None where not used.
    """

    direction: Direction
    near: float
    far: float
    kind: str
    anchors_ms: tuple[int | None, int | None]


def entry_zone(setup: Setup, sources: Sequence[ZoneSource]) -> EntryZone | None:
    """Return the zone of a setup.

    Args:
        setup: a complete setup.
        sources: what may serve, the preferred one first; where both exist and overlap, the
            overlap serves.

    Returns:
        None where the setup has nothing of what may serve.
    """
    found = {"order_block": setup.block, "gap": setup.gap}
    allowed = [(name, zone) for name in sources if (zone := found[name]) is not None]
    if not allowed:
        return None
    shared = setup.block.overlap(setup.gap) if setup.block and setup.gap else None
    if len(allowed) == 2 and shared is not None:
        return _zone(setup, *shared, kind="overlap of order block and gap", used=found)
    name, zone = allowed[0]
    return _zone(setup, zone.low, zone.high, kind=_KINDS[name], used={name: zone})


_KINDS = {"order_block": "order block", "gap": "fair value gap"}


def _zone(
    setup: Setup, low: float, high: float, *, kind: str, used: dict[str, PriceZone | None]
) -> EntryZone:
    block, gap = used.get("order_block"), used.get("gap")
    is_long = setup.direction is Direction.LONG
    return EntryZone(
        direction=setup.direction,
        near=high if is_long else low,
        far=low if is_long else high,
        kind=kind,
        anchors_ms=(block.at_ms if block else None, gap.at_ms if gap else None),
    )


def depth_in_range(reading: Reading, price: float, direction: Direction) -> float | None:
    """Return where a price lies in the dealing range as its trader sees it.

    0 is the extreme in the trade's favour (the low for a long, the high for a short), 1 the
    other one; below 0 and above 1 outside of the range.

    Missing data: None without a dealing range, or with an empty one.
    """
    low, high = reading.swing_low, reading.swing_high
    if low is None or high is None or high <= low:
        return None
    favourable = low if direction is Direction.LONG else high
    return direction.sign * (price - favourable) / (high - low)
