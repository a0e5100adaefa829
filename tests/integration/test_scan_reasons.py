"""Every way a candidate can end is reached by a scan with real parts over the built-in market.

The last test reads the codes out of the source: a new one without a scan that reaches it fails.
"""

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import snipersight
from snipersight.domain.errors import DataInvalid, SniperSightError, UnknownSymbol, VenueUnavailable
from snipersight.domain.exposure import Basis
from snipersight.domain.ledger import Origin
from snipersight.domain.standing import BreakerName
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Symbol
from snipersight.planner.smc_source import SmcPlanSource
from snipersight.planner.voids import VoidReason
from snipersight.risk.exposure.checks import (
    MAX_CLUSTER,
    MAX_GROSS_NOTIONAL,
    MAX_MARGIN,
    MAX_PER_ASSET,
    MAX_POSITIONS,
    MAX_TOTAL,
)
from tests.builders.scan_accounts import (
    NOON_US,
    do,
    fill_disk,
    halted,
    hold,
    lose,
    stop_out,
    unlucky,
    write_later,
)
from tests.builders.scan_scenes import (
    BASES,
    MOMENTS,
    PERPETUALS,
    SPOT,
    Scene,
    Stuttering,
    gates,
    in_coarse_ticks,
    planner,
    roles,
    storms,
    traded_by,
    usual_table,
    with_hole,
    without_leader,
)
from tests.fakes.scanning import NOON_MS, a_lively_profile, an_account, scan, synthetic_table

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
    pattern = re.compile(r'(?:code=|_positive\(|_breach\(|Check\()\s*"([a-z_]+)"')
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
