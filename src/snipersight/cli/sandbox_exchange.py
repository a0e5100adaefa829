"""Runs the sandbox exchange in the foreground until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
from decimal import Decimal, InvalidOperation
from pathlib import Path

from snipersight.cli.arguments import parse_as_of
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.domain.errors import ConfigInvalid
from snipersight.sandbox import SyntheticMarket
from snipersight.sandbox.exchange import (
    ExchangeSandbox,
    FaultPlan,
    SandboxAccount,
    scaled_clock,
)


def serve_exchange(
    *,
    port: int,
    market_seed: int,
    fault_rate: float,
    seed: int,
    balance: str,
    time_scale: float,
    folder: Path | None,
    at: str | None = None,
) -> ExitCode:
    """Run the sandbox exchange until SIGINT or SIGTERM and say what it has seen.

    Args:
        port: to listen on.
        market_seed: which built-in market.
        fault_rate, seed: what goes wrong on purpose.
        balance: practice money, USDT.
        time_scale: seconds of the venues' clock in a real one.
        folder: of the certificate.
        at: the venues' time at the beginning, as the user wrote it; None: the present.

    Raises:
        ConfigInvalid: an impossible balance, fault rate, time scale or time.
        VenueUnavailable: the port is taken.
    """
    clock = scaled_clock(
        time_scale, start_us=None if at is None else parse_as_of(at, where="--at") * 1_000
    )
    server = ExchangeSandbox(
        port=port,
        faults=FaultPlan.even(fault_rate, seed=seed),
        clock=clock,
        markets=SyntheticMarket(market_seed, clock=lambda: clock() // 1_000),
        accounts=[SandboxAccount(balances={"USDT": money_of(balance)})],
        folder=folder,
    )
    asyncio.run(_serve(server))
    return ExitCode.OK


def money_of(written: str) -> Decimal:
    """Return an amount above 0.

    Raises:
        ConfigInvalid: it is none.
    """
    try:
        amount = Decimal(written)
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or amount <= 0:
        raise ConfigInvalid(
            f"{written!r} is no amount of money", where="--balance", next_step="write 10000"
        )
    return amount


def variables_of(server: ExchangeSandbox) -> dict[str, str]:
    """Return the settings that point SniperSight at a running server."""
    account = next(iter(server.accounts.by_name.values()))
    return {
        "EXCHANGE_GATEWAY": f"127.0.0.1:{server.port}",
        "EXCHANGE_GATEWAY_CA": str(server.ca_pem),
        "EXECUTION_ENVIRONMENT": "demo",
        "BINANCE_API_KEY": account.api_key,
        "BINANCE_API_SECRET": account.secret,
        "BYBIT_API_KEY": account.api_key,
        "BYBIT_API_SECRET": account.secret,
    }


async def _serve(server: ExchangeSandbox) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for ending in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(ending, stop.set)
    async with server:
        for name, value in variables_of(server).items():
            print(f"{name}={value}")
        print(f"# report: {server.url}/sandbox/report", flush=True)
        say("Ctrl-C ends it.")
        await stop.wait()
    say(_summary(server))


def _summary(server: ExchangeSandbox) -> str:
    report = server.report()
    venues = report["venues"].values()
    requests = sum(sum(venue["requests"].values()) for venue in venues)
    orders = sum(account["orders"] for venue in venues for account in venue["accounts"].values())
    faults = sum(report["faults"].values())
    return f"{requests} requests answered, {orders} orders taken, {faults} faults on purpose."
