"""Candidates, bars and decisions for the core, around a long at 42250 with its stop at 41750."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from snipersight.domain.decision import (
    Approved,
    Candidate,
    Check,
    Rejected,
    Stage,
    TerminalReason,
)
from snipersight.domain.direction import Direction
from snipersight.domain.plan import SetupId, TradePlan
from snipersight.domain.units import Money, Size
from snipersight.planner.voids import Bar
from tests.builders import DECIDED_AT_MS, a_plan

BAR_MS = 900_000


def a_candidate(
    setup: str = "setup",
    *,
    at_ms: int = DECIDED_AT_MS,
    valid_bars: int = 32,
    direction: Direction = Direction.LONG,
    **plan: Any,
) -> Candidate:
    """Return a candidate with a plan that waits from `at_ms` on."""
    created = datetime.fromtimestamp(at_ms / 1000, UTC)
    made = a_plan(
        direction,
        setup_id=SetupId(setup),
        created_at=created,
        valid_until=created + timedelta(milliseconds=valid_bars * BAR_MS),
        **plan,
    )
    return Candidate(
        symbol=made.symbol,
        at_ms=at_ms,
        reason=None,
        setup_id=made.setup_id,
        direction=direction,
        plan=made,
        confluence=made.confluence,
        checks=(Check(code="score", passed=True),),
    )


def refused(candidate: Candidate, name: str = "bias_alignment") -> Candidate:
    """Return the same candidate as a source that gates it would give it."""
    return replace(candidate, reason=TerminalReason(stage=Stage.GATED, name=name), plan=None)


def a_bar(
    low: str = "42400",
    high: str = "42600",
    *,
    number: int = 1,
    shift: Direction | None = None,
) -> Bar:
    """Return the bar that closes `number` bars after the usual decision; by default it does nothing."""
    return Bar(
        open=Decimal(low),
        high=Decimal(high),
        low=Decimal(low),
        close=Decimal(high),
        closed_at_ms=DECIDED_AT_MS + number * BAR_MS,
        shift=shift,
    )


def approval(plan: TradePlan) -> Approved:
    """Return a gate's approval of a plan."""
    return Approved(
        plan=plan,
        size=Size(Decimal("0.1")),
        notional=Decimal(4225),
        margin=Decimal(4225),
        leverage=Decimal(1),
        risk=Money(Decimal(50)),
        risk_fraction=Decimal("0.005"),
        checks=(Check(code="risk_budget", passed=True),),
    )


def rejection(plan: TradePlan, *codes: str) -> Rejected:
    """Return a gate's rejection whose first failed checks are the given ones."""
    failed = tuple(Check(code=code, passed=False, sentence=f"{code} failed") for code in codes)
    return Rejected(plan=plan, checks=(Check(code="equity", passed=True), *failed))
