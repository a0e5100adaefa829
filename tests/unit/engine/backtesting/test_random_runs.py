"""Runs with random entries: who computes them, and how many do, changes no number."""

from __future__ import annotations

import os
import pickle
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from typing import cast

import numpy as np
import pytest

from snipersight.analysis.leader import LeaderTimeline
from snipersight.analysis.resampling import resample
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.timeframe import Timeframe
from snipersight.engine.backtesting import random_runs
from snipersight.engine.backtesting.arena import Arena
from snipersight.engine.backtesting.random_entries import RandomEntries
from snipersight.engine.backtesting.random_runs import RandomRuns, run_at_random
from snipersight.engine.recording import Period, Recording
from snipersight.performance.comparison import against_random
from snipersight.performance.verdict import MOST_P_VALUE
from snipersight.planner.comparison.shapes import typical_shapes
from tests.builders.backtest_worlds import a_world
from tests.builders.backtests import at_hour
from tests.builders.profiles import a_profile
from tests.builders.wandering_backtests import wandering_markets

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning"),
]

COUNT = 4
BARS = 4_000  # hours; the slowest role needs most of them to warm up


@cache
def some_runs() -> RandomRuns:
    world = a_world()
    profile = a_profile(
        timeframes={"bias": "4h", "zone": "2h", "trigger": "1h"},
        setup={"valid_bars": 24},
        planner={"slippage_fraction": "0"},
    )
    markets = {
        one.instrument.symbol: one
        for one in map(read_by_roles, wandering_markets(1, bars=BARS, count=2))
    }
    terms = replace(
        world.terms, profile=profile, period=Period(start_ms=at_hour(0), end_ms=at_hour(BARS))
    )
    return RandomRuns(
        arena=Arena.of(markets, profile, venue="sandbox", until_ms=at_hour(BARS)),
        leader=world.leader,
        terms=terms,
        entries=RandomEntries(shapes=typical_shapes(profile), rate=0.015),
    )


def read_by_roles(recording: Recording) -> Recording:
    frames = [Timeframe.parse(name) for name in ("1h", "2h", "4h")]
    return replace(recording, bars={one: resample(recording.finer, one) for one in frames})


@cache
def one_by_one() -> tuple[float, ...]:
    return tuple(some_runs().expectancies(range(COUNT)))


def test_the_runs_of_some_seeds_trade_and_differ():
    assert len(set(one_by_one())) == COUNT


@pytest.mark.parametrize("workers", [1, 3])
def test_any_number_of_processes_gives_the_same_numbers(workers):
    found = run_at_random(some_runs(), COUNT, workers=workers)
    np.testing.assert_array_equal(found, one_by_one())


def test_processes_that_were_not_forked_give_the_same_numbers(monkeypatch):
    monkeypatch.setattr(random_runs, "can_fork", lambda: False)
    found = run_at_random(some_runs(), 2, workers=1)
    np.testing.assert_array_equal(found, one_by_one()[:2])


def test_threads_of_ones_own_give_the_same_numbers():
    with ThreadPoolExecutor(2) as pool:
        found = run_at_random(some_runs(), COUNT, workers=2, executor=pool)
    np.testing.assert_array_equal(found, one_by_one())


def test_progress_counts_every_run():
    told: list[tuple[int, int]] = []
    run_at_random(some_runs(), 3, workers=2, progress=lambda _, done, of: told.append((done, of)))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_what_progress_raises_ends_the_runs():
    def leave(_what: str, done: int, _count: int) -> None:
        if done:
            raise KeyError("left")

    with pytest.raises(KeyError, match="left"):
        run_at_random(some_runs(), 1_000, workers=1, progress=leave)


def test_no_runs_are_an_empty_column():
    assert len(run_at_random(some_runs(), 0, workers=2)) == 0


class Killer(LeaderTimeline):
    """A leading market that ends the process which asks for it."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        return os._exit, (9,)


def test_a_worker_that_is_killed_is_told_of(monkeypatch):
    monkeypatch.setattr(random_runs, "can_fork", lambda: False)
    runs = replace(some_runs(), leader=Killer(some_runs().terms.profile))
    with pytest.raises(StateUnavailable, match="ended from outside"):
        run_at_random(runs, 2, workers=1)


def test_what_runs_are_made_of_can_be_sent_to_another_machine():
    runs = pickle.loads(pickle.dumps(some_runs()))
    assert tuple(runs.expectancies(range(2))) == one_by_one()[:2]


class Known:
    """Stands for `RandomRuns` whose figures are known before; counts those that were made."""

    def __init__(self, figures: np.ndarray) -> None:
        self.figures, self.made = figures, 0

    def expectancies(self, seeds: range) -> list[float]:
        self.made += len(seeds)
        if seeds.start >= 100:
            time.sleep(0.01)  # so that whoever gives them out can end them
        return [float(self.figures[seed]) for seed in seeds]


def curtailed(known: Known, *, workers: int, measured: float | None = 0.5) -> np.ndarray:
    runs, count = cast("RandomRuns", known), len(known.figures)
    with ThreadPoolExecutor(1) as pool:
        return run_at_random(runs, count, workers=workers, measured=measured, executor=pool)


@pytest.mark.parametrize("share", [0.0, 0.03, 0.07, 0.5, 1.0])
def test_runs_that_cannot_change_the_conclusion_are_not_made_whoever_makes_them(share):
    known = Known((np.random.default_rng(5).random(1_000) < share).astype(float))
    found = curtailed(known, workers=1)
    np.testing.assert_array_equal(found, known.figures[: len(found)])
    np.testing.assert_array_equal(found, curtailed(known, workers=7))
    # What is concluded is what all of them conclude.
    told, whole = against_random(0.5, found), against_random(0.5, known.figures)
    assert (told.p_value <= MOST_P_VALUE) == (whole.p_value <= MOST_P_VALUE)
    assert len(found) == 1_000 if share < 0.05 else told.at_least_as_good == 50


def test_most_of_them_are_spared_where_random_entries_do_as_well():
    known = Known(np.ones(1_000))
    assert len(curtailed(known, workers=50)) == 50
    assert known.made < 500  # one portion at work, others cancelled before they began
    everything = Known(np.ones(1_000))
    assert len(curtailed(everything, workers=50, measured=None)) == everything.made == 1_000
