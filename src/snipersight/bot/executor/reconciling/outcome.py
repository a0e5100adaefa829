"""What a comparison of books and venue came to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What a comparison found and did.

    Args:
        sentences: in plain words, one a finding; empty if books and venue agree.
        foreign_orders: open orders at the venue that are not ours; untouched.
        foreign_positions: positions that are not ours; counted in the exposure.
        is_complete: the venue answered everything that was asked.
        is_settled: nothing waits for an explanation.
    """

    sentences: tuple[str, ...] = ()
    foreign_orders: int = 0
    foreign_positions: int = 0
    is_complete: bool = True
    is_settled: bool = True
