"""`snipersight took`: a signal you traded yourself counts towards your limits."""

from __future__ import annotations

from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight took 3f1c09aa52b7e4d0-1a2b3c4d --size 0.18 --price 42250
  snipersight took 3f1c09aa --size 0.18 --price 42180.5 --stop 41700
"""


@reported
def took(
    plan_id: Annotated[
        str,
        typer.Argument(
            metavar="PLAN_ID", help="Of a plan that a scan showed; its first letters will do."
        ),
    ],
    *,
    size: Annotated[str, typer.Option("--size", metavar="UNITS", help="Base units you hold.")],
    price: Annotated[str, typer.Option("--price", metavar="PRICE", help="Your average entry.")],
    stop: Annotated[
        str | None,
        typer.Option("--stop", metavar="PRICE", help="Your stop; the plan's if not given."),
    ] = None,
    leverage: Annotated[
        str | None,
        typer.Option("--leverage", metavar="N", help="Yours; the verdict's if not given."),
    ] = None,
    rate: Annotated[
        str | None,
        typer.Option(
            "--rate",
            metavar="RATE",
            help="Account currency for one unit of the quote currency; as observed if not given.",
        ),
    ] = None,
    account: options.PlanAccount = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Record that you traded a plan by hand, so that it counts towards every limit.

    It is a fact and is recorded even beyond a limit; which one is said, and
    what comes after is refused. Say how it ended with `snipersight closed`.
    """
    from snipersight.cli.hand_trades import TradeWords, perform_took

    words = TradeWords(size=size, price=price, stop=stop, leverage=leverage, rate=rate)
    return perform_took(env, plan_id, words, account=account, as_json=as_json)
