"""Figures of whole backtests of recorded markets, and of the runs with random entries beside them."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from benchmarks.backtest_worlds import recorded_world
from benchmarks.candles import RECORDED
from benchmarks.harness import Figure, at_least, at_most, median, progress, spread, take_turns
from snipersight.bootstrap.evidence.backtest import RecordedWorld
from snipersight.engine.backtest import backtest
from snipersight.engine.backtesting.random_entries import RandomEntries, random_expectancy
from snipersight.engine.recording import decide
from snipersight.planner.comparison.backdrop import Backdrops

HOURS: Final = RECORDED.parents[1] / "c_no_licence/binance_usdm_1h_2023_2025"
SPEED: Final = at_least(20 * 71_712 / 5)  # twenty markets of 71,712 bars in five seconds
RANDOM_S: Final = at_most(0.6)  # a thousand in ten minutes of one core


def pipeline_figures(*, symbols: str, rounds: int) -> list[Figure]:
    """Return how fast recorded 5m markets are backtested under `scalp`, in its two parts.

    Args:
        symbols: of the recording; `all` are 20.
        rounds: measurements.
    """
    if not RECORDED.is_dir():
        return [_unrecorded("pipeline_bars_per_s", "/s")]
    progress(f"analysis, gate and management on recorded 5m markets: {symbols}")
    world = recorded_world(RECORDED, "scalp", symbols)
    count, bars = _lived(world)
    times = take_turns(
        {"whole": _timed(lambda: _lived(world)), "deciding": _timed(lambda: _decided(world))},
        rounds=rounds,
    )
    whole, deciding = median(times["whole"]), median(times["deciding"])
    read = sum(len(one.finer) for one in world.arena.recordings.values())
    note = (
        f"{read:,} bars of {len(world.arena.recordings)} markets, of which {bars:,} lie behind the "
        f"warm-up, {count} trades"
    )
    return [
        Figure(
            name="pipeline_bars_per_s",
            value=read / whole,
            unit="/s",
            target=SPEED,
            note=f"{note}; seconds {spread(times['whole'])}",
        ),
        Figure(name="pipeline_seconds", value=whole, unit="s", note=note),
        Figure(
            name="pipeline_deciding_share",
            value=deciding / whole,
            unit="",
            note="detectors, setups and plans; the rest is gate, ledger and management",
        ),
    ]


def random_figures(*, runs: int) -> list[Figure]:
    """Return what a run with random entries takes, on sixteen markets of hours under `balanced`."""
    if not HOURS.is_dir():
        return [_unrecorded("random_run_s", "s")]
    progress(f"{runs} runs with random entries")
    world = recorded_world(HOURS, "balanced", "all")
    result = backtest(world.arena, world.leader, world.terms)
    entries, backdrops = RandomEntries.like(result), Backdrops(world.terms.profile)
    if entries is None:
        return [Figure(name="random_run_s", value=None, unit="s", note="no trade to be like")]

    def run(seed: int) -> float:
        return random_expectancy(
            world.arena, world.leader, world.terms, entries, backdrops, seed=seed
        )

    gc.collect()
    gc.freeze()  # as the workers of `run_at_random` do
    times = [_timed(partial(run, seed))() for seed in range(runs + 1)]
    kept = times[1:]  # the first one reads the structure of the candles for all
    note = f"{result.bars:,} bars, about {len(result.trades)} trades; {spread(kept)}"
    return [
        Figure(name="random_run_s", value=median(kept), unit="s", target=RANDOM_S, note=note),
        Figure(name="random_bars_per_s", value=result.bars / median(kept), unit="/s", note=note),
    ]


def _unrecorded(name: str, unit: str) -> Figure:
    return Figure(name=name, value=None, unit=unit, note="no recorded candles beside the project")


def _timed(work: Callable[[], object]) -> Callable[[], float]:
    def measure() -> float:
        started = time.process_time()
        work()
        return time.process_time() - started

    return measure


def _lived(world: RecordedWorld) -> tuple[int, int]:
    result = backtest(world.arena, world.leader, world.terms)
    return len(result.trades), result.bars


def _decided(world: RecordedWorld) -> None:
    terms = world.terms
    for recording in world.arena.recordings.values():
        decide(recording, world.leader, terms.plans, terms.profile)
