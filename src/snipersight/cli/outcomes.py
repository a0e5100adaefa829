"""`snipersight outcomes`: what became of earlier signals, as modelled and as traded."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from snipersight.cli import completing, options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight outcomes
  snipersight outcomes --exchange binanceusdm --limit 50
  snipersight outcomes --no-follow --status closed --profile balanced
  snipersight outcomes --json | jq '.outcomes[] | select(.actual)'
"""


class StatusName(StrEnum):
    """How far a signal has come by its candles."""

    WAITING = "waiting"
    OPEN = "open"
    CLOSED = "closed"
    MISSED = "missed"
    INVALIDATED = "invalidated"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class OriginName(StrEnum):
    """Where signals came from."""

    LIVE = "live"
    PRACTICE = "practice"
    REPLAY = "replay"


@reported
def outcomes(
    *,
    follow: Annotated[
        bool,
        typer.Option(
            "--follow/--no-follow", help="Read the candles since, or show what is known already."
        ),
    ] = True,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=10_000, metavar="N", help="Signals shown, at most.")
    ] = 20,
    status: Annotated[StatusName | None, typer.Option("--status", help="Only these.")] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile",
            "-p",
            metavar="NAME",
            autocompletion=completing.profile_names,
            help="Only of this one.",
        ),
    ] = None,
    origin: Annotated[
        OriginName | None, typer.Option("--origin", help="Only signals that came from there.")
    ] = None,
    exchange: options.Exchange = None,
    market: options.Market = False,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Follow earlier signals on the candles that closed since, and show how they ended.

    Approved and refused signals alike, newest first: what their plan
    would have come to under the profile's own management, and beside it
    what was really traded. Signals of the built-in market are followed
    unless --exchange names another.
    """
    from snipersight.bootstrap.sources import SourceChoice
    from snipersight.cli.outcome_listing import OutcomeWords, show_outcomes

    words = OutcomeWords(
        source=SourceChoice(exchange=exchange, is_market=market),
        follows=follow,
        limit=limit,
        status=None if status is None else status.value,
        profile=profile,
        origin=None if origin is None else origin.value,
        env_file=env,
    )
    return show_outcomes(words, as_json=as_json)
