"""What holds for every backtest, whatever the markets, the plans and the management."""

from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from snipersight.domain.audit import AuditKind
from snipersight.domain.ledger import EntryId
from snipersight.engine.backtesting.results import BacktestResult, BacktestTrade
from snipersight.risk.policy import RiskPolicy
from tests.builders.backtests import BALANCE, HOURLY, at_hour, free_market, free_policy, lived
from tests.builders.wandering_backtests import (
    WanderingPlans,
    cut,
    managed,
    told,
    wandering_markets,
)

pytestmark = pytest.mark.slow

HOURS = 96
CALM = free_policy(
    max_daily_loss="0.9", max_weekly_loss="0.9", max_drawdown="0.9", max_loss_streak=1000
)
STRICT = free_policy(max_total="0.02", max_per_asset="0.01", max_cluster="0.02", max_positions=2)
FEES = {"maker": "0.0002", "taker": "0.0005"}
seeds = st.integers(0, 15)  # few, so that the laws share their runs
policies = st.sampled_from([CALM, STRICT, free_policy()])
fewer = settings(max_examples=15)


@cache
def a_run(seed: int, policy: RiskPolicy = CALM, *, missing: float = 0.0) -> BacktestResult:
    """Return a backtest that pays fees."""
    markets = [
        replace(one, instrument=free_market(one.instrument.symbol, **FEES))
        for one in wandering_markets(seed, bars=HOURS, missing=missing)
    ]
    return lived(markets, WanderingPlans(seed=seed), profile=managed(seed), policy=policy)


def brought(trade: BacktestTrade) -> float:
    """Return what a trade's steps come to, quote currency."""
    sign, size = trade.plan.direction.sign, float(trade.staged.whole)
    moved = sum(sign * (one.proceeds - one.entry_value) for one in trade.steps)
    return size * (moved - sum(one.fees + one.funding for one in trade.steps))


def everything(result: BacktestResult):
    """Return a result as values that can be compared."""
    daily = result.daily
    return (
        result.trades,
        result.refused,
        result.funnel,
        result.standing,
        result.records,
        result.rearmed_ms,
        daily.equity.tolist(),
        daily.exposure.tolist(),
    )


@fewer
@given(seeds, policies)
def test_the_balance_is_what_it_began_with_and_what_was_realised(seed, policy):
    result = a_run(seed, policy)
    realised = sum((one.result for one in result.trades), Decimal(0))
    assert result.standing.balance == BALANCE + realised
    assert realised == sum((one.entry.realised for one in result.trades), Decimal(0))


@fewer
@given(seeds, policies)
def test_the_steps_of_a_trade_that_is_over_come_to_what_the_ledger_realised(seed, policy):
    over = [one for one in a_run(seed, policy).trades if one.outcome.status.is_final]
    for trade in over:
        assert float(trade.entry.realised) == pytest.approx(brought(trade), abs=1e-9)
        assert not trade.entry.state.is_live


@fewer
@given(seeds, policies)
def test_sizes_of_the_ledger_are_those_of_the_steps(seed, policy):
    for trade in a_run(seed, policy).trades:
        held = trade.steps[-1].held if trade.steps else 0.0
        assert float(trade.entry.open_size) == pytest.approx(held * float(trade.staged.whole))
        assert trade.staged.whole <= trade.staged.approved.size


@fewer
@given(seeds, policies)
def test_equity_at_the_end_is_the_balance_and_what_is_open_at_the_last_close(seed, policy):
    markets = wandering_markets(seed, bars=HOURS)
    closes = {one.instrument.symbol: float(one.bars[HOURLY].close[-1]) for one in markets}
    result = lived(markets, WanderingPlans(seed=seed), profile=managed(seed), policy=policy)
    worth = float(result.standing.balance)
    for trade in result.trades:
        entry, sign = trade.entry, trade.plan.direction.sign
        if entry.open_size > 0:
            # What the open part paid at its entry counts when it is closed.
            bought = float(entry.fill_price or 0)
            worth += sign * float(entry.open_size) * (closes[trade.plan.symbol] - bought)
    assert result.daily.equity[-1] == pytest.approx(worth, abs=1e-6)


@fewer
@given(seeds, policies)
def test_every_candidate_ends_in_one_way(seed, policy):
    result = a_run(seed, policy)
    plans = WanderingPlans(seed=seed)
    count = 0
    for one in wandering_markets(seed, bars=HOURS):
        feed = plans.open(one.instrument, None)
        count += len(feed.advance(one.bars, until_ms=at_hour(HOURS)))
    assert sum(result.funnel.values()) == count
    assert result.funnel.get("approved", 0) == len(result.trades)
    plans_of = [one.plan.plan_id for one in result.trades]
    assert len(set(plans_of)) == len(plans_of)


@fewer
@given(seeds, policies)
def test_records_come_in_the_order_of_time(seed, policy):
    times = [one.at_us for one in a_run(seed, policy).records]
    assert times == sorted(times)


@fewer
@given(seeds, policies)
def test_limits_hold_whenever_budget_is_taken(seed, policy):
    equity = Decimal(0)
    for one in told(a_run(seed, policy)):
        if one.decision is not None:
            equity = one.decision.inputs.account.equity
        if one.record.kind is not AuditKind.RESERVED:
            continue
        taken = one.ledger[EntryId(one.record.subject)]
        mine = [entry for entry in one.live if entry.underlying == taken.underlying]
        assert taken.amounts.risk <= policy.max_risk_per_trade * equity
        assert sum(entry.amounts.risk for entry in mine) <= policy.max_per_asset * equity
        assert sum(entry.amounts.risk for entry in one.live) <= policy.max_total * equity
        assert len(one.live) <= policy.max_positions


@fewer
@given(seeds)
def test_a_market_has_one_live_trade_at_a_time(seed):
    spans: dict[str, list[tuple[int, int]]] = {}
    for trade in a_run(seed).trades:
        ended_us = trade.entry.ended_us or at_hour(HOURS) * 1000
        spans.setdefault(trade.plan.symbol, []).append((trade.entry.reserved_us, ended_us))
    for mine in spans.values():
        for (_, ended_us), (began_us, _) in pairwise(mine):
            assert ended_us <= began_us


@fewer
@given(seeds, policies)
def test_no_claim_is_left_once_all_trades_ended(seed, policy):
    result = a_run(seed, policy)
    *_, last = told(result)
    open_ids = {one.entry.entry_id for one in result.trades if not one.outcome.status.is_final}
    assert {one.entry_id for one in last.live} <= open_ids
    assert all(
        one.pending_size == 0 and one.open_size == 0
        for one in last.ledger.values()
        if one.entry_id not in open_ids
    )


@fewer
@given(seeds, policies)
def test_the_order_of_the_markets_does_not_matter(seed, policy):
    markets = wandering_markets(seed, bars=HOURS)
    plans = WanderingPlans(seed=seed)
    one = lived(markets, plans, profile=managed(seed), policy=policy)
    other = lived(markets[::-1], plans, profile=managed(seed), policy=policy)
    assert everything(one) == everything(other)


@fewer
@given(seeds, policies)
def test_the_same_backtest_again_is_the_same(seed, policy):
    again = a_run.__wrapped__(seed, policy)
    assert everything(again) == everything(a_run(seed, policy))


def decided_by(seed: int, hour: int, *, peeks: int, policy=CALM) -> tuple[object, object]:
    """Return what two backtests say of all that happened by an hour: with the future, and without."""
    markets = wandering_markets(seed, bars=HOURS, missing=0.05)
    plans = WanderingPlans(seed=seed, peeks=peeks)
    whole = lived(markets, plans, profile=managed(seed), policy=policy, hours=HOURS)
    early = [cut(one, at_hour(hour)) for one in markets]
    part = lived(early, plans, profile=managed(seed), policy=policy, hours=hour)
    return happened(whole, hour), happened(part, hour)


def happened(result: BacktestResult, hour: int) -> object:
    """Return what a backtest says of all that happened by an hour."""
    end_ms = at_hour(hour)
    began = [one for one in result.trades if one.entry.reserved_us <= end_ms * 1000]
    days = result.daily.days_ms + 24 * 3_600_000 <= end_ms
    return (
        [one.staged.approved for one in began],
        [[step for step in one.steps if step.at_ms <= end_ms] for one in began],
        [one for one in result.records if one.at_us <= end_ms * 1000],
        result.daily.equity[days].tolist(),
        result.daily.exposure[days].tolist(),
    )


@fewer
@given(seeds, st.integers(5, HOURS - 1), policies)
@example(174, 8, CALM)  # a plan waits while the last bars are missing
def test_what_happened_by_a_moment_follows_from_what_was_known_then(seed, hour, policy):
    whole, part = decided_by(seed, hour, peeks=0, policy=policy)
    assert whole == part


@fewer
@given(seeds, st.integers(20, HOURS - 1))
def test_a_period_may_end_before_the_markets_do(seed, hour):
    """Many periods are traded in one arena, one after the other."""
    markets, plans = wandering_markets(seed, bars=HOURS), WanderingPlans(seed=seed)
    shared = lived(markets, plans, profile=managed(seed), hours=hour, known_hours=HOURS)
    alone = lived(markets, plans, profile=managed(seed), hours=hour)
    assert everything(shared) == everything(alone)


@pytest.mark.parametrize("bars", [1, 5])
def test_a_source_that_peeks_is_caught(bars):
    told_apart = 0
    for hour in range(20, 40):
        whole, part = decided_by(3, hour, peeks=bars)
        told_apart += whole != part
    assert told_apart > 0


def test_wandering_trades_end_in_every_way():
    """The laws above are told of something."""
    endings, statuses = set(), set()
    for seed in range(12):
        for trade in a_run(seed).trades:
            endings.add(trade.outcome.ending.value)
            statuses.add(trade.outcome.status.value)
    assert endings >= {"stop", "targets", "break_even", "trailed", "time_stop"}
    assert statuses >= {"closed", "open", "expired", "missed"}
    assert np.isfinite(a_run(1).daily.equity).all()
