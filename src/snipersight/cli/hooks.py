"""`snipersight hooks`: which plug-ins are installed, which are told anything, and whether they work."""

from __future__ import annotations

from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight hooks
  HOOKS=csv snipersight hooks
  snipersight hooks --no-load
"""


@reported
def hooks(
    *,
    load: Annotated[
        bool,
        typer.Option("--load/--no-load", help="Start those that HOOKS names, to see if they work."),
    ] = True,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """List plug-ins: who offers them, whether HOOKS names them, and what they are told.

    Those that are named are loaded as `run` loads them, each in a process of
    its own, and told nothing. Exit code 2 if one cannot be used.
    """
    from snipersight.cli.hook_listing import list_hooks

    return list_hooks(env, load=load)
