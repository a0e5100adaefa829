"""One scan with real parts in a line, and its report as bytes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

from snipersight.domain.account import AccountState
from snipersight.domain.candles import Candles
from snipersight.domain.hooks import Hooks
from snipersight.domain.ports import CandleSource, EventSink, PlanSource, RiskGate
from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Currency, Money, Symbol
from snipersight.engine.report import ScanReport, ScanRequest
from snipersight.engine.scan import run_scan
from snipersight.risk.manager import RiskManager
from snipersight.risk.policy import RiskPolicy
from snipersight.sandbox.market import SyntheticMarket
from tests.builders import a_profile
from tests.fakes.candle_table import CandleTable
from tests.fakes.events import RecordingEvents
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store

NOON_MS = 1_717_761_600_000  # 2024-06-07 12:00 UTC
FINE = Timeframe.parse("5m")

_LOOSE: dict[str, Any] = {
    "burn_in_bars": 100,
    "epoch_bars": 100,
    "internal_strength": 1,
    "swing_strength": 3,
    "displacement_atr": 0.6,
    "displacement_body_ratio": 0.4,
    "min_gap_atr": 0.0,
    "equal_tolerance_atr": 0.3,
    "min_pool_age_bars": 1,
    "max_pierce_atr": 5.0,
    "min_pierce_atr": 0.0,
    "zone_max_age_bars": 100,
    "level_max_age_bars": 100,
    "regime_window_bars": 40,
}
_WIDE: dict[str, Any] = {
    "max_risk_per_trade": Decimal("0.05"),
    "max_per_asset": Decimal(1),
    "max_total": Decimal(10),
    "max_cluster": Decimal(1),
    "max_positions": 1000,
    "smallest_share": Decimal(0),
}
_ALL_REGIMES = ["trend", "range", "volatile"]


def a_lively_profile(**overrides: Any) -> Profile:
    """Return a profile that finds a setup every few hundred bars and lets most of them through.

    Its warm-up is nine days, so that a scan of a few symbols takes milliseconds.
    """
    trigger = _LOOSE | {"burn_in_bars": 250, "epoch_bars": 250, "calendar": ("day",)}
    values: dict[str, Any] = {
        "timeframes": {"bias": "1h", "zone": "15m", "trigger": "5m"},
        "roles": {"bias": _LOOSE, "zone": _LOOSE, "trigger": trigger},
        "setup": {"valid_bars": 288},
        "gates": {
            "min_score": 0,
            "regimes": _ALL_REGIMES,
            "max_range_position": 1.0,
            "bias_alignment": "off",
            "leader_alignment": "off",
        },
        "planner": {
            "min_rr": 0.5,
            "min_target_r": 0.5,
            "max_target_r": 50,
            "max_stop_atr": 40,
            "max_cost_fraction": 1.0,
        },
    }
    merged = {
        key: values.get(key, {}) | change if isinstance(change, dict) else change
        for key, change in overrides.items()
    }
    return a_profile(**(values | merged))


def a_gate(
    risk_fraction: str = "0.01",
    *,
    account: AccountState | None = None,
    store: MemoryDecisionStore | None = None,
    **limits: Any,
) -> RiskManager:
    """Return the real gate on a store in memory, with an account of its own.

    Args:
        risk_fraction: wanted per trade, of equity.
        account: its balance and currency; that of `an_account()` unless given.
        store: one of the account that something was done to before.
        limits: of the policy; a book wide enough for every plan of a scan unless said.
    """
    held = account or an_account()
    return RiskManager(
        account_id=held.account_id,
        store=store or a_store_of(held),
        clock=lambda: NOON_MS * 1000,
        policy=RiskPolicy(risk_fraction=Decimal(risk_fraction), **_WIDE | limits),
    )


def a_store_of(account: AccountState) -> MemoryDecisionStore:
    """Return a store with one account, as it is before anything was done."""
    return a_memory_store(
        str(account.equity),
        account_id=account.account_id,
        currency=account.currency,
        at_us=NOON_MS * 1000,
    )


def an_account(equity: str = "10000", currency: str = "USDT", **values: Any) -> AccountState:
    """Return a simulated account."""
    return AccountState(
        account_id="tests", currency=Currency(currency), equity=Money(Decimal(equity)), **values
    )


def scan(
    source: CandleSource,
    profile: Profile,
    *,
    symbols: str = "top50",
    as_of_ms: int | None = None,
    workers: int = 1,
    plans: PlanSource | None = None,
    gate: RiskGate | None = None,
    account: AccountState | None = None,
    sink: EventSink | None = None,
    hooks: Hooks | None = None,
) -> ScanReport:
    """Run one scan to its end."""
    request = ScanRequest(profile=profile, symbols=symbols, as_of_ms=as_of_ms, workers=workers)
    known = account or an_account()
    return asyncio.run(
        run_scan(
            request,
            source=source,
            gate=gate or a_gate(account=known),
            account=known,
            sink=sink or RecordingEvents(),
            progress=lambda *_: None,
            plans=plans,
            hooks=hooks,
        )
    )


@cache
def synthetic_table(
    symbols: tuple[str, ...], *, seed: int = 7, days: int = 24, end_ms: int = NOON_MS
) -> CandleTable:
    """Return some markets of the built-in one with a limited history, kept in memory."""
    market = SyntheticMarket(seed, clock=lambda: end_ms)
    listed = asyncio.run(market.instruments())
    names = [Symbol(symbol) for symbol in symbols]
    return CandleTable(
        base={name: asyncio.run(_history(market, name, days, end_ms)) for name in names},
        listed={name: listed[name] for name in names},
    )


async def _history(market: SyntheticMarket, symbol: Symbol, days: int, end_ms: int) -> Candles:
    start_ms = end_ms - end_ms % DAY_MS - days * DAY_MS
    return await market.candles(symbol, FINE, start_ms=start_ms, end_ms=end_ms)


def decision_closes(report: ScanReport) -> list[int]:
    """Return the closes at which setups were decided, oldest first: their plans were alive then."""
    closes = {int(ranked.plan.created_at.timestamp() * 1000) for ranked in report.plans}
    closes |= {
        refusal.at_ms for refusal in report.refusals if refusal.plan and refusal.at_ms is not None
    }
    return sorted(closes)


def canonical(value: Any) -> bytes:
    """Return any value of the domain as bytes: every field, every digit, in a fixed order."""
    return json.dumps(_plain(value), sort_keys=True).encode()


def report_bytes(report: ScanReport) -> bytes:
    """Return a whole report as bytes, its funnel included."""
    return canonical((report, report.funnel))


def _plain(value: Any) -> Any:
    if isinstance(value, Profile):
        return value.content_hash
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float | Decimal):
        return repr(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value
