"""Scans that are set up to end somewhere, over the built-in market."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from snipersight.domain.account import AccountState
from snipersight.domain.candles import Candles
from snipersight.domain.decision import Candidate
from snipersight.domain.instrument import Instrument
from snipersight.domain.plan import TradePlan
from snipersight.domain.ports import LeaderContext, PlanFeed, PlanSource, RiskGate
from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.engine.report import ScanReport
from snipersight.planner.smc_source import SmcPlanSource
from tests.fakes.candle_table import CandleTable, with_prices
from tests.fakes.memory_store import MemoryDecisionStore
from tests.fakes.scanning import (
    NOON_MS,
    a_gate,
    a_lively_profile,
    a_store_of,
    an_account,
    scan,
    synthetic_table,
)

BASES = "BTC ETH SOL DOGE LINK".split()
PERPETUALS = tuple(f"{base}/USDT:USDT" for base in BASES)
SPOT = tuple(f"{base}/USDT" for base in BASES)
MOMENTS = tuple(NOON_MS - days * DAY_MS for days in range(5))
M15 = Timeframe.parse("15m")


def usual_table() -> CandleTable:
    return synthetic_table(PERPETUALS)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One scan that is set up to end somewhere; everything not named is harmless."""

    table: Callable[[], CandleTable] = usual_table
    profile: Mapping[str, Any] = field(default_factory=dict)
    account: AccountState = field(default_factory=an_account)
    risk: str = "0.01"
    limits: Mapping[str, Any] = field(default_factory=dict)
    before: Callable[[MemoryDecisionStore, TradePlan], None] | None = None
    late_ms: int = 0
    plans: Callable[[Profile], PlanSource] = SmcPlanSource

    def reasons(self, moment_ms: int) -> set[str]:
        """Return how the candidates of one scan ended.

        What happened `before` is done to the account for each plan that is alive then.
        """
        store = a_store_of(self.account)
        if self.before is not None:
            for ranked in self._report(moment_ms, a_gate()).plans:
                self.before(store, ranked.plan)
        gate = a_gate(self.risk, account=self.account, store=store, **self.limits)
        return {name for name, _ in self._report(moment_ms, gate).funnel}

    def _report(self, moment_ms: int, gate: RiskGate) -> ScanReport:
        table, profile = self.table(), a_lively_profile(**self.profile)
        as_of_ms = moment_ms + self.late_ms
        known = table.cut(moment_ms) if self.late_ms else table
        return scan(
            replace(known, now=as_of_ms) if self.late_ms else known,
            profile,
            symbols=",".join(table.listed),
            as_of_ms=as_of_ms,
            plans=self.plans(profile),
            gate=gate,
            account=self.account,
        )


def gates(**values: Any) -> Scene:
    return Scene(profile={"gates": values})


def planner(**values: Any) -> Scene:
    return Scene(profile={"planner": values})


def roles(role: str, **values: Any) -> dict[str, Any]:
    return {"roles": {role: rules(role, **values)}}


def rules(role: str, **values: Any) -> dict[str, Any]:
    usual: dict[str, Any] = getattr(a_lively_profile().roles, role).model_dump()
    return usual | values


def traded_by(**values: Any) -> Callable[[], CandleTable]:
    """Return the usual table under changed rules of the venue."""
    return lambda: usual_table().changed(lambda candles: candles, lambda i: replace(i, **values))


def in_coarse_ticks(multiple: int) -> Callable[[], CandleTable]:
    def coarse(instrument: Instrument) -> Instrument:
        assert instrument.tick is not None
        return replace(instrument, tick=instrument.tick * multiple)

    return lambda: usual_table().changed(lambda candles: candles, coarse)


def without_leader() -> CandleTable:
    return synthetic_table(PERPETUALS[1:])


def storms() -> CandleTable:
    """Return markets that move a hundred times as much, so that a wide stop falls below zero."""
    return usual_table().changed(_stormy, lambda i: replace(i, tick=Decimal("1e-12")))


def _stormy(candles: Candles) -> Candles:
    last = float(candles.close[-1])
    names = ("open", "high", "low", "close")
    return with_prices(candles, **{name: (getattr(candles, name) / last) ** 100 for name in names})


def with_hole() -> CandleTable:
    """Return markets whose 15-minute bars lack the day before the last hours."""
    table = usual_table()
    coarse = {symbol: table.coarse(symbol, M15, end_ms=NOON_MS) for symbol in table.base}
    return replace(
        table, own={(symbol, M15): _holed(candles) for symbol, candles in coarse.items()}
    )


def _holed(candles: Candles) -> Candles:
    age = NOON_MS - candles.close_time
    kept = (age < 2 * 3_600_000) | (age > DAY_MS)
    names = ("open_time", "open", "high", "low", "close", "volume")
    return with_prices(candles, **{name: getattr(candles, name)[kept] for name in names})


@dataclass(frozen=True)
class Stuttering:
    """A plan source that says everything twice."""

    inner: PlanSource
    name: str = "stuttering"

    @property
    def history(self) -> Mapping[Timeframe, int]:
        return self.inner.history

    def open(self, instrument: Instrument, leader: LeaderContext | None) -> PlanFeed:
        return _StutteringFeed(self.inner.open(instrument, leader))


class _StutteringFeed:
    def __init__(self, inner: PlanFeed) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def advance(self, bars: Mapping[Timeframe, Candles], *, until_ms: int) -> Sequence[Candidate]:
        return [
            candidate
            for candidate in self._inner.advance(bars, until_ms=until_ms)
            for _ in range(2)
        ]
