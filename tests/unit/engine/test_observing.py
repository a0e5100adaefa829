"""What the gate is told of the markets before it judges, and what happens when it cannot."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.account import AccountState
from snipersight.domain.candles import Candles
from snipersight.domain.decision import Candidate, Rejected, RiskDecision, Stage
from snipersight.domain.errors import (
    NoData,
    SniperSightError,
    StateUnavailable,
    VenueUnavailable,
)
from snipersight.domain.observations import Observations
from snipersight.domain.plan import TradePlan
from snipersight.domain.ports import CandleSource, RiskGate
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Currency, Symbol
from snipersight.engine.context import Ports, ScanContext
from snipersight.engine.core import Decided, EngineState, step
from snipersight.engine.correlating import HISTORY_MS, MIN_OVERLAP, RETURNS, TIMEFRAME
from snipersight.engine.judging_stage import judge_plans
from snipersight.engine.observing_stage import observe_markets
from snipersight.engine.report import ScanRequest
from snipersight.planner.smc_source import SmcPlanSource
from snipersight.risk.exposure.correlation import Closes, correlate
from tests.builders import a_plan
from tests.fakes.candle_table import CandleTable
from tests.fakes.events import RecordingEvents
from tests.fakes.scanning import NOON_MS, a_lively_profile, an_account, synthetic_table

BTC, SOL, DOGE = (Symbol(f"{base}/USDT:USDT") for base in ("BTC", "SOL", "DOGE"))
MARKED = an_account("9000")


@dataclass
class RecordingGate:
    """A gate that holds some claims, remembers what it is told, and may be unusable."""

    claims: tuple[tuple[str, Symbol], ...] = ()
    error: StateUnavailable | None = None
    seen: list[Observations] = field(default_factory=list)
    judged: list[TradePlan] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)

    def held(self) -> tuple[tuple[str, Symbol], ...]:
        return self.claims

    def observe(self, observations: Observations) -> AccountState:
        self.threads.add(threading.current_thread().name)
        if self.error is not None:
            raise self.error
        self.seen.append(observations)
        return MARKED

    def validate_plan(self, plan: TradePlan) -> RiskDecision:
        self.threads.add(threading.current_thread().name)
        self.judged.append(plan)
        return Rejected(plan=plan, checks=())


@dataclass
class CountingTable:
    """A table that remembers which candles were asked for; anything may be made to fail."""

    table: CandleTable
    asked: list[tuple[Symbol, Timeframe]] = field(default_factory=list)
    volumes_error: SniperSightError | None = None
    is_foresighted: bool = False

    async def candles(
        self, symbol: Symbol, timeframe: Timeframe, *, start_ms: int, end_ms: int
    ) -> Candles:
        self.asked.append((symbol, timeframe))
        later_ms = end_ms + (DAY_MS if self.is_foresighted else 0)
        return await self.table.candles(symbol, timeframe, start_ms=start_ms, end_ms=later_ms)

    async def quote_volumes(self, symbols: Any, *, at_ms: int) -> Any:
        if self.volumes_error is not None:
            raise self.volumes_error
        return await self.table.quote_volumes(symbols, at_ms=at_ms)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.table, name)


def a_table(*symbols: Symbol, **changes: Any) -> CountingTable:
    table = synthetic_table(symbols or (BTC, SOL, DOGE), days=40)
    return CountingTable(replace(table, **changes))


def context_of(table: CountingTable, *planned: Symbol, as_of_ms: int = NOON_MS) -> ScanContext:
    profile = a_lively_profile()
    state = EngineState()
    for number, symbol in enumerate(planned):
        plan = a_plan(symbol=symbol, setup_id=f"setup-{number}", plan_id=f"plan-{number}")
        candidate = Candidate(
            symbol=symbol,
            at_ms=as_of_ms,
            reason=None,
            plan=plan,
            setup_id=plan.setup_id,
            direction=plan.direction,
        )
        state, _ = step(state, Decided(candidate=candidate))
    return ScanContext(
        request=ScanRequest(profile=profile),
        context_id="scan",
        as_of_ms=as_of_ms,
        trigger=profile.timeframe("trigger"),
        valid_ms=DAY_MS,
        instruments=table.listed,
        state=state,
    )


@dataclass
class Told:
    """Everything that came of observing."""

    context: ScanContext
    gate: RecordingGate
    sink: RecordingEvents
    progress: list[tuple[str, int, int]]

    @property
    def observations(self) -> Observations:
        (seen,) = self.gate.seen
        return seen


def observe(
    table: CountingTable,
    *planned: Symbol,
    gate: RecordingGate | None = None,
    as_of_ms: int = NOON_MS,
    then: Callable[[ScanContext, Ports], Any] | None = None,
) -> Told:
    told = Told(
        context_of(table, *planned, as_of_ms=as_of_ms),
        gate or RecordingGate(),
        RecordingEvents(),
        [],
    )
    source: CandleSource = table
    asked: RiskGate = told.gate
    ports = Ports(
        source=source,
        plans=SmcPlanSource(told.context.request.profile),
        gate=asked,
        account=an_account(),
        sink=told.sink,
        progress=lambda *step: told.progress.append(step),
    )

    async def run() -> None:
        told.context = await observe_markets(told.context, ports)
        if then is not None:
            told.context = await then(told.context, ports)

    asyncio.run(run())
    return told


def test_every_planned_market_is_observed_with_all_its_facts():
    table = a_table()
    told = observe(table, SOL)
    facts = told.observations.markets
    assert set(facts) == {SOL}
    assert facts[SOL].instrument == table.listed[SOL]
    assert facts[SOL].quote_rate == 1
    reference, volume = facts[SOL].reference, facts[SOL].quote_volume
    assert reference is not None
    assert float(reference.price) == table.base[SOL].known_at(NOON_MS).close[-1]
    assert volume is not None
    assert volume > 0
    assert (told.observations.venue, told.observations.as_of_ms) == ("sandbox", NOON_MS)
    assert told.observations.clock_skew_ms == 0
    assert told.context.account == MARKED


def test_a_held_market_is_observed_too_and_one_of_another_venue_is_not():
    gate = RecordingGate(claims=(("sandbox", DOGE), ("binance", BTC)))
    told = observe(a_table(), SOL, gate=gate)
    assert set(told.observations.markets) == {SOL, DOGE}


def test_a_position_elsewhere_moves_as_its_asset_does_here():
    gate = RecordingGate(claims=(("binance", Symbol("BTC/FDUSD")),))
    told = observe(a_table(), SOL, gate=gate)
    assert set(told.observations.correlations.pairs) == {(Currency("BTC"), Currency("SOL"))}


def test_one_asset_alone_is_correlated_with_nothing():
    table = a_table()
    told = observe(table, SOL, gate=RecordingGate(claims=(("sandbox", SOL),)))
    assert told.observations.correlations.pairs == {}
    assert table.asked == []


def test_two_assets_are_correlated_over_the_stated_window():
    table = a_table()
    told = observe(table, SOL, BTC)
    assert sorted(table.asked) == [(BTC, TIMEFRAME), (SOL, TIMEFRAME)]
    closes = {}
    for symbol, asset in ((BTC, Currency("BTC")), (SOL, Currency("SOL"))):
        bars = table.table.coarse(symbol, TIMEFRAME, end_ms=NOON_MS)
        closes[asset] = Closes(
            open_times_ms=bars.open_time[-RETURNS - 1 :], prices=bars.close[-RETURNS - 1 :]
        )
    by_hand = correlate(closes, returns=RETURNS, min_overlap=MIN_OVERLAP)
    assert told.observations.correlations.pairs == by_hand.pairs
    assert told.observations.correlations.window == "180 returns of 4h"


def test_nothing_later_than_the_scan_is_looked_at_even_where_a_source_offers_it():
    as_of_ms = NOON_MS - 5 * DAY_MS
    careful = observe(a_table(), SOL, BTC, as_of_ms=as_of_ms)
    foresighted = a_table()
    foresighted.is_foresighted = True
    careless = observe(foresighted, SOL, BTC, as_of_ms=as_of_ms)
    assert careless.observations == careful.observations


def test_a_history_too_short_leaves_the_correlation_unknown():
    table = a_table()
    since = table.table.since(NOON_MS - 89 * TIMEFRAME.duration_ms)
    told = observe(CountingTable(since), SOL, BTC)
    assert told.observations.correlations.pairs == {}
    assert RETURNS * TIMEFRAME.duration_ms < HISTORY_MS


def test_a_market_without_a_price_keeps_its_other_facts():
    told = observe(a_table(unpriced=frozenset({SOL})), SOL)
    facts = told.observations.markets[SOL]
    assert facts.reference is None
    assert facts.quote_volume is not None
    assert told.sink.events == []  # nobody failed: there is none


def test_what_cannot_be_read_stays_unknown_and_is_told():
    table = a_table(
        faults={SOL: VenueUnavailable("rate limited")}, skew=VenueUnavailable("no clock")
    )
    table.volumes_error = NoData("no tickers")
    told = observe(table, SOL, BTC)
    facts = told.observations.markets
    assert (facts[SOL].reference, facts[SOL].quote_volume) == (None, None)
    assert facts[BTC].reference is not None
    assert told.observations.clock_skew_ms is None
    assert told.observations.correlations.pairs == {}
    missing = [str(fields["of"]) for fields in told.sink.named("observation_missing")]
    assert sorted(missing) == sorted([SOL, SOL, "volumes", "clock"])  # its price, its 4h bars


@pytest.mark.parametrize("planned", [(), (SOL,)])
def test_an_unusable_ledger_is_said_and_every_plan_refused(planned):
    gate = RecordingGate(error=StateUnavailable("the disk is full", where="a.db"))
    told = observe(a_table(), *planned, gate=gate, then=judge_plans)
    (warning,) = told.context.warnings
    assert "no plan is approved" in warning
    assert "the disk is full" in warning
    assert told.context.account is None
    assert gate.judged == []
    assert [str(one.reason) for one in told.context.ended] == ["rejected:audit_unwritable"] * len(
        planned
    )
    for candidate in told.context.ended:
        assert candidate.reason is not None
        assert candidate.reason.stage is Stage.REJECTED
        assert "the disk is full" in candidate.detail
    assert len(told.sink.named("state_unavailable")) == 1


def test_the_gate_is_asked_beside_the_event_loop():
    gate = RecordingGate()
    observe(a_table(), SOL, gate=gate)
    assert threading.current_thread().name not in gate.threads


def test_progress_reaches_every_market():
    told = observe(a_table(), SOL, BTC)
    assert ("observing", 2, 2) in told.progress
    assert ("correlating", 2, 2) in told.progress


def test_a_rate_that_is_not_known_is_none():
    table = a_table()
    in_euro = {
        symbol: replace(rules, quote=Currency("EUR")) for symbol, rules in table.listed.items()
    }
    told = observe(a_table(listed=in_euro), SOL)
    assert told.observations.markets[SOL].quote_rate is None
    rated = a_table(listed=in_euro, rates={("EUR", "USDT"): Decimal("1.08")})
    assert observe(rated, SOL).observations.markets[SOL].quote_rate == Decimal("1.08")
