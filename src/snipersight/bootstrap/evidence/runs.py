"""Backtests as they are kept: what a run depends on, and how many were made on its candles.

Candles of one venue, market and time are the same whatever file they lie in and whichever
timeframe is read of them. So a run counts as a trial of another where both traded one market of one
venue at one time: profiles that were tried on the same years are trials as well as values of one.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from snipersight.domain.candles import COLUMNS, Candles
from snipersight.domain.evidence_columns import Numbers
from snipersight.domain.units import plain
from snipersight.engine.backtesting.measuring import equity_of
from snipersight.performance.returns import daily_returns
from snipersight.performance.sharpe import estimate_sharpe
from snipersight.performance.trials import ONE_TRIAL, Trials
from snipersight.planner.smc_source import SmcPlanSource
from snipersight.risk.audit.code_hash import code_hash
from snipersight.storage.kept_runs import Figure, KeptRun, RunFolder

if TYPE_CHECKING:
    from snipersight.bootstrap.evidence.backtest import RecordedWorld
    from snipersight.engine.backtesting.results import BacktestResult
    from snipersight.engine.backtesting.study import Study

_ENGINE: Final = "snipersight.engine.backtest"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunKey:
    """What a run depends on.

    Args:
        candles_hash: of every bar, rule and state of the leading market up to the period's end.
        code_hash: of the engine and the source of plans, with all that they use.
        markets: venue and symbol of each, sorted.
        run_id: hash of these and of profile, limits, account and period.
    """

    candles_hash: str
    code_hash: str
    markets: tuple[str, ...]
    run_id: str


def key_of(world: RecordedWorld, recorded: blake2b | None = None) -> RunKey:
    """Return what a backtest of a world depends on.

    Args:
        world: what it is made of.
        recorded: `recordings_hash` of it, where many share their recordings and period's end.
    """
    terms = world.terms
    candles = _candles_hash(world, recorded or recordings_hash(world))
    code = code_hash(_ENGINE, type(terms.plans).__module__)
    facts = (
        candles,
        code,
        terms.profile.content_hash,
        terms.policy.hash,
        terms.plans.name,
        terms.currency,
        plain(terms.balance),
        terms.period.start_ms,
        terms.period.end_ms,
        terms.rearm_days,
        *(() if world.arena.universe is None else (world.arena.universe.content_hash,)),
    )
    return RunKey(
        candles_hash=candles,
        code_hash=code,
        markets=markets_of(world),
        run_id=hashlib.sha256(repr(facts).encode()).hexdigest()[:16],
    )


def trials_for(world: RecordedWorld, result: BacktestResult, folder: Path | None) -> Trials:
    """Return every distinct run that was made on these candles, this one among them.

    Args:
        world: what it was made of.
        result: what it gave.
        folder: of the runs that are kept; None: this one alone is counted.

    Raises:
        StateUnavailable: a kept run cannot be read, so that they cannot be counted.
    """
    if folder is None:
        return ONE_TRIAL
    key = key_of(world)
    kept = kept_beside(world, RunFolder(folder).all())
    others = [one.returns for one in kept if one.run_id != key.run_id]
    own = daily_returns(equity_of(result))
    sharpes = [_sharpe(np.asarray(returns)) for returns in (own, *others)]
    return Trials(count=len(sharpes), sharpes=np.array(sharpes))


def kept_beside(world: RecordedWorld, runs: Iterable[KeptRun]) -> tuple[KeptRun, ...]:
    """Return the runs of a market and a time of a world, in their order.

    Args:
        world: what a run is made of.
        runs: that are kept.
    """
    markets, period = markets_of(world), world.terms.period
    return tuple(
        one
        for one in runs
        if one.start_ms < period.end_ms
        and one.end_ms > period.start_ms
        and not set(one.markets).isdisjoint(markets)
    )


def markets_of(world: RecordedWorld) -> tuple[str, ...]:
    """Return venue and symbol of each market of a world, sorted."""
    markets = (f"{one.instrument.venue} {at}" for at, one in world.arena.recordings.items())
    return tuple(sorted(markets))


def present_code() -> str:
    """Return the hash of the code that backtests of the scan's plans are made by."""
    return code_hash(_ENGINE, SmcPlanSource.__module__)


def record_run(
    study: Study, world: RecordedWorld, folder: Path | None, *, is_shipped: bool = False
) -> KeptRun | None:
    """Keep a finished backtest and return it; None where nothing is to be kept.

    Args:
        study: what it showed.
        world: what it was made of.
        folder: of the runs that are kept; None: it is not.
        is_shipped: it is a backtest of the values of a shipped profile, and no run of a sweep.

    Raises:
        StateUnavailable: it cannot be kept.
    """
    if folder is None:
        return None
    run = kept_run(study, world, made_ms=time.time_ns() // 1_000_000, is_shipped=is_shipped)
    RunFolder(folder).keep(run)
    return run


def kept_run(
    study: Study,
    world: RecordedWorld,
    *,
    made_ms: int,
    key: RunKey | None = None,
    is_shipped: bool = False,
) -> KeptRun:
    """Return a finished backtest as it is kept.

    Args:
        study: what it showed.
        world: what it was made of.
        made_ms: now, milliseconds UTC.
        key: what it depends on, where that is known.
        is_shipped: it is a backtest of the values of a shipped profile, and no run of a sweep.
    """
    key, terms, result = key or key_of(world), world.terms, study.result
    return KeptRun(
        run_id=key.run_id,
        made_ms=made_ms,
        profile=terms.profile.name,
        profile_hash=terms.profile.content_hash,
        values_hash=terms.profile.values_hash,
        is_shipped=is_shipped,
        policy_hash=terms.policy.hash,
        code_hash=key.code_hash,
        candles_hash=key.candles_hash,
        source=result.source,
        markets=key.markets,
        start_ms=result.period.start_ms,
        end_ms=result.period.end_ms,
        currency=result.currency,
        starting_balance=plain(result.starting_balance),
        rearm_days=terms.rearm_days,
        random_runs=0 if study.random is None else study.random.runs,
        trials=study.trials.count,
        out_of_sample=study.out_of_sample,
        finding=study.verdict.finding,
        sentence=study.verdict.sentence,
        metrics=_metrics(study),
        returns=tuple(daily_returns(equity_of(result)).tolist()),
    )


def _metrics(study: Study) -> dict[str, float | None]:
    equity, trades, random = study.equity, study.trades, study.random
    figures = {
        Figure.TOTAL_RETURN: equity.total_return,
        Figure.CAGR: equity.cagr,
        Figure.SHARPE: equity.sharpe,
        Figure.SORTINO: equity.sortino,
        Figure.CALMAR: equity.calmar,
        Figure.DEEPEST_DRAWDOWN: None if equity.deepest is None else equity.deepest.depth,
        Figure.TRADES: float(trades.trades),
        Figure.EXPECTANCY_R: trades.expectancy_r,
        Figure.HIT_RATE: trades.hit_rate,
        Figure.PROFIT_FACTOR: trades.profit_factor,
        Figure.COST_BP: trades.cost_bp,
        Figure.RANDOM_P_VALUE: None if random is None else random.p_value,
    }
    return {name.value: figure for name, figure in figures.items()}


def _sharpe(returns: Numbers) -> float:
    """Return the ratio a day; one that never varied has 0."""
    estimate = estimate_sharpe(returns)
    return 0.0 if estimate is None else estimate.sharpe


def recordings_hash(world: RecordedWorld) -> blake2b:
    """Return a hash of every bar and rule up to the period's end, to be added to."""
    digest, end_ms = blake2b(digest_size=8), world.terms.period.end_ms
    for symbol, one in sorted(world.arena.recordings.items()):
        digest.update(repr((symbol, one.instrument, one.quote_rate, one.is_leading)).encode())
        if one.funding is not None:
            due = ((at, rate) for at, rate in one.funding.rates.items() if at <= end_ms)
            digest.update(repr(sorted(due)).encode())
        for candles in (*(one.bars[at] for at in sorted(one.bars)), one.finer):
            for part in _bytes_of(candles, end_ms):
                digest.update(part)
    return digest


def _candles_hash(world: RecordedWorld, recorded: blake2b) -> str:
    digest, end_ms = recorded.copy(), world.terms.period.end_ms
    step_ms = world.terms.profile.timeframe("bias").duration_ms
    start_ms = world.terms.period.start_ms // step_ms * step_ms
    states = (world.leader.at(moment) for moment in range(start_ms, end_ms + 1, step_ms))
    digest.update(repr([(one.trend, one.regime) for one in states]).encode())
    return digest.hexdigest()


def _bytes_of(candles: Candles, end_ms: int) -> Iterable[bytes]:
    known = candles.known_at(end_ms)
    yield str(candles.timeframe).encode()
    yield known.open_time.tobytes()
    for name in COLUMNS:
        yield getattr(known, name).tobytes()
