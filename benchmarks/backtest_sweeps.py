"""Figures of sweeps: how much of two workers' time is spent on backtests, and what a worker takes."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.backtest_pipeline import HOURS
from benchmarks.backtest_worlds import NO_FOLDER
from benchmarks.harness import Figure, at_least, at_most, progress
from snipersight.bootstrap.evidence.backtest import Making
from snipersight.bootstrap.evidence.recorded import RecordedRequest
from snipersight.bootstrap.evidence.sweep_crews import opened_crew
from snipersight.bootstrap.evidence.sweep_ground import open_ground
from snipersight.bootstrap.evidence.sweep_space import Variants
from snipersight.bootstrap.evidence.sweep_work import SweepTask, make_run
from snipersight.bootstrap.profiles import load_profile
from snipersight.bootstrap.settings import Settings
from snipersight.bootstrap.to_end import run_to_end
from snipersight.engine.sweeping.axes import Space, parse_axis
from snipersight.engine.sweeping.carrying import Failed, carried_out
from snipersight.engine.sweeping.crews import Crew

WORKERS: Final = 2
EFFICIENCY: Final = at_least(0.85)
WORKER_MB: Final = at_most(100)
VARIED: Final = ("planner.min_rr=1.5..2.9:0.2", "planner.stop_buffer_atr=0.1..0.8:0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What one run took.

    Args:
        pid: process that made it.
        began_s, seconds: when it began by the clock that all processes share, and how long it took.
        own_mb: memory of the process that it shares with nobody, afterwards.
        returns: what the run gave.
    """

    pid: int
    began_s: float
    seconds: float
    own_mb: float
    returns: tuple[float, ...]


def timed_run(task: SweepTask) -> Spent:
    """Return what a run of a sweep takes; called in a worker."""
    import psutil

    began = time.monotonic()
    run = make_run(task)
    seconds = time.monotonic() - began
    own_mb = psutil.Process().memory_full_info().uss / 2**20
    return Spent(
        pid=os.getpid(), began_s=began, seconds=seconds, own_mb=own_mb, returns=run.returns
    )


def sweep_figures(*, symbols: str, runs: int) -> list[Figure]:
    """Return the figures of a sweep over recorded hours, by processes and by a Dask cluster.

    Args:
        symbols: of the recording.
        runs: how many, at most 64.
    """
    names = ("sweep_efficiency_local", "sweep_efficiency_dask", "sweep_worker_mb")
    if not HOURS.is_dir():
        reason = "no recorded candles beside the project"
        return [Figure(name=name, value=None, unit="", note=reason) for name in names]
    progress(f"{runs} backtests by {WORKERS} workers")
    with tempfile.TemporaryDirectory(prefix="snipersight-bench-") as folder:
        tasks = _tasks(Path(folder), symbols, runs)
        with opened_crew(workers=WORKERS, cluster=None) as crew:
            local, took = _carried(tasks, crew)
        figures = [_efficiency(names[0], local, took)]
        with _cluster() as address, opened_crew(workers=WORKERS, cluster=address) as crew:
            dask, took = _carried(tasks, crew)
        _require_same(local, dask)
        figures.append(_efficiency(names[1], dask, took))
        return [*figures, _worker_mb(names[2], local)]


def _tasks(folder: Path, symbols: str, runs: int) -> list[SweepTask]:
    base, settings = load_profile("balanced", own_folder=NO_FOLDER), Settings(_env_file=None)
    variants = Variants(base, Space(axes=tuple(map(parse_axis, VARIED))), settings)
    recorded = RecordedRequest(data=HOURS, profile=base, symbols=symbols)
    ground = run_to_end(
        open_ground(recorded, variants, settings, Making(), folder=folder, progress=lambda *_: None)
    )
    choices = list(variants.space.choices())[:runs]
    return [ground.task(variants.profile(one), trials=runs) for one in choices]


def _carried(tasks: list[SweepTask], crew: Crew) -> tuple[list[Spent], float]:
    """Return what each run took, in the order of the tasks, and how long all of it took."""
    started = time.monotonic()
    found: dict[int, Spent] = {}
    for place, spent in carried_out(tasks, timed_run, crew):
        if isinstance(spent, Failed):
            raise RuntimeError(spent.reason)
        found[place] = spent
    return [found[place] for place in range(len(tasks))], time.monotonic() - started


@contextmanager
def _cluster() -> Iterator[str]:
    import distributed

    with distributed.LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=WORKERS,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        host="127.0.0.1",
        silence_logs=50,
    ) as cluster:
        yield str(cluster.scheduler_address)


def _efficiency(name: str, spent: list[Spent], took: float) -> Figure:
    """Return which share of the workers' time was spent in backtests.

    From the first task handed out to the last result: beginning of processes included.
    """
    busy = sum(one.seconds for one in spent)
    workers = {one.pid for one in spent}
    note = (
        f"{len(spent)} backtests of {busy / len(spent):.2f} s each in {took:.1f} s by "
        f"{len(workers)} processes, their beginning included"
    )
    return Figure(name=name, value=busy / (WORKERS * took), unit="", target=EFFICIENCY, note=note)


def _worker_mb(name: str, spent: list[Spent]) -> Figure:
    """Return what the larger worker holds that it shares with nobody, at its most."""
    most = max(one.own_mb for one in spent)
    note = "unique set size after a backtest, the most of all; the candles are a mapped file"
    return Figure(name=name, value=most, unit="MB", target=WORKER_MB, note=note)


def _require_same(local: list[Spent], dask: list[Spent]) -> None:
    for one, other in zip(local, dask, strict=True):
        np.testing.assert_array_equal(one.returns, other.returns)
