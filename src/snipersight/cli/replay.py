"""`snipersight replay`: read recorded candles again and keep every signal with how it ended."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight replay --data ./candles --profile swing
  snipersight replay --data ./candles --symbols BTC/USDT,ETH/USDT --from 2024-07-01 --to 2024-10-01
  snipersight stats --origin replay
"""


@reported
def replay(
    *,
    data: Annotated[
        Path,
        typer.Option(
            "--data", metavar="DIR", help="A directory of Parquet candles; `data import` makes one."
        ),
    ],
    symbols: Annotated[
        str,
        typer.Option(
            "--symbols", "-s", metavar="LIST", help="all, BTC/USDT,ETH/USDT, or @name of a list."
        ),
    ] = "all",
    profile: options.ProfileName = "balanced",
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="TIME",
            help="Decisions later than this; from where the candles suffice if not given.",
        ),
    ] = None,
    end: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="TIME", help="Decisions until then; all there are if not given."
        ),
    ] = None,
    instruments: options.Instruments = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Decide at every recorded close as a scan would have, and follow each plan to its end.

    Each plan is judged alone, on an account that holds nothing and is
    worth DEFAULT_ACCOUNT_BALANCE: what a book full of other trades would
    have refused is not asked here. Signals are kept as those of account
    replay and are never mixed with others. The same replay again changes
    nothing.
    """
    from snipersight.cli.recorded_words import RecordedWords
    from snipersight.cli.replaying import perform_replay

    words = RecordedWords(
        data=data,
        symbols=symbols,
        profile=profile,
        start=start,
        end=end,
        instruments=instruments,
        env_file=env,
    )
    return perform_replay(words, as_json=as_json)
