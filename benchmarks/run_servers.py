"""The outside of a running bot in a process of its own: a Telegram, and venues if it trades there.

usage: python -m benchmarks.run_servers JSON

The argument is an `Outside`. It prints one line of JSON, the settings that lead here and where else
it answers; then a line for each order, with the moment it came, nanoseconds of the system's clock.
It ends with its standard input.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final

from aiohttp import web

from benchmarks.execute_server import Told, Watch
from snipersight.domain.orders import OrderRequest
from snipersight.domain.venue import Answer
from snipersight.sandbox.exchange import ExchangeSandbox, SandboxAccount, scaled_clock
from snipersight.sandbox.exchange.prices import BuiltInPrices
from snipersight.sandbox.market import SyntheticMarket
from snipersight.sandbox.telegram import SandboxChat, TelegramSandbox

CHAT: Final = 1001
VENUE: Final = "binanceusdm"
HELD_BY: Final = "practice"  # the account at the venue
# As much as a new account of ours begins with, so that both can be compared to the last digit.
BALANCE: Final = Decimal(10_000)
_FUNDED_US: Final = 8 * 3_600_000_000
_FUNDING: Final = (Decimal("0.0001"), Decimal("-0.00005"))
_PRINTED_S: Final = 0.2
_TURN_US: Final = 100_000_000  # a third of five minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What a bot has around it.

    Args:
        has_venues: whether there is an exchange beside the Telegram.
        scale: seconds of the venues' time in one of ours.
        begins_ms: the venues' time at the beginning, milliseconds UTC; None: the present.
        pays_funding: whether funding is settled every eight hours of the venues' time.
    """

    has_venues: bool = False
    scale: float = 1.0
    begins_ms: int | None = None
    pays_funding: bool = False

    def as_json(self) -> str:
        """Return it as `main` reads it."""
        return json.dumps(asdict(self))


async def serve(outside: Outside) -> None:
    """Answer until the standard input closes."""
    async with contextlib.AsyncExitStack() as stack:
        chat = SandboxChat(id=CHAT, title="Trader")
        telegram = await stack.enter_async_context(TelegramSandbox(chats=[chat]))
        settings = {
            "TELEGRAM_API_URL": telegram.url,
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "TELEGRAM_CHAT_ID": str(CHAT),
            "TELEGRAM_ADMINS": str(CHAT),
        }
        where = {"settings": settings}
        if outside.has_venues:
            where |= await _exchange(stack, outside, settings)
        _say(where)
        await asyncio.to_thread(sys.stdin.read)


async def _exchange(
    stack: contextlib.AsyncExitStack, outside: Outside, settings: dict[str, str]
) -> dict[str, Any]:
    """Open the venues, add the settings that lead to them, and return where they are asked."""
    begins_us = None if outside.begins_ms is None else outside.begins_ms * 1000
    clock = scaled_clock(outside.scale, start_us=begins_us)
    account = SandboxAccount(name=HELD_BY, balances={"USDT": BALANCE})
    market = SyntheticMarket(clock=lambda: clock() // 1000)
    server = ExchangeSandbox(markets=market, accounts=[account], clock=clock)
    await stack.enter_async_context(server)
    _tell_orders(server)
    settings |= {
        "EXCHANGE_GATEWAY": f"127.0.0.1:{server.port}",
        "EXCHANGE_GATEWAY_CA": str(server.ca_pem),
        "EXECUTION_ENVIRONMENT": "demo",
        "BINANCE_API_KEY": account.api_key,
        "BINANCE_API_SECRET": account.secret,
    }
    watch = Watch(server, [HELD_BY])
    _beside(stack, watch.run())
    # Prices of a fast clock jump otherwise: the server prints them once in a second of ours.
    _beside(stack, server.world(VENUE).keep_fresh(every_s=_PRINTED_S))
    _beside(stack, _turn(server, BuiltInPrices(market), outside.scale))
    if outside.pays_funding:
        _beside(stack, _fund(server, outside.scale))
    return {"own": await _told(stack, server, watch), "admin": server.url}


async def _told(stack: contextlib.AsyncExitStack, server: ExchangeSandbox, watch: Watch) -> str:
    """Answer over plain HTTP what the books are compared with, and return where."""
    runner = web.AppRunner(Told(server, watch, [HELD_BY], None).application(), access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


async def _turn(server: ExchangeSandbox, prices: BuiltInPrices, scale: float) -> None:
    """Print every turn of the walk through a bar, so that nothing misses a price that was there."""
    world = server.world(VENUE)
    at_us = server.clock() // _TURN_US * _TURN_US
    while True:
        at_us += _TURN_US
        await asyncio.sleep((at_us - server.clock()) / 1e6 / scale)
        for symbol in world.waiting():
            tick = world.instruments[symbol].tick
            price = None if tick is None else await prices.price(symbol, at_us=at_us, tick=tick)
            if price is not None:
                world.print(symbol, price)


async def _fund(server: ExchangeSandbox, scale: float) -> None:
    """Settle funding of everything that is held, every eight hours of the venues' time."""
    number = 0
    while True:
        now_us = server.clock()
        await asyncio.sleep((_FUNDED_US - now_us % _FUNDED_US) / 1e6 / scale)
        world = server.world(VENUE)
        for position in world.engine.positions(HELD_BY):
            world.fund(position.symbol, _FUNDING[number % len(_FUNDING)])
            number += 1


def _beside(stack: contextlib.AsyncExitStack, work: Any) -> None:
    """Let something go on beside the servers; if it fails, everything ends, and it is shown."""
    task = asyncio.ensure_future(work)

    def ended(done: asyncio.Future[Any]) -> None:
        if not done.cancelled() and (error := done.exception()) is not None:
            print(repr(error), file=sys.stderr, flush=True)
            asyncio.get_running_loop().stop()

    task.add_done_callback(ended)
    stack.callback(task.cancel)


def _tell_orders(server: ExchangeSandbox) -> None:
    engine = server.world(VENUE).engine
    submit = engine.submit

    def noted(name: str, request: OrderRequest, **more: Any) -> Answer:
        _say({"order": str(request.client_id), "at_ns": time.time_ns()})
        return submit(name, request, **more)

    # The engine is the last to hear of an order: what is measured is never shorter than the wire.
    setattr(engine, "submit", noted)  # noqa: B010 — what stands there is a method


def _say(what: object) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(Outside(**json.loads(sys.argv[1]))))
