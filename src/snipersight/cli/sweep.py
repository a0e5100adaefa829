"""`snipersight sweep`: many backtests over values of a profile, and what the best of them is worth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported
from snipersight.cli.sweep_options import SearchName

EXAMPLES = """
[bold]Examples[/bold]

  snipersight sweep --data ./candles --profile balanced --vary planner.min_rr=1.5,2,2.5
  snipersight sweep --data ./candles --vary gates.min_score=10..50:10 --vary setup.valid_bars=6..24:6 --report sweep.html
  snipersight sweep --data ./candles --vary planner.stop_buffer_atr=0..1:0.05 --vary planner.max_target_r=3..12 --search bayes --runs 60
  snipersight sweep --data ./candles --vary management.trailing_atr=none,1,2,3 --walk-forward 365:90 --out sweep.parquet
  snipersight sweep --data ./candles --vary planner.min_rr=1..3:0.1 --cluster tls://scheduler.example:8786
"""


@reported
def sweep(
    *,
    data: Annotated[
        Path,
        typer.Option(
            "--data", metavar="DIR", help="A directory of Parquet candles; `data import` makes one."
        ),
    ],
    vary: Annotated[
        list[str],
        typer.Option(
            "--vary",
            metavar="NAME=VALUES",
            help="A parameter of the profile and its values: 1.5,2,2.5 or 6..24:6, parts of a list "
            "joined by +, `none` for left out. Again for each parameter; all are combined.",
        ),
    ],
    symbols: Annotated[
        str,
        typer.Option(
            "--symbols", "-s", metavar="LIST", help="all, BTC/USDT,ETH/USDT, or @name of a list."
        ),
    ] = "all",
    profile: options.ProfileName = "balanced",
    start: options.DecidedAfter = None,
    end: options.DecidedUntil = None,
    instruments: options.Instruments = None,
    search: Annotated[
        SearchName,
        typer.Option(
            "--search",
            help="Try all combinations, some by lot, or more where it looks promising.",
        ),
    ] = SearchName.GRID,
    runs: Annotated[
        int,
        typer.Option(
            "--runs", min=1, max=10_000, help="How many combinations random and bayes try."
        ),
    ] = 50,
    seed: Annotated[
        int, typer.Option("--seed", min=0, max=2**32 - 1, help="Of what is drawn by lot.")
    ] = 0,
    walk_forward: Annotated[
        str | None,
        typer.Option(
            "--walk-forward",
            metavar="TRAIN:TEST",
            help="Days to choose by and days to judge by, moving along; TRAIN:TEST:LEFT_OUT also "
            "says how many days between them count for neither. Half of all days and four steps "
            "through the rest if not given.",
        ),
    ] = None,
    workers: Annotated[
        int,
        typer.Option(
            "--workers",
            min=0,
            max=1024,
            help="Processes of this machine; 0: as many as there are cores.",
        ),
    ] = 0,
    cluster: Annotated[
        str | None,
        typer.Option(
            "--cluster",
            metavar="ADDRESS",
            help="A Dask scheduler whose workers make the runs, tls://HOST:PORT.",
        ),
    ] = None,
    patience: Annotated[
        int,
        typer.Option(
            "--patience",
            metavar="SECONDS",
            min=1,
            max=86_400,
            help="How long a cluster that has lost all its workers is waited for; after that the "
            "sweep ends, and what was made is kept.",
        ),
    ] = 300,
    rearm_days: Annotated[
        int,
        typer.Option(
            "--rearm-days",
            min=0,
            max=365,
            help="After how many days you would lift a breaker that waits for a person; 0: never.",
        ),
    ] = 7,
    random_runs: Annotated[
        int,
        typer.Option(
            "--random-runs",
            min=0,
            max=100_000,
            help="Runs with random entries that the best one is compared with, at the most: where "
            "fifty did as well, the others are not made. Without any there is no verdict of an edge.",
        ),
    ] = 1_000,
    format_: Annotated[
        options.TextFormat, typer.Option("--format", "-f", help="How the result is written.")
    ] = options.TextFormat.TEXT,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Write every run to this Parquet file; an older one goes."
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", metavar="FILE", help="Write one HTML page here; an older one goes."
        ),
    ] = None,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Vary parameters of a profile over recorded candles, and judge what choosing among them is worth.

    Each combination is one backtest. The best is judged out of sample: by
    what would have been chosen from the days before, window after window,
    by how likely it is best by luck, and by how many trials were ever made
    on these candles. Runs are kept as they come in; the same command goes
    on where it was ended.
    """
    from snipersight.cli.sweeping import SweepShown, SweepWords, perform_sweep

    words = SweepWords(
        data=data,
        symbols=symbols,
        profile=profile,
        start=start,
        end=end,
        instruments=instruments,
        env_file=env,
        vary=tuple(vary),
        search=search,
        runs=runs,
        seed=seed,
        walk_forward=walk_forward,
        workers=workers,
        cluster=cluster,
        patience_s=patience,
        rearm_days=rearm_days,
        random_runs=random_runs,
    )
    return perform_sweep(words, SweepShown(format=format_, table=out, page=report))
