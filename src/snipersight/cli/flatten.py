"""`snipersight flatten`: close a trade at market, or all of them."""

from __future__ import annotations

from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight flatten 3f1c09aa
  snipersight flatten --all --account main
"""


@reported
def flatten(
    which: Annotated[
        str | None,
        typer.Argument(metavar="[PLAN]", help="Plan, its first letters, trade, or symbol."),
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every trade of the account.")] = False,
    account: options.PlanAccount = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Close a trade at market: its entries end, its position goes, nothing brings it back.

    What is not ours is never touched. The exit code is 3 if the venue has
    not confirmed it yet; whoever looks after the account then goes on.
    """
    from snipersight.cli.trade_commands import perform_flatten

    return perform_flatten(env, which, everything=everything, account=account, as_json=as_json)
