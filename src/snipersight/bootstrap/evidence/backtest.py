"""A backtest over recorded candles, by the settings' limits and a profile's rules."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from snipersight.bootstrap.evidence.leaving import done_in_thread
from snipersight.bootstrap.evidence.recorded import (
    RecordedMarkets,
    RecordedRequest,
    open_recorded,
)
from snipersight.bootstrap.evidence.runs import record_run, trials_for
from snipersight.bootstrap.evidence.samples import sample_of
from snipersight.bootstrap.profiles import is_as_shipped
from snipersight.bootstrap.risk import build_policy
from snipersight.bootstrap.settings import Settings
from snipersight.domain.candles import Candles, utc_text
from snipersight.domain.errors import ConfigInvalid, DataInvalid, NoData
from snipersight.domain.ports import LeaderContext
from snipersight.domain.profile import Profile
from snipersight.domain.units import Currency, Symbol
from snipersight.engine.backtest import REARM_DAYS, BacktestTerms, backtest
from snipersight.engine.backtesting.arena import Arena
from snipersight.engine.backtesting.measuring import closed_trades
from snipersight.engine.backtesting.random_entries import RandomEntries
from snipersight.engine.backtesting.random_runs import RandomRuns, run_at_random
from snipersight.engine.backtesting.results import BacktestResult
from snipersight.engine.backtesting.study import NO_RUNS, Study, studied
from snipersight.engine.recording import Period, Recording, warm_ms
from snipersight.performance.samples import untouched
from snipersight.performance.trade_metrics import expectancy_r
from snipersight.planner.smc_source import WholePlanSource

Progress = Callable[[str, int, int], object]

# A run costs a second or two of one core over years of sixteen markets, so that all of them take a
# quarter of an hour. Where fifty did as well, the others cannot show an edge and are not made.
RANDOM_RUNS: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """How a backtest is made and what it is compared with.

    Args:
        random_runs: how many runs with random entries it is compared with, at the most: once the
            others cannot change what is concluded, they are not made.
        workers: processes that make those; 0: as many as there are cores.
        rearm_days: after how many days the operator lifts a breaker that waits for a person;
            0: never.
        kept_in: folder of all runs that were made, which are trials of this one and which it joins;
            None: it counts as the only one, and is not kept.
    """

    random_runs: int = RANDOM_RUNS
    workers: int = 0
    rearm_days: int = REARM_DAYS
    kept_in: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedWorld:
    """Everything that a backtest reads, in memory, so that many can be made of it.

    Args:
        arena: every market that could be read.
        leader: the leading market's state over time.
        terms: account, limits, period and where plans come from.
        unread: symbols that could not be read, with the reason.
        leading: candles of the leading market, which its state follows from; None without any.
        remarks: what a reader of results should know of the candles, one sentence each.
    """

    arena: Arena
    leader: LeaderContext
    terms: BacktestTerms
    unread: tuple[tuple[Symbol, str], ...]
    leading: Candles | None = None
    remarks: tuple[str, ...] = ()


async def open_world(
    request: RecordedRequest, settings: Settings, making: Making, *, progress: Progress
) -> RecordedWorld:
    """Read the candles of a period, and say by what terms an account trades on them.

    Args:
        request: what is read.
        settings: limits, and DEFAULT_ACCOUNT_BALANCE that the account begins with.
        making: how it is made.
        progress: told what is being read, how many markets are done, of how many.

    Raises:
        ConfigInvalid: folder, symbols or times are wrong, or settings and profile contradict
            each other.
        NoData: the folder holds no candles, or no market could be read.
        VenueUnavailable: the exchange cannot be reached.
    """
    progress("opening", 0, 0)
    markets = await open_recorded(request, Currency(settings.account_currency))
    try:
        recordings, unread = await _read(markets, progress)
    finally:
        await markets.close()
    if not recordings:
        raise _nothing_readable(request, unread)
    period = _period(markets, recordings, request.profile)
    terms = BacktestTerms(
        profile=request.profile,
        plans=WholePlanSource(request.profile, shadows_after_ms=period.end_ms),
        policy=build_policy(settings, request.profile),
        currency=Currency(settings.account_currency),
        balance=Decimal(settings.default_account_balance),
        period=period,
        rearm_days=making.rearm_days,
    )
    arena = Arena.of(
        recordings,
        request.profile,
        venue=markets.venue,
        until_ms=period.end_ms,
        universe=markets.universe,
    )
    return RecordedWorld(
        arena=arena,
        leader=markets.leader,
        terms=terms,
        unread=tuple(unread),
        leading=markets.leading,
        remarks=markets.remarks,
    )


async def _read(
    markets: RecordedMarkets, progress: Progress
) -> tuple[dict[Symbol, Recording], list[tuple[Symbol, str]]]:
    """Return every market that can be read, and the others with the reason."""
    recordings: dict[Symbol, Recording] = {}
    unread: list[tuple[Symbol, str]] = []
    for done, symbol in enumerate(markets.symbols):
        progress(f"reading {symbol}", done, len(markets.symbols))
        try:
            recordings[symbol] = await markets.recording(symbol)
        except DataInvalid as error:
            unread.append((symbol, str(error)))
    return recordings, unread


def _period(
    markets: RecordedMarkets, recordings: Mapping[Symbol, Recording], profile: Profile
) -> Period:
    """Return the period, begun when the first market has history enough to speak of."""
    first_ms = min(warm_ms(one, profile) for one in recordings.values())
    start_ms, end_ms = max(markets.period.start_ms, first_ms), markets.period.end_ms
    if start_ms >= end_ms:
        raise ConfigInvalid(
            f"no market has history enough before {utc_text(end_ms)}",
            where="--from and --to",
            next_step=f"{profile.name} can decide from {utc_text(first_ms)} on; end after that",
        )
    return replace(markets.period, start_ms=start_ms)


def _nothing_readable(request: RecordedRequest, unread: Sequence[tuple[Symbol, str]]) -> NoData:
    reasons = f": {unread[0][0]}: {unread[0][1]}" if unread else ""
    if request.exchange is not None:
        return NoData(
            f"no market could be read{reasons}",
            where=request.exchange.name,
            next_step="name a period that the exchange serves whole, or other symbols",
        )
    return NoData(
        f"no market of the folder could be read{reasons}",
        where=str(request.data),
        next_step="`snipersight data check DIR` names what is wrong with each file",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Studied:
    """A finished backtest.

    Args:
        study: what it shows.
        world: what it was made of.
    """

    study: Study
    world: RecordedWorld


async def run_backtest(world: RecordedWorld, *, progress: Progress) -> BacktestResult:
    """Return what the account would have lived through.

    Args:
        world: candles and terms.
        progress: told what is done.

    Raises:
        DataInvalid: candles or rules of a market are unusable.
    """
    return await done_in_thread(
        lambda tell: backtest(world.arena, world.leader, world.terms, progress=tell),
        progress=progress,
    )


async def run_random_entries(
    world: RecordedWorld, result: BacktestResult, making: Making, *, progress: Progress
) -> npt.NDArray[np.float64]:
    """Return the average net R of each run with random entries; none where no trade was closed.

    Args:
        world: candles and terms of the run that they are compared with.
        result: that run.
        making: how many there are, and who makes them.
        progress: told how many are done.

    Raises:
        StateUnavailable: a worker process was ended from outside.
    """
    entries, measured = RandomEntries.like(result), expectancy_r(closed_trades(result))
    if entries is None or measured is None:
        return NO_RUNS
    runs = RandomRuns(arena=world.arena, leader=world.leader, terms=world.terms, entries=entries)
    return await done_in_thread(
        lambda tell: run_at_random(
            runs,
            making.random_runs,
            workers=making.workers or cores(),
            measured=measured,
            progress=tell,
        ),
        progress=progress,
    )


def cores() -> int:
    """Return how many cores are ours to use."""
    # Of a container, or under taskset, fewer may be ours than the machine has.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


async def study_recorded(
    request: RecordedRequest,
    settings: Settings,
    making: Making,
    *,
    progress: Progress,
) -> Studied:
    """Return what a backtest over a folder shows, and keep it as a trial of later ones.

    Args:
        request: what is read.
        settings: limits and balance.
        making: how it is made.
        progress: told what is done.

    Raises:
        ConfigInvalid: folder, symbols or times are wrong, or settings and profile contradict
            each other.
        NoData: the folder holds no candles, or no market could be read.
        DataInvalid: candles or rules of a market are unusable.
        StateUnavailable: runs made before cannot be counted, or this one cannot be kept.
    """
    world = await open_world(request, settings, making, progress=progress)
    result = await run_backtest(world, progress=progress)
    trials = await asyncio.to_thread(trials_for, world, result, making.kept_in)
    sample = await asyncio.to_thread(sample_of, world, making.kept_in)
    random = await run_random_entries(world, result, making, progress=progress)
    study = await asyncio.to_thread(
        studied,
        result,
        world.arena.closes,
        out_of_sample=untouched(closed_trades(result), sample.seen),
        random_expectancies=random,
        trials=trials,
    )
    is_shipped = is_as_shipped(request.profile)
    await asyncio.to_thread(record_run, study, world, making.kept_in, is_shipped=is_shipped)
    return Studied(study=study, world=replace(world, remarks=(*world.remarks, *sample.remarks)))
