"""`snipersight stats`: what signals were worth, and how sure that is."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from snipersight.cli import evidence_options, options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight stats
  snipersight stats --profile balanced --since 30d --by regime
  snipersight stats --origin replay --by gate
  snipersight stats --by symbol --format csv > symbols.csv
"""


@reported
def stats(
    *,
    by: Annotated[
        evidence_options.By | None,
        typer.Option("--by", help="Break it down; an overview if not given.", show_default=False),
    ] = None,
    profile: evidence_options.Profile = None,
    symbol: evidence_options.Symbol = None,
    since: evidence_options.Since = None,
    until: evidence_options.Until = None,
    account: evidence_options.Account = None,
    origin: evidence_options.FromWhere = None,
    kind: evidence_options.Outcomes = evidence_options.KindName.MODELLED,
    format_: Annotated[
        evidence_options.StatsFormat,
        typer.Option("--format", help="How to write it.", rich_help_panel="Output"),
    ] = evidence_options.StatsFormat.TABLE,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Say what signals were worth: hits, results in R net of costs, and how sure that is.

    Every signal of a scan is followed to its end, also those that were
    refused. A hit is a closed trade above zero; signals that were missed,
    expired or are still open stand beside the rate and not in it. Where
    too few have closed, that is said instead of a percentage.
    """
    # The matrices of statistics are small. A second thread of numpy's would wait for its share of
    # them at full speed, and where others want the processor everything takes four times as long.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from snipersight.cli.evidence_choice import Choice
    from snipersight.cli.stats_showing import show_stats

    choice = Choice(
        profile=profile,
        symbol=symbol,
        since=since,
        until=until,
        account=account,
        origin=origin,
        kind=kind,
    )
    return show_stats(env, choice, by=by, format_=format_)
