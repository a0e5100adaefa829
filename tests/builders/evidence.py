"""Signals, outcomes and scans with valid defaults."""

from __future__ import annotations

from typing import Any

from snipersight.domain.direction import Direction
from snipersight.domain.evidence import (
    Costs,
    Kind,
    Origin,
    Outcome,
    OutcomeStatus,
    ScanCount,
    SignalKey,
    SignalRecord,
    SignalTerms,
    Verdict,
)
from snipersight.domain.instrument import MarketKind
from snipersight.domain.plan import PlanId, SetupId
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol

DECIDED_MS = 1_700_000_000_000


def some_terms(**changes: Any) -> SignalTerms:
    """Return terms of a long with three targets: one R is 5 a unit, costs included."""
    terms: dict[str, Any] = {
        "direction": Direction.LONG,
        "near": 100.0,
        "mid": 99.0,
        "far": 98.0,
        "entry_fractions": (0.5, 0.3, 0.2),
        "stop": 95.2,
        "targets": ((105.0, 0.5), (110.0, 0.3), (115.0, 0.2)),
        "cost_per_unit": 0.2,
        "atr": 2.0,
        "tick": 0.1,
        "known_ms": DECIDED_MS,
        "valid_until_ms": DECIDED_MS + 86_400_000,
        "break_even": True,
        "trailing_atr": 0.0,
        "time_stop_ms": 0,
        "min_rr": 1.5,
        "costs": Costs(maker=0.0002, taker=0.0005, slippage=0.0003),
    }
    return SignalTerms(**(terms | changes))


def a_signal(number: int = 1, **changes: Any) -> SignalRecord:
    """Return an approved signal; `number` makes its plan, its setup and its moment."""
    account_id = changes.get("account_id", "main")
    decided_ms = DECIDED_MS + number * 60_000
    signal: dict[str, Any] = {
        "key": SignalKey(f"{account_id}:plan-{number}"),
        "account_id": account_id,
        "plan_id": PlanId(f"plan-{number}"),
        "setup_id": SetupId(f"setup-{number}"),
        "origin": Origin.LIVE,
        "context_id": "scan-1",
        "profile": "balanced",
        "profile_hash": "0" * 64,
        "venue": "binance",
        "symbol": Symbol("BTC/USDT:USDT"),
        "market": MarketKind.PERPETUAL,
        "timeframe": Timeframe.parse("1h"),
        "direction": Direction.LONG,
        "trade_type": "intraday",
        "decided_ms": decided_ms,
        "judged_ms": decided_ms + 1_000,
        "verdict": Verdict.APPROVED,
        "reason": "approved",
        "score": 81.5,
        "tier": "A",
        "risk_reward": 2.4,
        "regime": "trending",
        "leader": "trending",
        "session": "london",
        "factors": {"structure": 25.0, "order_block": 20.5},
        "terms": some_terms(known_ms=decided_ms, valid_until_ms=decided_ms + 86_400_000),
    }
    return SignalRecord(**(signal | changes))


def a_refusal(number: int = 1, **changes: Any) -> SignalRecord:
    """Return the same signal, refused by the risk gate."""
    refused: dict[str, Any] = {"verdict": Verdict.REJECTED, "reason": "rejected:max_total"}
    return a_signal(number, **(refused | changes))


def an_outcome(number: int = 1, **changes: Any) -> Outcome:
    """Return the modelled outcome of `a_signal(number)`, waiting."""
    outcome: dict[str, Any] = {
        "key": SignalKey(f"main:plan-{number}"),
        "kind": Kind.MODELLED,
        "status": OutcomeStatus.WAITING,
    }
    return Outcome(**(outcome | changes))


def a_scan(number: int = 1, **changes: Any) -> ScanCount:
    """Return the counts of one scan; `number` makes its name and its moment."""
    scan: dict[str, Any] = {
        "context_id": f"scan-{number}",
        "account_id": "main",
        "origin": Origin.LIVE,
        "profile": "balanced",
        "venue": "binance",
        "at_ms": DECIDED_MS + number * 60_000,
        "symbols": 20,
        "funnel": {"approved": 1, "no_setup": 19},
    }
    return ScanCount(**(scan | changes))
