"""`snipersight metrics`: serve what is measured to Prometheus, or print it once."""

from __future__ import annotations

from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight metrics
  snipersight metrics --once
  snipersight metrics --host 0.0.0.0 --port 9464
"""


@reported
def metrics(
    *,
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="0: any that is free.")
    ] = 9464,
    host: Annotated[
        str,
        typer.Option("--host", metavar="NAME", help="Nobody who reaches it is asked who they are."),
    ] = "127.0.0.1",
    once: Annotated[bool, typer.Option("--once", help="Print all metrics once and end.")] = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Serve signals, results, risk and messages as metrics, until Ctrl-C.

    Everything is read from the stores when Prometheus asks, so that no other
    command needs to run. A part that cannot be read is told by
    `snipersight_reader_up`; the others are served all the same.
    """
    from snipersight.cli.metrics_serving import print_metrics, serve_metrics

    if once:
        return print_metrics(env)
    return serve_metrics(env, host=host, port=port)
