"""The backtests that were made, newest last: what `snipersight backtest --list` shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from snipersight.cli.stats_document import Document, Section
from snipersight.cli.stats_grids import Grid
from snipersight.domain.wording import counted, minute_of, multiple

if TYPE_CHECKING:
    from snipersight.storage.kept_runs import KeptRun

_HEAD = (
    "run", "profile", "made, UTC", "from", "to", "markets", "finding", "trades", "expectancy",
    "Sharpe", "random", "trials",
)  # fmt: skip


def runs_document(runs: Sequence[KeptRun]) -> Document:
    """Return what a terminal shows of runs that are kept.

    Args:
        runs: oldest first.
    """
    if not runs:
        return Document(
            title="No backtest was made yet",
            about=(),
            remarks=("`snipersight backtest --data DIR` makes one.",),
        )
    grid = Grid(head=_HEAD, rows=tuple(map(_cells, runs)), words=7, extras=3)
    return Document(
        title=f"{counted(len(runs), 'backtest')} made",
        about=(
            "runs that traded one market of one venue at one time are trials of each other",
            "the same run made again is no other trial",
        ),
        sections=(Section(title="Runs", grid=grid),),
    )


def _cells(run: KeptRun) -> tuple[str, ...]:
    return (
        run.run_id,
        run.profile,
        minute_of(run.made_ms),
        minute_of(run.start_ms).partition(" ")[0],
        minute_of(run.end_ms).partition(" ")[0],
        _markets(run.markets),
        run.finding.value,
        _figure(run, "trades", "{:,.0f}".format),
        _figure(run, "expectancy_r", multiple),
        _figure(run, "sharpe", "{:.2f}".format),
        f"{run.random_runs:,}",
        f"{run.trials:,}",
    )


def _markets(markets: Sequence[str]) -> str:
    return markets[0] if len(markets) == 1 else counted(len(markets), "market")


def _figure(run: KeptRun, name: str, write: Callable[[float], str]) -> str:
    value = run.metrics.get(name)
    return "–" if value is None else write(value)
