"""Breakers see at the moments that are marked what they would see at every close."""

from collections.abc import Sequence
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from snipersight.domain.audit import AuditKind
from snipersight.domain.ledger import LedgerEntry
from snipersight.engine.backtesting import portfolio
from snipersight.engine.backtesting.leeway import Leeway
from snipersight.engine.backtesting.marking import Closes
from snipersight.engine.backtesting.results import BacktestResult
from snipersight.risk.policy import RiskPolicy
from tests.builders.backtests import HOUR_MS, at_hour, free_policy, lived
from tests.builders.wandering_backtests import WanderingPlans, managed, wandering_markets

HOURS = 24 * 14
LIMITS = {"max_loss_streak": 1000, "cooldown_us": 0}
# Limits that no sum of quarters meets exactly, where the last digit of a float would decide.
TIGHT = free_policy(
    max_daily_loss="0.0077123", max_weekly_loss="0.0181237", max_drawdown="0.0151319", **LIMITS
)
WIDE = free_policy(
    max_daily_loss="0.0211237", max_weekly_loss="0.0411239", max_drawdown="0.0311237", **LIMITS
)


def every_close(
    entries: Sequence[LedgerEntry],
    closes: Closes,
    *,
    start_ms: int,
    end_ms: int,
    leeway: Leeway | None = None,
) -> list[int]:
    """Return all closes after a moment and before another one."""
    return [int(one) for one in closes.between(start_ms, end_ms)]


def a_run(seed: int, policy: RiskPolicy, *, missing: float, rearm_days: int) -> BacktestResult:
    return lived(
        wandering_markets(seed, bars=HOURS, missing=missing),
        WanderingPlans(seed=seed, rate=0.03),
        profile=managed(seed),
        policy=policy,
        rearm_days=rearm_days,
        hours=HOURS,
    )


def breakers(result: BacktestResult) -> list[tuple[str, str, float]]:
    """Return what happened to which breaker at which hour."""
    return [
        (one.subject, str(one.body["event"]), (one.at_us // 1000 - at_hour(0)) / HOUR_MS)
        for one in result.records
        if one.kind is AuditKind.BREAKER
    ]


def trips(result: BacktestResult) -> list[tuple[str, str, float]]:
    return [one for one in breakers(result) if one[1] == "tripped"]


def outcome(result: BacktestResult) -> tuple[object, ...]:
    """Return what marks decide: breakers, when they were lifted, and what then was traded."""
    marks = result.standing.marks
    assert marks is not None
    return (
        trips(result),
        [(one - at_hour(0)) / HOUR_MS for one in result.rearmed_ms],
        marks.high,
        [one.entry.entry_id for one in result.trades],
        result.funnel,
        result.standing.balance,
    )


@settings(max_examples=12)
@example(seed=942, policy=TIGHT, missing=0.0, rearm_days=1)  # a high that stands for two closes
@given(
    seed=st.integers(0, 2**16),
    policy=st.sampled_from([TIGHT, WIDE]),
    missing=st.sampled_from([0.0, 0.15]),
    rearm_days=st.sampled_from([0, 1, 3]),
)
def test_marks_that_are_left_out_would_have_told_nothing(seed, policy, missing, rearm_days):
    found = a_run(seed, policy, missing=missing, rearm_days=rearm_days)
    with patch.object(portfolio, "telling_moments", every_close):
        dense = a_run(seed, policy, missing=missing, rearm_days=rearm_days)
    assert outcome(found) == outcome(dense)


@pytest.mark.parametrize("seed", range(3))
def test_breakers_trip_in_what_the_law_is_told_of(seed):
    assert trips(a_run(seed, TIGHT, missing=0.0, rearm_days=1))
