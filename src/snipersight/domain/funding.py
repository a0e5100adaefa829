"""Funding rates that were recorded, at the times at which positions pay them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

_JITTER_MS: Final = 60_000  # venues stamp a payment some milliseconds after its time


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingRecord:
    """The funding rates of one perpetual.

    Args:
        rates: share of the notional that longs pay to shorts, negative where they are paid, by
            the time of the payment, milliseconds UTC.
        source: where they come from, for the reader.
    """

    rates: Mapping[int, float]
    source: str

    @classmethod
    def of(
        cls, payments: Iterable[tuple[int, float]], *, interval_ms: int, source: str
    ) -> FundingRecord:
        """Return the record of some payments, those between two times added to the later one.

        A market that pays more often than the interval pays the same in sum. A time without a
        payment of its own has no rate: it is not known whether the others are all of them.

        Args:
            payments: time in milliseconds UTC and rate of each.
            interval_ms: how far the times are apart that are asked for.
            source: where they come from.
        """
        sums: dict[int, float] = {}
        exact: set[int] = set()
        for time_ms, rate in payments:
            due_ms = -(-(time_ms - _JITTER_MS) // interval_ms) * interval_ms
            sums[due_ms] = sums.get(due_ms, 0.0) + rate
            if abs(time_ms - due_ms) <= _JITTER_MS:
                exact.add(due_ms)
        known = {due_ms: sums[due_ms] for due_ms in sorted(exact)}
        return cls(rates=known, source=source)


def due_times(after_ms: int, until_ms: int, interval_ms: int) -> range:
    """Return the times of payments later than one moment and not later than another."""
    return range((after_ms // interval_ms + 1) * interval_ms, until_ms + 1, interval_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingUsed:
    """By what the funding of some trades was counted.

    Args:
        recorded: payments at rates that were recorded.
        assumed: payments at the rate that is taken where none was.
    """

    recorded: int = 0
    assumed: int = 0

    def __add__(self, other: FundingUsed) -> FundingUsed:
        """Return both together."""
        return FundingUsed(
            recorded=self.recorded + other.recorded, assumed=self.assumed + other.assumed
        )
