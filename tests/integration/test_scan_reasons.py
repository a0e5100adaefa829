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
from snipersight.domain.candles import Candles
from snipersight.domain.decision import Candidate
from snipersight.domain.errors import DataInvalid, SniperSightError, UnknownSymbol, VenueUnavailable
from snipersight.domain.instrument import Instrument, MarginTier
from snipersight.domain.ports import LeaderContext, PlanFeed, PlanSource, RiskGate
from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Symbol
from snipersight.planner.smc_source import SmcPlanSource
from snipersight.planner.voids import VoidReason
from tests.fakes.candle_table import CandleTable, with_prices
from tests.fakes.scanning import (
    NOON_MS,
    a_gate,
    a_lively_profile,
    an_account,
    scan,
    synthetic_table,
)

PERPETUALS = tuple(f"{base}/USDT:USDT" for base in "BTC ETH SOL DOGE LINK".split())
SPOT = tuple(f"{base}/USDT" for base in "BTC ETH SOL DOGE LINK".split())
MOMENTS = tuple(NOON_MS - days * DAY_MS for days in range(5))
M15 = Timeframe.parse("15m")


def usual_table() -> CandleTable:
    return synthetic_table(PERPETUALS)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One scan that is set up to end somewhere; everything not named is harmless."""

    table: Callable[[], CandleTable] = usual_table
    profile: Mapping[str, Any] = field(default_factory=dict)
    gate: RiskGate = field(default_factory=a_gate)
    account: AccountState = field(default_factory=an_account)
    plans: Callable[[Profile], PlanSource] = SmcPlanSource

    def reasons(self, as_of_ms: int) -> set[str]:
        """Return how the candidates of one scan ended."""
        table, profile = self.table(), a_lively_profile(**self.profile)
        report = scan(
            table,
            profile,
            symbols=",".join(table.listed),
            as_of_ms=as_of_ms,
            plans=self.plans(profile),
            gate=self.gate,
            account=self.account,
        )
        return {name for name, _ in report.funnel}


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


def tiers(*, max_leverage: int, maintenance: str) -> Callable[[], CandleTable]:
    tier = MarginTier(
        notional_floor=Decimal(0),
        max_leverage=Decimal(max_leverage),
        maintenance_fraction=Decimal(maintenance),
    )
    return traded_by(margin_tiers=(tier,))


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
    # The risk gate.
    "rejected:equity": Scene(account=an_account("0")),
    "rejected:available_margin": Scene(account=an_account(available_margin=Decimal(0))),
    "rejected:max_risk_per_trade": Scene(gate=a_gate("0.02", max_risk_fraction=Decimal("0.01"))),
    "rejected:quote_rate": Scene(account=an_account(currency="EUR")),
    "rejected:liquidation": Scene(table=tiers(max_leverage=125, maintenance="0.99")),
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
    "instrument_mismatch": "the scan passes the plan's own instrument",
    "round_trip_cost": "the planner's costs are finite and never negative",
    "above_maximum": "a size is capped at the venue's largest",
    "max_leverage": "a size is capped by the leverage that is allowed",
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
    reached = {reason.partition(":")[2] for reason in REACHED}
    assert found - reached <= ONLY_IN_UNITS.keys()
    assert reached - {""} | ONLY_IN_UNITS.keys() <= found  # nothing here is out of date
    assert len(found) > 30  # the pattern still finds them
