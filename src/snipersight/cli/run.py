"""`snipersight run`: the bot that scans at every close, tells, asks and executes."""

from __future__ import annotations

from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight run
  snipersight run --exchange binanceusdm --symbols top50 --notify
  snipersight run --exchange binanceusdm --mode paper --notify --approve
  snipersight run --mode paper --profile scalp --time-scale 300
  snipersight run --exchange bybit --account main --mode live --confirm main
"""
_RUN = "Execution"
_PRACTICE = "Practice"


@reported
def run(
    *,
    profile: options.ProfileName = "balanced",
    symbols: options.Symbols = "top20",
    exchange: options.Exchange = None,
    market: options.Market = False,
    seed: options.Seed = None,
    account: options.ScanAccount = None,
    notify: options.Notify = None,
    mode: options.ExecutionMode = options.ModeName.DRY_RUN,
    approve: Annotated[
        bool,
        typer.Option(
            "--approve",
            help="Execute nothing until a trader has pressed Approve in Telegram.",
            rich_help_panel=_RUN,
        ),
    ] = False,
    confirm: options.Confirm = None,
    unproven: options.Unproven = None,
    time_scale: Annotated[
        float,
        typer.Option(
            "--time-scale",
            metavar="N",
            help="N seconds of the bot's time pass in one; built-in market and sandbox only.",
            rich_help_panel=_PRACTICE,
        ),
    ] = 1.0,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help="The bot's time at the beginning; built-in market and sandbox only.",
            rich_help_panel=_PRACTICE,
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--until",
            metavar="TIME",
            help="End once the close of this moment was scanned.",
            rich_help_panel=_PRACTICE,
        ),
    ] = None,
    workers: options.Workers = 1,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Look at the markets at every close until Ctrl-C: scan, tell, ask, execute, look after trades.

    Without options it rehearses on the built-in market: plans are shown
    and their orders written down, and nothing is sent anywhere. A plan is
    told and executed once, however many bars it stays valid, also after a
    restart. Ctrl-C lets what is under way end; a second one ends it at once.
    """
    from snipersight.bootstrap.sources import SourceChoice
    from snipersight.cli.running import RunWords, perform_run

    return perform_run(
        RunWords(
            source=SourceChoice(exchange=exchange, is_market=market, seed=seed),
            profile=profile,
            symbols=symbols,
            account=account,
            notify=notify,
            mode=mode.value,
            approve=approve,
            confirm=confirm,
            unproven=unproven,
            time_scale=time_scale,
            at=at,
            until=until,
            workers=workers,
            env_file=env,
        )
    )
