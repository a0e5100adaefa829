"""`snipersight export`: signals and their outcomes as a file for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from snipersight.cli import evidence_options, options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight export signals.parquet
  snipersight export march.csv --origin live --since 2024-03-01 --until 2024-04-01
"""


@reported
def export(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A file ending in .parquet or .csv.")
    ],
    *,
    profile: evidence_options.Profile = None,
    symbol: evidence_options.Symbol = None,
    since: evidence_options.Since = None,
    until: evidence_options.Until = None,
    account: evidence_options.Account = None,
    origin: Annotated[
        evidence_options.OriginName | None,
        typer.Option(
            "--origin",
            help="Of one origin; of all of them, named in a column, if not given.",
            show_default=False,
            rich_help_panel="Which signals",
        ),
    ] = None,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Write signals, one a row, with their modelled and actual outcomes as columns.

    Times are milliseconds UTC, results R. The file can be read by its
    owner only.
    """
    from snipersight.cli.evidence_choice import Choice
    from snipersight.cli.evidence_exporting import run_export

    choice = Choice(
        profile=profile, symbol=symbol, since=since, until=until, account=account, origin=origin
    )
    return run_export(env, file, choice)
