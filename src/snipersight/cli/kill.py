"""`snipersight kill`: the latched end of all entries, until it is re-armed."""

from __future__ import annotations

from typing import Annotated

import typer

from snipersight.cli import completing, options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight kill
  snipersight kill --flatten --reason "exchange under attack"
  snipersight kill --rearm --account main
"""


@reported
def kill(
    *,
    flatten: Annotated[
        bool, typer.Option("--flatten", help="Close every position of ours, too.")
    ] = False,
    rearm: Annotated[bool, typer.Option("--rearm", help="Allow entries again instead.")] = False,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why, for the audit and the reader.")
    ] = "",
    account: Annotated[
        str | None,
        typer.Option(
            "--account",
            metavar="NAME",
            autocompletion=completing.account_names,
            help="Only this one; every account if not given.",
        ),
    ] = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Stop all entries now and cancel those that work; restarts do not lift it.

    It also halts the account, as `risk halt` does. Stops and targets stay.
    The exit code is 3 as long as a venue has not confirmed all of it.
    """
    from snipersight.cli.killing import perform_kill, perform_rearm

    if rearm:
        return perform_rearm(env, account=account, flatten=flatten, as_json=as_json)
    return perform_kill(env, account=account, flatten=flatten, reason=reason, as_json=as_json)
