"""`snipersight closed`: how a signal you traded yourself ended."""

from __future__ import annotations

from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight closed 3f1c09aa52b7e4d0-1a2b3c4d --price 43650
  snipersight closed 3f1c09aa --price 43000 --size 0.09 --fees 1.20
  snipersight closed 3f1c09aa --price 41740 --stopped
"""


@reported
def closed(
    plan_id: Annotated[
        str,
        typer.Argument(
            metavar="PLAN_ID", help="Of a plan you took, or of its entry; first letters will do."
        ),
    ],
    *,
    price: Annotated[str, typer.Option("--price", metavar="PRICE", help="Your average exit.")],
    size: Annotated[
        str | None,
        typer.Option("--size", metavar="UNITS", help="Part that was closed; all if not given."),
    ] = None,
    fees: Annotated[
        str | None,
        typer.Option(
            "--fees",
            metavar="AMOUNT",
            help="Of entry and exit of that part, in quote currency; the plan's if not given.",
        ),
    ] = None,
    stopped: Annotated[
        bool,
        typer.Option("--stopped", help="The stop closed it: a cooldown begins for the asset."),
    ] = False,
    account: options.PlanAccount = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Record that a trade you took was closed, or a part of it; its result goes to the account."""
    from snipersight.cli.hand_trades import CloseWords, perform_closed

    words = CloseWords(price=price, size=size, fees=fees, is_stopped=stopped)
    return perform_closed(env, plan_id, words, account=account, as_json=as_json)
