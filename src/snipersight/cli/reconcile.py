"""`snipersight reconcile`: compare books and venue, and bring every trade to the present."""

from __future__ import annotations

from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight reconcile
  snipersight reconcile --account main --follow
"""


@reported
def reconcile(
    *,
    account: options.Account = None,
    venue: options.VenueName = None,
    follow: Annotated[
        bool,
        typer.Option("--follow", help="Go on looking after the trades until they end or Ctrl-C."),
    ] = False,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Compare an account's trades with what its venues show, and do what follows from it.

    Fills are booked, missing stops placed, orphans of ours cancelled. What
    is not ours is counted and never touched. On the simulated venue the
    time that has passed is played first. The exit code is 3 if a venue did
    not answer everything, or something waits for an explanation.
    """
    from snipersight.cli.reconciling import perform_reconcile

    return perform_reconcile(env, account=account, venue=venue, follow=follow, as_json=as_json)
