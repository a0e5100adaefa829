"""The backtests and sweeps that were made, as the dashboard shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.dashboard.views_system import RunsRequest, RunsView, SweepView
from snipersight.storage.home import Home
from snipersight.storage.kept_runs import Figure, KeptRun, RunFolder
from snipersight.storage.kept_sweeps import KeptSweep, SweepFolder

if TYPE_CHECKING:
    from snipersight.bootstrap.dashboard.store import DashboardStore

_MOST_SWEEPS: Final = 3


def runs_view(store: DashboardStore, wanted: RunsRequest) -> RunsView:
    """Return the backtests that are kept; see `DashboardReader.runs`."""
    folder = Home(store.settings.snipersight_home).backtests
    runs = RunFolder(folder).all()[::-1]
    sweeps = SweepFolder.beside(folder).all()[::-1]
    listed = _alone(runs, sweeps) if wanted.is_alone else runs
    page, next_before = _page(listed, wanted)
    known = {one.run_id: one for one in runs}
    asked = [one for one in sweeps if one.sweep_id == wanted.sweep]
    shown = asked or list(sweeps[:_MOST_SWEEPS])
    return RunsView(
        runs=page,
        total=len(runs),
        next_before=next_before,
        sweeps=tuple(_sweep_view(one, known) for one in shown),
        others=tuple(one for one in sweeps if one not in shown),
        chosen=tuple(known[one] for one in dict.fromkeys(wanted.chosen) if one in known),
        read_ms=store.clock() // 1000,
    )


def _alone(runs: Sequence[KeptRun], sweeps: Sequence[KeptSweep]) -> tuple[KeptRun, ...]:
    """Return the runs that no sweep made, or that somebody made of a shipped profile besides."""
    swept = {run.run_id for sweep in sweeps for run in sweep.runs}
    return tuple(one for one in runs if one.is_shipped or one.run_id not in swept)


def _page(runs: Sequence[KeptRun], wanted: RunsRequest) -> tuple[tuple[KeptRun, ...], str]:
    ids = [one.run_id for one in runs]
    first = ids.index(wanted.before) + 1 if wanted.before in ids else 0
    page = tuple(runs[first : first + max(wanted.limit, 1)])
    is_last = first + len(page) >= len(runs)
    return page, "" if is_last else page[-1].run_id


def _sweep_view(sweep: KeptSweep, known: Mapping[str, KeptRun]) -> SweepView:
    kept = [(known[one.run_id], one.values) for one in sweep.runs if one.run_id in known]
    return SweepView(sweep=sweep, runs=tuple(sorted(kept, key=_rank)))


def _rank(kept: tuple[KeptRun, tuple[str, ...]]) -> float:
    return -(kept[0].metrics.get(Figure.SHARPE) or 0.0)  # what never varied has won nothing
