"""What a score has meant so far, in one sentence, with how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from snipersight.domain.wording import counted, percent

NOTHING_KNOWN: Final = "What such a score has meant so far: nothing is known yet."
_Z_95: Final = 1.959964  # of a normal distribution, two-sided


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRecord:
    """How signals with scores of one range ended.

    Args:
        low, high: the range of scores, low included.
        closed: signals that were entered and are closed.
        hits: of these, with a net R above zero; at most `closed`.

    Raises:
        ValueError: the counts contradict each other.
    """

    low: float
    high: float
    closed: int
    hits: int

    def __post_init__(self) -> None:
        """Refuse counts that cannot be."""
        if not 0 <= self.hits <= self.closed:
            raise ValueError(f"{self.hits} hits of {self.closed} closed signals")


def evidence_line(record: ScoreRecord | None = None) -> str:
    """Return what a score has meant so far.

    Args:
        record: how such signals ended; None where nobody kept count.

    Returns:
        The number of signals, the rate of hits and the interval it lies in with 95 % confidence;
        a sentence that nothing is known without a closed signal.
    """
    if record is None or record.closed == 0:
        return NOTHING_KNOWN
    low, high = wilson_interval(record.hits, record.closed)
    return (
        f"Of {counted(record.closed, 'closed signal')} with a score of {record.low:g} to "
        f"{record.high:g}, {record.hits:,} made money: {percent(record.hits / record.closed, 0)}, "
        f"with 95 % confidence between {percent(low, 0)} and {percent(high, 0)}."
    )


def wilson_interval(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a rate after Wilson (1927), which holds for few observations too.

    Args:
        hits: how often it happened, 0 to `count`.
        count: of how many, above 0.
    """
    rate, squared = hits / count, _Z_95 * _Z_95
    centre = rate + squared / (2 * count)
    spread = _Z_95 * math.sqrt(rate * (1 - rate) / count + squared / (4 * count * count))
    scale = 1 + squared / count
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
