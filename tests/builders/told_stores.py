"""A database with verdicts whose notices wait to be told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from snipersight.domain.decision import RiskDecision
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Currency
from snipersight.risk.audit.codec import decision_draft
from snipersight.risk.policy import RiskPolicy
from snipersight.risk.telling import signal_notice
from snipersight.storage.database import Database
from snipersight.storage.decision_store import SqlDecisionStore
from tests.builders.decisions import an_approval, gate_inputs
from tests.builders.plans import a_plan

ACCOUNT = "main"


def a_plan_of_today(*, hours: int = 8, **fields: Any) -> TradePlan:
    """Return a plan that is valid for some hours from now on."""
    now = datetime.now(UTC)
    times = {"created_at": now - timedelta(minutes=1), "valid_until": now + timedelta(hours=hours)}
    return a_plan(**(times | fields))


class ToldStore:
    """The account `main` of a database, for verdicts and what is told of them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.decisions = SqlDecisionStore(database, clock=now_us)
        self.decisions.create_account(ACCOUNT, Currency("USDT"), Decimal(10_000), at_us=now_us())

    def record(self, decision: RiskDecision | None = None, *, is_told: bool = True) -> TradePlan:
        """Record a verdict with its notice, as a scan does, and return its plan."""
        verdict = decision or an_approval(a_plan_of_today())
        plan = verdict.plan
        draft = decision_draft(
            plan,
            gate_inputs(),
            RiskPolicy(),
            verdict,
            at_us=now_us(),
            actor="scan",
            reserved=False,
        )

        def work(unit: Any) -> None:
            record = unit.append(draft)
            if is_told:
                unit.enqueue(signal_notice(ACCOUNT, plan, seq=record.seq, as_of_ms=1))

        self.decisions.transact(ACCOUNT, work)
        return plan


def now_us() -> int:
    """Return the system's time, microseconds UTC."""
    return round(datetime.now(UTC).timestamp() * 1_000_000)
