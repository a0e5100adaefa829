"""`snipersight trade`: execute one plan, rehearsed unless told otherwise."""

from __future__ import annotations

from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight trade 3f1c09aa
  snipersight trade 3f1c09aa --mode paper
  snipersight trade 3f1c09aa --mode paper --follow
  snipersight trade 3f1c09aa --mode live --confirm main
"""


@reported
def trade(
    plan_id: Annotated[
        str,
        typer.Argument(
            metavar="PLAN_ID", help="Of a plan that a scan showed; its first letters will do."
        ),
    ],
    *,
    mode: options.ExecutionMode = options.ModeName.DRY_RUN,
    confirm: options.Confirm = None,
    unproven: options.Unproven = None,
    follow: options.Follow = None,
    exchange: options.Exchange = None,
    data: options.DataFolder = None,
    seed: options.Seed = None,
    instruments: options.Instruments = None,
    account: options.PlanAccount = None,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Let the risk gate judge a plan at present prices and execute it.

    dry-run writes down every order and sends none. paper trades on the
    exchange's testnet or demo, or, where no environment is set, on a
    simulated venue inside this program. live trades real money and has to
    be confirmed with the account's name.
    """
    from snipersight.bootstrap.sources import SourceChoice
    from snipersight.cli.trading import TradeWords, perform_trade

    named = exchange is not None or data is not None or seed is not None
    source = SourceChoice(exchange=exchange, data=data, instruments=instruments, seed=seed)
    return perform_trade(
        plan_id,
        TradeWords(
            mode=mode.value,
            confirm=confirm,
            unproven=unproven,
            follow=follow,
            source=source if named else None,
            account=account,
            env_file=env,
        ),
        as_json=as_json,
    )
