"""Scan reports built by hand, with numbers a reader can check."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from snipersight.domain.account import AccountState
from snipersight.domain.decision import Approved, Check, Stage, TerminalReason
from snipersight.domain.direction import Direction
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Currency, Money, Price, Size, Symbol
from snipersight.engine.report import RankedPlan, Refusal, ScanReport
from tests.builders import DECIDED_AT_MS, a_plan, a_profile

RISK_CHECK = Check(
    code="risk_budget",
    passed=True,
    measured=Decimal("99.99"),
    limit=Decimal(100),
    sentence="loses 99.99 USDT at the stop, 100 are allowed",
)
SCORE_CHECK = Check(
    code="min_score", passed=False, measured=41.5, limit=50, sentence="scores 41.5, 50 is asked"
)

SCORE_CHECK_PASSED = Check(code="score", passed=True, measured=72.0, limit=50)


def an_approval(plan: TradePlan, *, size: str = "0.18604") -> Approved:
    """Return an approval that risks 99.99 of 10,000."""
    base = Decimal(size)
    return Approved(
        plan=plan,
        size=Size(base),
        notional=base * plan.entry_near,
        margin=base * plan.entry_near,
        leverage=Decimal(1),
        risk=Money(Decimal("99.99")),
        risk_fraction=Decimal("0.009999"),
        checks=(RISK_CHECK,),
    )


def a_ranked_plan(plan: TradePlan | None = None, rank: int = 1, **overrides: Any) -> RankedPlan:
    """Return a waiting plan on the last price 42550, 0.7 % above its entry."""
    chosen = plan or a_plan()
    last = chosen.last_price
    values: dict[str, Any] = {
        "rank": rank,
        "plan": chosen,
        "decision": an_approval(chosen),
        "last_price": last,
        "distance_fraction": (chosen.entry_near - last) / last,
    }
    return RankedPlan(**(values | overrides))


def a_refusal(
    symbol: str = "ETH/USDT", stage: Stage = Stage.GATED, name: str = "min_score", **overrides: Any
) -> Refusal:
    """Return a candidate that failed one gate."""
    values: dict[str, Any] = {
        "symbol": Symbol(symbol),
        "reason": TerminalReason(stage=stage, name=name),
        "detail": "scores 41.5, 50 is asked",
        "at_ms": DECIDED_AT_MS,
        "direction": Direction.LONG,
        "checks": (SCORE_CHECK,),
    }
    return Refusal(**(values | overrides))


CLUSTER_CHECK = Check(
    code="max_cluster",
    passed=False,
    measured=Decimal("812.5"),
    limit=Decimal(750),
    sentence="risk in its correlated cluster would be 812.50, at most 750.00",
)
HALTED_CHECK = Check(code="halted", passed=False, sentence="news at eight")


def a_refused_plan(plan: TradePlan | None = None, *checks: Check, **overrides: Any) -> Refusal:
    """Return a plan that the risk gate refused: its cluster is full."""
    chosen = plan or a_plan()
    failed = checks or (CLUSTER_CHECK,)
    return a_refusal(
        chosen.symbol,
        Stage.REJECTED,
        failed[0].code,
        detail=failed[0].sentence,
        direction=chosen.direction,
        plan=chosen,
        checks=(SCORE_CHECK_PASSED, RISK_CHECK, *failed),
        **overrides,
    )


def unread(symbol: str) -> Refusal:
    """Return a symbol without candles."""
    return a_refusal(
        symbol, Stage.NO_DATA, "", detail="no candles", at_ms=None, direction=None, checks=()
    )


SMALL_PRICES: dict[str, Any] = {
    "near": "0.00001234",
    "far": "0.00001210",
    "stop": "0.00001190",
    "targets": ("0.00001300", "0.00001350", "0.00001400"),
    "cost": "0.00000001",
}


def a_pepe_plan() -> TradePlan:
    """Return a plan whose tick is 1e-8, on a perpetual with a long name."""
    plan = a_plan(symbol="1000PEPE/USDT:USDT", **SMALL_PRICES, score=81.5)
    return replace(plan, last_price=Price(Decimal("0.00001290")))


def a_report(
    plans: Sequence[RankedPlan] | None = None,
    refusals: Sequence[Refusal] | None = None,
    **overrides: Any,
) -> ScanReport:
    """Return a scan with one plan, one gated setup and one symbol without a setup."""
    default = (
        a_refusal(),
        a_refusal("SOL/USDT", Stage.NO_SETUP, "", detail="no sweep yet", checks=()),
    )
    values: dict[str, Any] = {
        "context_id": "scan_20240607_100000",
        "as_of_ms": DECIDED_AT_MS,
        "venue": "sandbox",
        "profile": a_profile(),
        "account": AccountState(
            account_id="simulated",
            currency=Currency("USDT"),
            equity=Money(Decimal(10000)),
            source="DEFAULT_ACCOUNT_BALANCE",
        ),
        "universe": tuple(Symbol(name) for name in ("BTC/USDT", "ETH/USDT", "SOL/USDT")),
        "dropped": (("USDC/USDT", "two stable currencies"),),
        "plans": tuple([a_ranked_plan()] if plans is None else plans),
        "refusals": tuple(default if refusals is None else refusals),
        "regimes": {"trend": 2, "range": 1},
        "warnings": (),
    }
    return ScanReport(**(values | overrides))
