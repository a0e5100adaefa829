"""`snipersight backtest`: what an account would have lived through on recorded candles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight backtest --data ./candles --profile swing
  snipersight backtest --data ./candles --symbols BTC/USDT,ETH/USDT --from 2024-04-01 --to 2024-07-01
  snipersight backtest --exchange binanceusdm --symbols top20 --from 2024-01-01 --to 2024-07-01
  snipersight backtest --data ./candles --funding ./funding --report
  snipersight backtest --data ./candles --format json > result.json
  snipersight backtest --data ./candles --symbols BTC/USDT,ETH/USDT --from 2024-04-01 --to 2024-04-15 --verify-parity
  snipersight backtest --list
"""


@reported
def backtest(
    *,
    data: options.DataFolder = None,
    exchange: options.Exchange = None,
    symbols: Annotated[
        str,
        typer.Option(
            "--symbols",
            "-s",
            metavar="LIST",
            help="all (of --data), BTC/USDT,ETH/USDT, @name of a list, or top20: the most traded, "
            "chosen every hour by the day before (of an --exchange once, by the day before --from).",
        ),
    ] = "all",
    profile: options.ProfileName = "balanced",
    start: options.DecidedAfter = None,
    end: options.DecidedUntil = None,
    instruments: options.Instruments = None,
    funding: Annotated[
        Path | None,
        typer.Option(
            "--funding",
            metavar="DIR",
            help="Recorded funding rates, BTCUSDT-8h-funding_rate.parquet; if not given those "
            "beside the candles, or what the exchange tells.",
            rich_help_panel="Where candles come from",
        ),
    ] = None,
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
            help="Runs with random entries under the same management and limits to compare with, at "
            "the most: where fifty did as well, the others are not made. Without any there is no "
            "verdict of an edge.",
        ),
    ] = 1_000,
    workers: Annotated[
        int,
        typer.Option(
            "--workers",
            min=0,
            max=1024,
            help="Processes that make those runs; 0: as many as there are cores.",
        ),
    ] = 0,
    format_: Annotated[
        options.TextFormat, typer.Option("--format", "-f", help="How the result is written.")
    ] = options.TextFormat.TEXT,
    report: Annotated[
        bool,
        typer.Option(
            "--report", help="Also write the result as one HTML page, to SNIPERSIGHT_HOME/reports."
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write that page here; an older file goes."),
    ] = None,
    list_: Annotated[
        bool, typer.Option("--list", help="Show the backtests that were made, and make none.")
    ] = False,
    verify_parity: Annotated[
        bool,
        typer.Option(
            "--verify-parity",
            help="Take the period through the run itself as well, close after close, and compare "
            "plans, decisions, orders and ledger; exit code 1 if anything differs.",
        ),
    ] = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Let an account trade past candles: the scan's plans, the gate, the profile's management.

    One account of DEFAULT_ACCOUNT_BALANCE trades all markets together, in
    true time order, within the limits of the settings. Entries fill on the
    next bar or later and only beyond their price; where a bar touches stop
    and target the stop counts. Fees, slippage and funding are paid.
    """
    from snipersight.cli.backtesting import (
        BacktestWords,
        Shown,
        list_backtests,
        perform_backtest,
    )

    if list_:
        return list_backtests(env, format_)
    words = BacktestWords(
        data=data,
        exchange=exchange,
        funding=funding,
        symbols=symbols,
        profile=profile,
        start=start,
        end=end,
        instruments=instruments,
        env_file=env,
        rearm_days=rearm_days,
        random_runs=random_runs,
        workers=workers,
    )
    if verify_parity:
        from snipersight.cli.backtest_parity import perform_parity

        return perform_parity(words, format_)
    shown = Shown(format=format_, has_page=report or out is not None, page=out)
    return perform_backtest(words, shown)
