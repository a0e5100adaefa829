"""`snipersight health`: ask a running bot how it is; for containers, scripts and people."""

from __future__ import annotations

from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight health
  snipersight health --ready
  snipersight health --json
"""


@reported
def health(
    *,
    ready: Annotated[
        bool,
        typer.Option("--ready", help="Also ask whether it does its work yet, or is ending."),
    ] = False,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Ask the bot that runs on this machine, at RUN_LISTEN, how it is.

    The exit code is 0 if it is well, 1 if a part of it hangs (with --ready
    also while it starts or ends), and 4 if nobody answers.
    """
    from snipersight.cli.health_asking import ask_health

    return ask_health(env, is_for_ready=ready, as_json=as_json)
