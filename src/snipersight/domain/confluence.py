"""Why a setup ranks where it does: factors whose contributions sum to the score."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from snipersight.domain.errors import InvalidPlan
from snipersight.domain.quick import quick

_SUM_TOLERANCE: Final = 1e-6


class Tier(StrEnum):
    """Quality class of a score; the thresholds belong to the profile."""

    A = "A"
    B = "B"
    C = "C"


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One reason for or against a setup.

    Args:
        name: stable identifier, `order_block`, `higher_timeframe_trend`.
        value: how strongly it holds, 0 (not at all) to 1 (fully).
        weight: share of the score at full value, in points; negative for a conflict.
        contribution: points it adds, value × weight.
        sentence: the reason in plain words with its numbers.
        price: level it refers to, or None.
    """

    name: str
    value: float
    weight: float
    contribution: float
    sentence: str
    price: float | None = None

    @property
    def is_conflict(self) -> bool:
        """Return whether the factor speaks against the trade."""
        return self.contribution < 0


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Confluence:
    """The score of a setup, 0–100: a ranking, not a probability.

    Args:
        score: clipped sum of the contributions.
        tier: class of the score in the plan's profile.
        factors: what speaks for it, then what speaks against it; every factor that was judged.

    Raises:
        InvalidPlan: the contributions do not sum to the score.
    """

    score: float
    tier: Tier
    factors: tuple[Factor, ...]

    def __post_init__(self) -> None:
        """Hold the promise that the reader can add the factors up."""
        total = math.fsum(factor.contribution for factor in self.factors)
        if abs(min(max(total, 0.0), 100.0) - self.score) > _SUM_TOLERANCE:
            raise InvalidPlan(f"factors sum to {total}, the score is {self.score}")

    @property
    def conflicts(self) -> tuple[Factor, ...]:
        """Return the factors that speak against the trade."""
        return tuple(factor for factor in self.factors if factor.is_conflict)
