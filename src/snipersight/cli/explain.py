"""`snipersight explain`: every factor, gate and number behind the verdict on one symbol."""

from __future__ import annotations

from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight explain BTC/USDT
  snipersight explain SOL/USDT:USDT --exchange binanceusdm --profile scalp
  snipersight explain ETH/USDT --data ./candles --as-of 2024-06-07T12:00
"""


@reported
def explain(
    symbol: Annotated[
        str, typer.Argument(metavar="SYMBOL", help="BTC/USDT, or BTC/USDT:USDT for a perpetual.")
    ],
    *,
    profile: options.ProfileName = "balanced",
    as_of: options.AsOf = None,
    exchange: options.Exchange = None,
    data: options.DataFolder = None,
    market: options.Market = False,
    seed: options.Seed = None,
    instruments: options.Instruments = None,
    balance: options.Balance = None,
    risk: options.Risk = None,
    output_format: options.Format = options.TextFormat.TEXT,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Explain the verdict on one symbol, whether it is a plan or a refusal.

    Shows what each timeframe knows, every setup that was judged, every
    gate with its limit and the measured value, and every factor with its
    points.
    """
    from snipersight.bootstrap.sources import SourceChoice
    from snipersight.cli.explaining import perform_explain
    from snipersight.cli.opening import ScanOptions

    return perform_explain(
        symbol,
        ScanOptions(
            source=SourceChoice(
                exchange=exchange, data=data, instruments=instruments, is_market=market, seed=seed
            ),
            profile=profile,
            symbols=symbol,
            as_of=as_of,
            balance=balance,
            risk=risk,
            env_file=env,
        ),
        as_json=output_format is options.TextFormat.JSON,
    )
