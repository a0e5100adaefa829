"""Inputs of the gate and verdicts about a plan, with every field that a record must carry."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from snipersight.domain.account import AccountState
from snipersight.domain.decision import Approved, Check, Rejected
from snipersight.domain.direction import Direction
from snipersight.domain.exposure import Amounts
from snipersight.domain.plan import PlanId, SetupId, TradePlan
from snipersight.domain.standing import BreakerName, Cooldown, TradingState, TrippedBreaker
from snipersight.domain.units import Currency, Money, Size, Symbol
from snipersight.risk.inputs import ClusterLoad, ExposureView, GateInputs, Holding
from snipersight.risk.policy import RiskPolicy
from tests.builders.contexts import DECIDED_AT_MS
from tests.builders.ledger import DECIDED_AT_US, market_facts
from tests.builders.plans import a_plan

_BTC = Symbol("BTC/USDT:USDT")
CHECKS = (
    Check(code="min_rr", passed=True, measured=2.1, limit=1.5, sentence="R 2.1 of 1.5"),
    Check(code="equity", passed=True, measured=Decimal("1E+4")),
    Check(code="stale_data", passed=True, measured="1 h", limit=None),
)
BREACH = Check(
    code="max_total",
    passed=False,
    measured=Decimal("0.1250"),
    limit=Decimal("0.10"),
    sentence="all trades together would risk 12.5 % of equity, 10 % are allowed",
)


def gate_inputs(**overrides: Any) -> GateInputs:
    """Return inputs with a breaker, a cooldown, holdings and a loaded cluster."""
    values: dict[str, Any] = {
        "account": AccountState(
            account_id="main", currency=Currency("USDT"), equity=Money(Decimal("10000.0"))
        ),
        "facts": market_facts(),
        "view": ExposureView(
            total=Amounts(risk=Decimal(150), notional=Decimal("3E+3"), margin=Decimal(600)),
            cluster=ClusterLoad(members=(Currency("BTC"),), long=Decimal(100)),
            positions=2,
            holdings=(
                Holding(
                    venue="sandbox",
                    symbol=_BTC,
                    direction=Direction.SHORT,
                    plan_id=PlanId("p"),
                    setup_id=SetupId("s"),
                    is_open=True,
                ),
            ),
        ),
        "tripped": (
            TrippedBreaker(
                name=BreakerName.DAILY_LOSS,
                state=TradingState.REDUCING,
                tripped_us=DECIDED_AT_US - 5,
                until_us=DECIDED_AT_US + 5,
                measured=Decimal("0.031"),
                limit=Decimal("0.03"),
            ),
        ),
        "cooldowns": (Cooldown(symbol=_BTC, direction=Direction.LONG, until_us=DECIDED_AT_US),),
        "at_us": DECIDED_AT_US,
        "last_us": DECIDED_AT_US - 1,
        "as_of_ms": DECIDED_AT_MS,
        "clock_skew_ms": -3,
    }
    return GateInputs(**(values | overrides))


def an_approval(plan: TradePlan | None = None, **overrides: Any) -> Approved:
    """Return an approval of 0.2 BTC at 1 % of 10,000 USDT under the default policy."""
    values: dict[str, Any] = {
        "plan": plan or a_plan(),
        "size": Size(Decimal("0.20000")),
        "notional": Decimal(8450),
        "margin": Decimal(8450),
        "leverage": Decimal(1),
        "risk": Money(Decimal("100.00")),
        "risk_fraction": Decimal("0.01"),
        "checks": CHECKS,
        "policy_hash": RiskPolicy().hash,
    }
    return Approved(**(values | overrides))


def a_refusal(plan: TradePlan | None = None, **overrides: Any) -> Rejected:
    """Return a refusal for a breach of `max_total` under the default policy."""
    values: dict[str, Any] = {
        "plan": plan or a_plan(),
        "checks": (*CHECKS, BREACH),
        "policy_hash": RiskPolicy().hash,
    }
    return Rejected(**(values | overrides))
