"""What a score has meant so far, as a message says it."""

from __future__ import annotations

from typing import Final

NOTHING_KNOWN: Final = "What such a score has meant so far: nothing is known yet."


def evidence_line(told: str = "") -> str:
    """Return what a score has meant so far.

    Args:
        told: what the statistics say; empty where nobody kept count.
    """
    return told or NOTHING_KNOWN
