"""A period twice: through the backtest, and through the run itself; and whether they agree."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from snipersight.bootstrap.evidence.backtest import Making, Progress, RecordedWorld, open_world
from snipersight.bootstrap.evidence.leaving import done_in_thread
from snipersight.bootstrap.evidence.parity_run import PlansOf, Rehearsed, run_through, smc_plans
from snipersight.bootstrap.evidence.recorded import RecordedRequest
from snipersight.bootstrap.settings import Settings
from snipersight.bootstrap.sources import SourceChoice
from snipersight.domain.decision import Candidate
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.timeframe import DAY_MS
from snipersight.domain.units import Symbol
from snipersight.engine.backtest import BacktestTerms, candidates_of, seen_ms, traded
from snipersight.engine.backtesting.arena import Arena
from snipersight.engine.parity.comparing import Comparison, compare
from snipersight.engine.parity.facts import Chronicle
from snipersight.engine.parity.of_backtest import of_backtest
from snipersight.engine.recording import Period, decide, warm_ms
from snipersight.market.parquet_source import ParquetDirectory

_PREFIX: Final = "snipersight-parity-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A backtest held against a run.

    Args:
        comparison: what was compared, and what differs.
        period: of both.
        markets: of both, sorted.
        unread: symbols that could not be read, with the reason.
    """

    comparison: Comparison
    period: Period
    markets: tuple[Symbol, ...]
    unread: tuple[tuple[Symbol, str], ...]


async def verify_parity(
    request: RecordedRequest,
    settings: Settings,
    making: Making,
    *,
    progress: Progress,
    plans: PlansOf = smc_plans,
) -> Verified:
    """Return how a backtest of a period compares with the run of the same period.

    The run has an account of its own in a temporary folder and sees, close after close, only what
    had closed by then. Both pay the funding that the simulated venue charges: it knows no record.

    Args:
        request: a folder of candles, markets and period.
        settings: limits, and the balance that both begin with.
        making: when the operator lifts a breaker.
        progress: told what is done.
        plans: where plans come from, for both.

    Raises:
        ConfigInvalid: no folder is named, or something of the request is wrong.
        NoData: the folder holds no candles, or no market could be read.
        DataInvalid: candles or rules of a market are unusable.
        StateUnavailable: the temporary folder cannot be used.
    """
    if request.data is None:
        raise ConfigInvalid(
            "parity is verified on candles of a folder, so that both see the same",
            where="--verify-parity",
            next_step="`snipersight data import` makes a folder; name it with --data",
        )
    world = _without_records(await open_world(request, settings, making, progress=progress))
    terms = replace(world.terms, plans=plans(request.profile, world.terms.period.end_ms))
    backtest = await done_in_thread(lambda tell: _backtested(world, terms, tell), progress=progress)
    source = ParquetDirectory(
        request.data, instruments=request.instruments, rules_at_ms=request.end_ms
    )
    rehearsed = Rehearsed(
        settings=settings,
        profile=request.profile,
        source=source,
        choice=SourceChoice(data=request.data, instruments=request.instruments),
        period=terms.period,
        start_ms=_starts(world, terms),
        symbols=_symbols(request, world),
        rearm_ms=making.rearm_days * DAY_MS,
        plans=plans,
    )
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder:
        run = await run_through(rehearsed, Path(folder), progress=progress)
    return Verified(
        comparison=compare(backtest, run),
        period=terms.period,
        markets=tuple(sorted(world.arena.recordings)),
        unread=world.unread,
    )


def _without_records(world: RecordedWorld) -> RecordedWorld:
    """Return the world without recorded funding, of which the simulated venue knows nothing."""
    arena = world.arena
    plain = {symbol: replace(one, funding=None) for symbol, one in arena.recordings.items()}
    until_ms, venue = world.terms.period.end_ms, arena.observer.venue
    arena = Arena.of(
        plain, world.terms.profile, venue=venue, until_ms=until_ms, universe=arena.universe
    )
    return replace(world, arena=arena)


def _starts(world: RecordedWorld, terms: BacktestTerms) -> dict[Symbol, int]:
    """Return from which close on each market counts: its history must be long enough."""
    start_ms = terms.period.start_ms
    recordings = world.arena.recordings.items()
    return {symbol: max(start_ms, warm_ms(one, terms.profile)) for symbol, one in recordings}


def _symbols(request: RecordedRequest, world: RecordedWorld) -> str:
    """Return what the run is to look at: the largest as it chooses them, or all that was read."""
    if world.arena.universe is not None:
        return request.symbols
    return ",".join(sorted(world.arena.recordings))


def _backtested(world: RecordedWorld, terms: BacktestTerms, progress: Progress) -> Chronicle:
    arena = world.arena
    decisions = {}
    for done, (symbol, one) in enumerate(sorted(arena.recordings.items())):
        progress(f"deciding {symbol}", done, len(arena.recordings))
        decisions[symbol] = decide(one, world.leader, terms.plans, terms.profile)
    result = traded(arena, decisions, terms)
    instruments = {symbol: one.instrument for symbol, one in arena.recordings.items()}
    seen = [_as_seen(arena, one, terms) for one in candidates_of(arena, decisions, terms)]
    return of_backtest(result, seen, instruments)


def _as_seen(arena: Arena, candidate: Candidate, terms: BacktestTerms) -> Candidate:
    """Return a plan as of the close at which a scan sees it first; a refusal as it is."""
    known_ms = None if candidate.plan is None else seen_ms(arena, candidate, terms)
    return candidate if known_ms is None else replace(candidate, at_ms=known_ms)
