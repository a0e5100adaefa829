"""`snipersight orders`: the orders of executed trades."""

from __future__ import annotations

from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight orders
  snipersight orders --all --account practice
  snipersight orders --json | jq '.orders[].client_id'
"""


@reported
def orders(
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Those that have ended, too, of ended trades as well.")
    ] = False,
    limit: options.Limit = 20,
    account: options.Account = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Show the orders of ours that are or may be at a venue, as the store knows them.

    Nothing is asked of the venue; `snipersight reconcile` does that.
    """
    from snipersight.cli.order_listing import show_orders

    return show_orders(env, account=account, everything=everything, limit=limit, as_json=as_json)
