"""`snipersight report`: what signals were worth, as a page to look at and to pass on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from snipersight.cli import evidence_options, options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight report
  snipersight report --origin replay --profile swing --out swing.html
"""


@reported
def report(
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Where to; an older file is replaced. SNIPERSIGHT_HOME/reports if not given.",
            rich_help_panel="Output",
        ),
    ] = None,
    profile: evidence_options.Profile = None,
    symbol: evidence_options.Symbol = None,
    since: evidence_options.Since = None,
    until: evidence_options.Until = None,
    account: evidence_options.Account = None,
    origin: evidence_options.FromWhere = None,
    kind: evidence_options.Outcomes = evidence_options.KindName.MODELLED,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Write one HTML page with answers in sentences, plots and their numbers.

    The page needs nothing but a browser: no network, no script. It follows
    the dark or light setting of who reads it, and prints. It names symbols
    and results, but no balance and no size.
    """
    from snipersight.cli.evidence_choice import Choice
    from snipersight.cli.report_writing import write_report

    choice = Choice(
        profile=profile,
        symbol=symbol,
        since=since,
        until=until,
        account=account,
        origin=origin,
        kind=kind,
    )
    return write_report(env, choice, out=out)
