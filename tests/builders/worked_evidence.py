"""Twelve signals whose statistics are worked out by hand, in `test_worked_by_hand.py`."""

from __future__ import annotations

from typing import Final

from snipersight.domain.evidence_columns import EvidenceTable
from tests.builders.evidence_tables import a_table

# day, tier, regime, score, status, net R, MAE, MFE, planned R, verdict
ROWS: Final = (
    (0, "A", "trend", 90, "closed", 2.0, 0.3, 2.4, 2.0, "approved"),
    (0, "C", "range", 60, "closed", -1.0, 1.0, 0.2, 1.5, "approved"),
    (1, "A", "trend", 85, "closed", 1.5, 0.5, 1.9, 2.5, "approved"),
    (2, "B", "trend", 75, "closed", -1.0, 1.0, 0.6, 2.0, "approved"),
    (2, "C", "range", 65, "closed", -1.0, 1.0, 0.1, 3.0, "approved"),
    (3, "A", "volatile", 80, "closed", -0.5, 0.9, 0.8, 2.0, "approved"),
    (4, "B", "trend", 70, "closed", 0.5, 0.4, 1.2, 2.5, "approved"),
    (5, "C", "range", 55, "closed", 0.0, 0.7, 0.9, 1.5, "approved"),
    (6, "A", "trend", 88, "missed", 0.0, 0.0, 0.0, 2.0, "approved"),
    (6, "B", "range", 72, "open", 0.4, 0.1, 0.5, 2.0, "approved"),
    (7, "C", "range", 58, "expired", 0.0, 0.0, 0.0, 2.0, "approved"),
    (7, "A", "trend", 95, "closed", 3.0, 0.1, 3.2, 3.0, "gated"),
)


def worked_table() -> EvidenceTable:
    """Return the twelve signals."""
    day, tier, regime, score, status, net_r, mae_r, mfe_r, planned, verdict = zip(
        *ROWS, strict=True
    )
    return a_table(
        len(ROWS),
        day=day,
        tier=tier,
        regime=regime,
        score=score,
        status=status,
        net_r=net_r,
        mae_r=mae_r,
        mfe_r=mfe_r,
        risk_reward=planned,
        verdict=verdict,
        reason=["approved" if one == "approved" else "gated:min_score" for one in verdict],
    )
