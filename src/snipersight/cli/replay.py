"""`snipersight replay`: step through one market, or keep every signal of a recorded period."""

from __future__ import annotations

from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight replay BTC/USDT:USDT
  snipersight replay BTC/USDT --data ./candles --from 2024-06-01 --to 2024-06-08
  snipersight replay BTC/USDT:USDT --exchange binanceusdm --profile scalp --from 2024-06-01 --to 2024-06-02
  snipersight replay ETH/USDT --data ./candles --json | jq 'select(.planned != \\[])'
  snipersight replay --data ./candles --profile swing
  snipersight replay --data ./candles --symbols BTC/USDT,ETH/USDT --from 2024-07-01 --to 2024-10-01
  snipersight stats --origin replay
"""


@reported
def replay(
    symbol: Annotated[
        str | None,
        typer.Argument(
            metavar="[SYMBOL]",
            help="Step through this market: BTC/USDT, or BTC/USDT:USDT for a perpetual.",
            show_default=False,
        ),
    ] = None,
    *,
    symbols: Annotated[
        str | None,
        typer.Option(
            "--symbols",
            "-s",
            metavar="LIST",
            help="Without SYMBOL: all, BTC/USDT,ETH/USDT, or @name of a list; all if not given.",
        ),
    ] = None,
    profile: options.ProfileName = "balanced",
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="TIME",
            help="Closes later than this. If not given: with SYMBOL the newest 300, without it "
            "from where the candles suffice.",
        ),
    ] = None,
    end: Annotated[
        str | None,
        typer.Option("--to", metavar="TIME", help="Until then; all there are if not given."),
    ] = None,
    exchange: options.Exchange = None,
    data: options.DataFolder = None,
    market: options.Market = False,
    seed: options.Seed = None,
    instruments: options.Instruments = None,
    shows_all: Annotated[
        bool,
        typer.Option("--all", help="Print every step of SYMBOL at once, as a pipe gets it."),
    ] = False,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Step through one market close by close, or keep the signals of a recorded period.

    With SYMBOL each step shows one close and what was known then: the bar,
    structure, zones and sweeps that it made known, setups with their
    gates, plans and how they stand. It says what scan --as-of that close
    says, and nothing later. Enter goes on, n to the next event, p to the
    next plan, b back, g to a date, q ends. Nothing is kept.

    Without SYMBOL it decides at every close of the candles in --data as a
    scan would have, and follows each plan to its end. Each plan is judged
    alone, on an account that holds nothing and is worth
    DEFAULT_ACCOUNT_BALANCE. Signals are kept as those of account replay
    and are never mixed with others. The same again changes nothing.
    """
    from snipersight.bootstrap.sources import SourceChoice

    source = SourceChoice(
        exchange=exchange, data=data, instruments=instruments, is_market=market, seed=seed
    )
    if symbol is None:
        from snipersight.cli.recorded_words import RecordedWords
        from snipersight.cli.replaying import perform_replay, required_data

        words = RecordedWords(
            data=required_data(source, shows_all=shows_all),
            symbols=symbols or "all",
            profile=profile,
            start=start,
            end=end,
            instruments=instruments,
            env_file=env,
        )
        return perform_replay(words, as_json=as_json)
    from snipersight.cli.stepping import SteppingWords, perform_stepping

    return perform_stepping(
        SteppingWords(
            symbol=symbol,
            symbols=symbols,
            source=source,
            profile=profile,
            start=start,
            end=end,
            env_file=env,
        ),
        shows_all=shows_all,
        as_json=as_json,
    )
