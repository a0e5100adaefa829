"""Worlds of wandering markets that backtests are made of, studied and kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache

import numpy as np
import numpy.typing as npt

from snipersight.analysis.leader import LeaderTimeline
from snipersight.bootstrap.evidence.backtest import RecordedWorld
from snipersight.domain.units import Currency
from snipersight.engine.backtest import BacktestTerms, backtest
from snipersight.engine.backtesting.arena import Arena
from snipersight.engine.backtesting.measuring import closed_trades
from snipersight.engine.backtesting.results import BacktestResult
from snipersight.engine.backtesting.study import NO_RUNS, Study, studied
from snipersight.engine.recording import Period
from snipersight.performance.trials import ONE_TRIAL, Trials
from tests.builders.backtests import a_profile_of_hours, at_hour, free_policy
from tests.builders.wandering_backtests import WanderingPlans, wandering_markets


def a_world(
    *,
    seed: int = 1,
    bars: int = 240,
    count: int = 2,
    rate: float = 0.2,
    first_hour: int = -1,
    balance: int = 10_000,
    time_stop_hours: str | None = None,
) -> RecordedWorld:
    """Return a world of markets of so many hours, traded from an hour on by plans of chance."""
    rules = {} if time_stop_hours is None else {"time_stop_hours": time_stop_hours}
    profile, end_ms = a_profile_of_hours(**rules), at_hour(bars)
    markets = {
        one.instrument.symbol: one for one in wandering_markets(seed, bars=bars, count=count)
    }
    terms = BacktestTerms(
        profile=profile,
        plans=WanderingPlans(seed=seed, rate=rate),
        policy=free_policy(),
        currency=Currency("USDT"),
        balance=Decimal(balance),
        period=Period(start_ms=at_hour(first_hour), end_ms=end_ms),
    )
    arena = Arena.of(markets, profile, venue="sandbox", until_ms=end_ms)
    return RecordedWorld(arena=arena, leader=LeaderTimeline(profile), terms=terms, unread=())


def result_of(world: RecordedWorld) -> BacktestResult:
    """Return what its account lived through."""
    return backtest(world.arena, world.leader, world.terms)


def study_of(
    world: RecordedWorld,
    *,
    random: npt.NDArray[np.float64] = NO_RUNS,
    trials: Trials = ONE_TRIAL,
) -> Study:
    """Return what its backtest shows, as if no day of it had been looked at before."""
    result = result_of(world)
    return studied(
        result,
        world.arena.closes,
        out_of_sample=closed_trades(result),
        random_expectancies=random,
        trials=trials,
    )


@cache
def long_world() -> RecordedWorld:
    """Return 400 days of two markets: enough for windows, years and months."""
    return a_world(bars=400 * 24, rate=0.02)


@cache
def long_study(random: tuple[float, ...] = ()) -> Study:
    """Return the study of `long_world` beside random runs with these figures."""
    return study_of(long_world(), random=np.array(random))


def without_trades(world: RecordedWorld) -> RecordedWorld:
    """Return the same world, in which nobody ever has a plan."""
    return replace(world, terms=replace(world.terms, plans=WanderingPlans(seed=1, rate=0.0)))


def some_runs(count: int) -> tuple[float, ...]:
    """Return made-up averages of random runs, R."""
    values: Sequence[float] = np.random.default_rng(5).normal(-0.05, 0.1, count).tolist()
    return tuple(values)
