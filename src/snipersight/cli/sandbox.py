"""`snipersight sandbox …`: a Telegram and venues of one's own, to try messages and orders on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

app = typer.Typer(
    help="Stand-ins for the outside world that run on this machine.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
TELEGRAM_EXAMPLES = """
[bold]Examples[/bold]

  snipersight sandbox telegram
  snipersight sandbox telegram --chat 1001:Me --chat -1002000000001:Signals
  snipersight sandbox telegram --fault-rate 0.3 --seed 7
"""
EXCHANGE_EXAMPLES = """
[bold]Examples[/bold]

  snipersight sandbox exchange
  snipersight sandbox exchange --port 8443 --balance 5000
  snipersight sandbox exchange --faults 0.05 --seed 7 --time-scale 60
  snipersight sandbox exchange --at 2025-07-19T00:05
"""


@app.callback()
def sandbox() -> None:
    """Stand-ins for the outside world that run on this machine."""


@app.command(epilog=TELEGRAM_EXAMPLES)
@reported
def telegram(
    *,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 for any free one.")
    ] = 8081,
    host: Annotated[
        str, typer.Option("--host", help="Loopback address to listen on; others are refused.")
    ] = "127.0.0.1",
    token: Annotated[
        str | None,
        typer.Option(
            "--token", metavar="TOKEN", help="Made-up token of the bot; never a real one."
        ),
    ] = None,
    chats: Annotated[
        list[str] | None,
        typer.Option(
            "--chat",
            metavar="ID[:TITLE]",
            help="A chat: above 0 a person, below 0 a group, from -1000000000000 down a supergroup. "
            "Give it again for more.",
        ),
    ] = None,
    fault_rate: Annotated[
        float,
        typer.Option(
            "--fault-rate", min=0, max=1, help="Share of the messages that go wrong on purpose."
        ),
    ] = 0.0,
    seed: Annotated[
        int, typer.Option("--seed", help="Which of them; the same seed, the same ones.")
    ] = 0,
    debug: options.Debug = False,
) -> ExitCode:
    """Answer as Telegram's Bot API and show the chats as a page, until Ctrl-C.

    Prints the variables that point SniperSight at it. Nothing leaves this
    machine, and everything is forgotten at the end. Flood limits are
    enforced and markup is checked as Telegram does. /sandbox/report is a
    JSON object with every message, the violations and the faults.
    """
    from snipersight.cli.sandbox_serving import serve_telegram

    return serve_telegram(
        host=host, port=port, token=token, chats=chats or [], fault_rate=fault_rate, seed=seed
    )


@app.command(epilog=EXCHANGE_EXAMPLES)
@reported
def exchange(
    *,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 for any free one.")
    ] = 8443,
    market: Annotated[
        int,
        typer.Option("--market", metavar="SEED", help="Which built-in market the prices are of."),
    ] = 7,
    balance: Annotated[
        str, typer.Option("--balance", metavar="USDT", help="Practice money at each venue.")
    ] = "100000",
    faults: Annotated[
        float,
        typer.Option(
            "--faults",
            min=0,
            max=1,
            help="Share of account requests and of events that go wrong on purpose.",
        ),
    ] = 0.0,
    seed: Annotated[
        int, typer.Option("--seed", help="Which of them; the same seed, the same ones.")
    ] = 0,
    time_scale: Annotated[
        float, typer.Option("--time-scale", help="Seconds of the venues' clock in a real second.")
    ] = 1.0,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="TIME", help="The venues' time at the beginning; the present otherwise."
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder",
            file_okay=False,
            help="Where the certificate is kept; a temporary folder if not given.",
        ),
    ] = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Answer as Binance and other venues, with practice money, until Ctrl-C.

    Prints the variables that point SniperSight at it. It answers under the
    venues' real names, but on the loopback address only and with a
    certificate that nobody else trusts. Nothing leaves this machine, and
    everything is forgotten at the end.
    """
    from snipersight.cli.sandbox_exchange import serve_exchange

    return serve_exchange(
        port=port,
        market_seed=market,
        fault_rate=faults,
        seed=seed,
        balance=balance,
        time_scale=time_scale,
        folder=folder,
        at=at,
    )
