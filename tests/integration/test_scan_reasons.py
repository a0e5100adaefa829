"""Every way a candidate can end is reached by a scan with real parts over the built-in market.

The last test reads the codes out of the source: a new one without a scan that reaches it fails.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import snipersight
from snipersight.domain.account import AccountState
from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.candles import Candles
from snipersight.domain.decision import Candidate
from snipersight.domain.direction import Direction
from snipersight.domain.errors import DataInvalid, SniperSightError, UnknownSymbol, VenueUnavailable
from snipersight.domain.exposure import Basis
from snipersight.domain.instrument import Instrument
from snipersight.domain.ledger import Origin
from snipersight.domain.plan import TradePlan
from snipersight.domain.ports import LeaderContext, PlanFeed, PlanSource, RiskGate
from snipersight.domain.profile import Profile
from snipersight.domain.standing import AccountStanding, BreakerName
from snipersight.domain.store import UnitOfWork
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Money, Symbol
from snipersight.engine.report import ScanReport
from snipersight.planner.smc_source import SmcPlanSource
from snipersight.planner.voids import VoidReason
from snipersight.risk.breakers import standing as breakers
from snipersight.risk.exposure.checks import (
    MAX_CLUSTER,
    MAX_GROSS_NOTIONAL,
    MAX_MARGIN,
    MAX_PER_ASSET,
    MAX_POSITIONS,
    MAX_TOTAL,
)
from tests.builders.ledger import a_policy, an_entry
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
NOON_US = NOON_MS * 1000
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


def do(store: MemoryDecisionStore, change: Callable[[AccountStanding], AccountStanding]) -> None:
    """Do something to the account."""

    def work(unit: UnitOfWork) -> None:
        unit.save_standing(change(unit.account.standing))

    store.transact("tests", work)


def fill_disk(store: MemoryDecisionStore) -> None:
    store.lost_commits = True


def write_later(store: MemoryDecisionStore) -> None:
    """Record something an hour later than the gate's clock."""
    later = AuditDraft(
        kind=AuditKind.OPERATOR, subject="", actor="tests", at_us=NOON_US + 3_600_000_000
    )
    store.transact("tests", lambda unit: unit.append(later))


def halted(standing: AccountStanding) -> AccountStanding:
    return breakers.halt(standing, at_us=NOON_US, reason="news")


def unlucky(standing: AccountStanding) -> AccountStanding:
    for _ in range(5):
        standing = _closed(standing, Symbol("XRP/USDT:USDT"), Direction.LONG, by_stop=False)
    return standing


def lose(store: MemoryDecisionStore, amount: str, *, days_ago: int) -> None:
    """Lose an amount on a day, once, after the account was marked at its full worth."""
    at_us = NOON_US - days_ago * DAY_MS * 1000
    policy = a_policy()

    def lost(standing: AccountStanding) -> AccountStanding:
        if standing.realised:
            return standing
        marked = breakers.mark(standing, equity=standing.balance, at_us=at_us, policy=policy)
        poorer = replace(marked, realised=Money(Decimal(amount)))
        after = breakers.mark(poorer, equity=poorer.balance, at_us=at_us, policy=policy)
        return replace(after, tripped=())  # the gate itself has to see it

    do(store, lost)


def stop_out(store: MemoryDecisionStore, plan: TradePlan) -> None:
    do(store, lambda standing: _closed(standing, plan.symbol, plan.direction, by_stop=True))


def _closed(
    standing: AccountStanding, symbol: Symbol, direction: Direction, *, by_stop: bool
) -> AccountStanding:
    return breakers.note_result(
        standing,
        realised=Decimal(-1),
        by_stop=by_stop,
        symbol=symbol,
        direction=direction,
        at_us=NOON_US,
        policy=a_policy(),
    )


def hold(
    store: MemoryDecisionStore,
    plan: TradePlan,
    *,
    notional: int = 4000,
    is_pending: bool = False,
    **changes: Any,
) -> None:
    """Hold a position in the plan's market, or wait for one, that risks a tenth of its notional."""
    size = f"{Decimal(notional) / plan.entry_near:.9f}"
    sizes: dict[str, Any] = {"pending": size} if is_pending else {"filled": size}
    direction = changes.pop("direction", plan.direction)
    entry = an_entry(
        plan.symbol,
        entry_id=f"held-{plan.plan_id}",
        account_id="tests",
        direction=direction,
        entry=str(plan.entry_near),
        reserved_us=NOON_US,
        expires_us=None,
        **sizes,
        **changes,
    )
    store.transact("tests", lambda unit: unit.save_entry(entry))


TIGHT = Decimal("0.0405")  # a position of `hold` risks 4 % of the account
NEARLY: dict[str, Any] = {
    "smallest_share": Decimal("0.9"),
    "max_risk_per_trade": Decimal("0.01"),
}
REACHED: dict[str, Scene] = {
    "approved": Scene(),
    "no_setup": Scene(profile=roles("trigger", min_gap_atr=10)),
    # Void before anybody could enter.
    "gated:target_touched": Scene(),
    "gated:stop_touched": Scene(),
    "gated:structure_shift": Scene(),
    "gated:repeated": Scene(plans=lambda profile: Stuttering(SmcPlanSource(profile))),
    # Gates of the plan source.
    "gated:too_little_history": Scene(
        profile=roles("trigger", burn_in_bars=100, epoch_bars=400, zone_max_age_bars=100)
    ),
    "gated:history_gap": Scene(table=with_hole),
    "gated:entry_zone": Scene(profile={"setup": {"zone_from": ["gap"]}}),
    "gated:bias_alignment": gates(bias_alignment="with"),
    "gated:leader_alignment": gates(leader_alignment="with"),
    "gated:leader_unknown": Scene(
        table=without_leader, profile={"gates": {"leader_alignment": "with"}}
    ),
    "gated:leader_regime": Scene(
        profile=roles("bias", volatile_enter=0.01, volatile_leave=0.0)
        | {"gates": {"regimes": ["trend", "range"], "leader_alignment": "not_against"}}
    ),
    "gated:regime": gates(regimes=["volatile"]),
    "gated:range_position": gates(max_range_position=0.0),
    "gated:score": gates(min_score=100),
    # No sound plan.
    "declined:unknown_instrument": Scene(table=traded_by(lot=None)),
    "declined:no_short": Scene(table=lambda: synthetic_table(SPOT)),
    "declined:tick_too_coarse": Scene(table=in_coarse_ticks(1_000_000)),
    "declined:price_in_zone": Scene(table=in_coarse_ticks(100)),
    "declined:stop_not_positive": Scene(table=storms, profile={"planner": {"stop_buffer_atr": 5}}),
    "declined:stop_too_wide": planner(max_stop_atr=0.1),
    "declined:cost": planner(max_cost_fraction=0.0001),
    "declined:no_target": planner(min_target_r=20, max_target_r=21),
    "declined:min_rr": planner(min_rr=20),
    "declined:below_minimum": Scene(account=an_account("1")),
    # The risk gate: can anything be recorded and trusted.
    "rejected:audit_unwritable": Scene(before=lambda store, _plan: fill_disk(store)),
    "rejected:clock_backwards": Scene(before=lambda store, _plan: write_later(store)),
    "rejected:clock_skew": Scene(table=lambda: replace(usual_table(), skew=1001)),
    # Breakers.
    "rejected:halted": Scene(before=lambda store, _plan: do(store, halted)),
    "rejected:daily_loss": Scene(before=lambda store, _plan: lose(store, "-400", days_ago=0)),
    "rejected:weekly_loss": Scene(before=lambda store, _plan: lose(store, "-700", days_ago=1)),
    "rejected:drawdown": Scene(before=lambda store, _plan: lose(store, "-2000", days_ago=7)),
    "rejected:loss_streak": Scene(before=lambda store, _plan: do(store, unlucky)),
    "rejected:unprotected_position": Scene(
        before=lambda store, plan: hold(store, plan, unprotected_since_us=NOON_US - 60_000_000)
    ),
    "rejected:cooldown": Scene(before=stop_out),
    # The plan and its market.
    "rejected:max_risk_per_trade": Scene(
        risk="0.02", limits={"max_risk_per_trade": Decimal("0.01")}
    ),
    "rejected:min_rr": Scene(limits={"min_rr": Decimal(100)}),
    "rejected:restricted_symbol": Scene(limits={"restricted": tuple(BASES)}),
    "rejected:unknown_reference": Scene(
        table=lambda: replace(usual_table(), unpriced=frozenset(map(Symbol, PERPETUALS)))
    ),
    "rejected:stale_data": Scene(late_ms=599_000, limits={"max_data_age_us": 0}),
    "rejected:price_collar": Scene(limits={"price_collar": Decimal("0.000001")}),
    # What is held in the asset.
    "rejected:opposing_position": Scene(
        before=lambda store, plan: hold(store, plan, direction=plan.direction.opposite)
    ),
    "rejected:opposing_plan": Scene(
        before=lambda store, plan: hold(
            store, plan, direction=plan.direction.opposite, is_pending=True
        )
    ),
    "rejected:foreign_position": Scene(
        before=lambda store, plan: hold(store, plan, plan_id=None, origin=Origin.FOREIGN)
    ),
    "rejected:already_live": Scene(
        before=lambda store, plan: hold(store, plan, setup_id=plan.setup_id, is_pending=True)
    ),
    # The account and the size.
    "rejected:equity": Scene(account=an_account("0")),
    "rejected:quote_rate": Scene(account=an_account(currency="EUR")),
    "rejected:max_leverage": Scene(
        before=lambda store, plan: hold(store, plan, notional=9_990, leverage="5"),
        limits=NEARLY | {"max_leverage": Decimal(1)},
    ),
    # All trades together; what is held leaves less than nine tenths of the next trade.
    "rejected:max_per_asset": Scene(before=hold, limits=NEARLY | {"max_per_asset": TIGHT}),
    "rejected:max_cluster": Scene(before=hold, limits=NEARLY | {"max_cluster": TIGHT}),
    "rejected:max_total": Scene(
        before=lambda store, plan: hold(
            store, plan, notional=19_990, underlying="XRP", leverage="5", is_pending=True
        ),
        limits=NEARLY
        | {"basis": Basis.NOTIONAL, "max_total": Decimal(2), "max_per_asset": Decimal(2)},
    ),
    "rejected:max_gross_notional": Scene(
        before=lambda store, plan: hold(store, plan, notional=9_990, leverage="5"),
        limits=NEARLY | {"max_leverage": Decimal(1)},
        risk="0.002",
    ),
    "rejected:max_margin": Scene(before=hold, limits=NEARLY | {"max_margin": Decimal("0.4001")}),
    "rejected:max_positions": Scene(before=hold, limits={"max_positions": 1}),
    "rejected:liquidity": Scene(
        table=lambda: replace(usual_table(), unmeasured=frozenset(map(Symbol, PERPETUALS)))
    ),
}

FAULTS: dict[str, SniperSightError] = {
    "unknown": UnknownSymbol("not listed any more"),
    "bad candles": DataInvalid("NaN or infinite value at 2024-06-01T00:00:00Z"),
    "an outage": VenueUnavailable("rate limited"),
}


@pytest.mark.parametrize("reason", REACHED)
def test_a_scan_reaches_the_reason(reason):
    scene = REACHED[reason]
    seen: set[str] = set()
    for moment in MOMENTS:
        seen |= scene.reasons(moment)
        if reason in seen:
            return
    pytest.fail(f"{reason} is not among {sorted(seen)}")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_symbol_that_cannot_be_read_has_no_data(fault):
    eth = Symbol("ETH/USDT:USDT")
    table = replace(usual_table(), faults={eth: FAULTS[fault]})
    report = scan(table, a_lively_profile(), symbols=",".join(table.listed))
    (refusal,) = (refusal for refusal in report.refusals if refusal.symbol == eth)
    assert str(refusal.reason) == "no_data"
    assert FAULTS[fault].what in refusal.detail


def test_too_short_a_history_is_no_data_and_says_what_is_needed():
    table = usual_table().since(NOON_MS - 3 * DAY_MS)
    report = scan(table, a_lively_profile(), symbols="SOL/USDT:USDT")
    (refusal,) = report.refusals
    assert str(refusal.reason) == "no_data"
    assert "1h begins 2024-06-04T12:00:00Z and needs 9 days" in refusal.detail


@pytest.mark.parametrize("minutes", [15, 60, 3000])
def test_a_symbol_whose_candles_end_too_early_is_stale(minutes):
    table = usual_table()
    sol = Symbol("SOL/USDT:USDT")
    late = table.base[sol].known_at(NOON_MS - minutes * 60_000)
    report = scan(
        replace(table, base={**table.base, sol: late}), a_lively_profile(), symbols="SOL/USDT:USDT"
    )
    (refusal,) = report.refusals
    assert str(refusal.reason) == "stale"
    assert f"{minutes // 5} bars before 2024-06-07T12:00:00Z" in refusal.detail


def test_a_venue_that_is_one_bar_late_is_not_stale():
    table = usual_table()
    cut = {symbol: candles.known_at(NOON_MS - 300_000) for symbol, candles in table.base.items()}
    report = scan(
        replace(table, base=cut, now=NOON_MS), a_lively_profile(), symbols="SOL/USDT:USDT"
    )
    assert "stale" not in {str(refusal.reason) for refusal in report.refusals}


def test_a_lagging_higher_timeframe_is_stale_even_where_the_trigger_is_fresh():
    table = usual_table()
    sol, hour = Symbol("SOL/USDT:USDT"), Timeframe.parse("1h")
    old = table.coarse(sol, hour, end_ms=NOON_MS).known_at(NOON_MS - 2 * 3_600_000)
    report = scan(
        replace(table, own={(sol, hour): old}), a_lively_profile(), symbols="SOL/USDT:USDT"
    )
    (refusal,) = report.refusals
    assert str(refusal.reason) == "stale"
    assert refusal.detail == (
        "the newest 1h bar closed at 2024-06-07T10:00:00Z, 2 bars before 2024-06-07T12:00:00Z"
    )


# Codes that no scan ends with, and why; each has its unit test.
ONLY_IN_UNITS = {
    "expired": "a scan looks back no further than a plan may live",
    "no_zone": "the gate entry_zone asks first",
    "regime_unknown": "the gate regime asks first",
    "instrument_mismatch": "the scan observes the plan's own market",
    "no_market_facts": "the scan observes every planned market",
    "incomplete_plan": "such a plan cannot be built",
    "stop_on_wrong_side": "such a plan cannot be built",
    "targets_on_wrong_side": "such a plan cannot be built",
    "stale_plan": "the core ends a plan that has expired before the gate sees it",
    "available_margin": "the ledger's account has its whole equity free; a venue's need not",
    "not_configured": "a gate without ports cannot be observed: audit_unwritable",
    "liquidation": "a size is capped by the leverage that liquidates beyond the stop",
    "trading_state": "asked of orders, not of plans",
    "round_trip_cost": "the planner's costs are finite and never negative",
    "above_maximum": "a size is capped at the venue's largest",
    "risk_budget": "a size is rounded down from the budget; the check is a safety net",
    "invalid_size": "a size of zero is below_minimum first",
    "position_constraints": "the name of the check where it is passed",
}


def test_every_code_of_the_source_is_reached_or_explained():
    root = Path(snipersight.__file__).parent
    pattern = re.compile(r'(?:code=|_positive\(|_breach\()\s*"([a-z_]+)"')
    found = {
        code
        for folder in ("analysis", "planner", "risk", "engine")
        for path in (root / folder).rglob("*.py")
        for code in pattern.findall(path.read_text(encoding="utf-8"))
    }
    found |= {reason.value for reason in VoidReason} | {"repeated"}
    found |= {name.value for name in BreakerName} - {"operator"} | {"halted"}
    found |= {MAX_PER_ASSET, MAX_CLUSTER, MAX_TOTAL, MAX_GROSS_NOTIONAL, MAX_MARGIN, MAX_POSITIONS}
    reached = {reason.partition(":")[2] for reason in REACHED}
    assert found - reached <= ONLY_IN_UNITS.keys()
    assert reached - {""} | ONLY_IN_UNITS.keys() <= found  # nothing here is out of date
    assert len(found) > 30  # the pattern still finds them
