"""`snipersight cancel`: take back the entries of a trade; what is filled stays protected."""

from __future__ import annotations

from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight cancel 3f1c09aa
  snipersight cancel BTC/USDT:USDT --account main
"""


@reported
def cancel(
    which: Annotated[
        str,
        typer.Argument(metavar="PLAN", help="Plan, its first letters, trade, or symbol."),
    ],
    *,
    account: options.PlanAccount = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Cancel the entries of a trade that are not filled.

    A position that they have filled keeps its stop and its targets and is
    managed on. The exit code is 3 if the venue has not confirmed it yet.
    """
    from snipersight.cli.trade_commands import perform_cancel

    return perform_cancel(env, which, account=account, as_json=as_json)
