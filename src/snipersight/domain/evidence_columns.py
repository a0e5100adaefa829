"""Signals and their outcomes as columns, for statistics over many of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Texts = NDArray[np.object_]
Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceTable:
    """Signals with their outcomes as columns of one length, oldest decision first.

    A signal nobody has followed yet is `waiting`. Text columns hold `str`. One setup is as many
    signals as there are accounts, profiles and versions of a profile that it became a plan for.
    """

    key: Texts
    setup_id: Texts
    account_id: Texts
    origin: Texts
    profile: Texts
    venue: Texts
    symbol: Texts
    timeframe: Texts
    direction: Texts
    verdict: Texts
    reason: Texts
    tier: Texts
    regime: Texts
    leader: Texts
    session: Texts
    status: Texts
    ending: Texts
    decided_ms: Integers
    entered_ms: Integers
    ended_ms: Integers
    targets_hit: Integers
    score: Numbers
    risk_reward: Numbers
    filled_fraction: Numbers
    gross_r: Numbers
    fees_r: Numbers
    slippage_r: Numbers
    funding_r: Numbers
    net_r: Numbers
    mae_r: Numbers
    mfe_r: Numbers
    is_ambiguous: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return how many signals there are."""
        return len(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorColumns:
    """Contributions of every factor to the scores of a table's signals.

    Args:
        names: of the factors, sorted.
        points: one row a signal in the table's order, one column a factor; NaN: not judged.
    """

    names: tuple[str, ...] = ()
    points: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
