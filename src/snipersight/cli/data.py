"""`snipersight data`: bring candles in, and see what a directory of candles holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

app = typer.Typer(rich_markup_mode="rich")

CHECK_EXAMPLES = """
[bold]Examples[/bold]

  snipersight data check ./candles
  snipersight data check ./candles --format json
"""

IMPORT_EXAMPLES = """
[bold]Examples[/bold]

  snipersight data import BTCUSDT-1h.csv --out ./candles --symbol BTC/USDT
  snipersight data import history.feather --out ./candles --symbol ETH/USDT --venue binance
"""


@app.command(name="check", epilog=CHECK_EXAMPLES)
@reported
def check(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A directory of candles.")],
    *,
    output_format: options.Format = options.TextFormat.TEXT,
    debug: options.Debug = False,
) -> ExitCode:
    """Report gaps, faulty rows, silence and jumps of every candle file in a directory.

    The exit code is 0 if a scan can use every file, 3 if it can use
    some and 4 if none.
    """
    from snipersight.cli.data_views import print_quality

    return print_quality(directory, as_json=output_format is options.TextFormat.JSON)


@app.command(name="import", epilog=IMPORT_EXAMPLES)
@reported
def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV (also zipped), Feather, JSON or Parquet.")
    ],
    *,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Directory that gets the candles.")
    ],
    symbol: Annotated[
        str,
        typer.Option(
            "--symbol", metavar="SYMBOL", help="BTC/USDT, or BTC/USDT:USDT for a perpetual."
        ),
    ],
    timeframe: Annotated[
        str | None,
        typer.Option(
            "--timeframe",
            metavar="BAR",
            help="Bar length, 5m or 1h; read off the file if not given.",
        ),
    ] = None,
    venue: Annotated[
        str | None,
        typer.Option(
            "--venue",
            metavar="NAME",
            help="Also write an instruments.toml for this venue, to fill in.",
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a file of that market and bar length.")
    ] = False,
    debug: options.Debug = False,
) -> ExitCode:
    """Bring a file of candles into a directory that `scan --data` reads.

    Common layouts of exchanges, freqtrade and spreadsheets are
    recognised; what was assumed or repaired is said. A file whose rows
    contradict each other is refused with row and value.
    """
    from snipersight.cli.data_views import import_candles

    return import_candles(
        file, out, symbol=symbol, timeframe=timeframe, venue=venue, overwrite=overwrite
    )
