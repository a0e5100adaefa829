"""The outside of a running bot in a process of its own: a Telegram, and venues if it trades there.

usage: python -m benchmarks.run_servers [venues]

It prints one line of JSON, the settings that lead here; then a line for each order, with the
moment it came, nanoseconds of the system's clock. It ends with its standard input.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from decimal import Decimal
from typing import Any, Final

from snipersight.domain.orders import OrderRequest
from snipersight.domain.venue import Answer
from snipersight.sandbox.exchange import ExchangeSandbox, SandboxAccount
from snipersight.sandbox.market import SyntheticMarket
from snipersight.sandbox.telegram import SandboxChat, TelegramSandbox

CHAT: Final = 1001
VENUE: Final = "binanceusdm"
_BALANCE: Final = Decimal(1_000_000)


async def serve(*, has_venues: bool) -> None:
    """Answer until the standard input closes."""
    async with contextlib.AsyncExitStack() as stack:
        chat = SandboxChat(id=CHAT, title="Trader")
        telegram = await stack.enter_async_context(TelegramSandbox(chats=[chat]))
        settings = {
            "TELEGRAM_API_URL": telegram.url,
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "TELEGRAM_CHAT_ID": str(CHAT),
            "TELEGRAM_TRADERS": str(CHAT),
        }
        if has_venues:
            settings |= await _exchange(stack)
        _say(settings)
        await asyncio.to_thread(sys.stdin.read)


async def _exchange(stack: contextlib.AsyncExitStack) -> dict[str, str]:
    """Open the venues and return the settings that lead to them."""
    account = SandboxAccount(balances={"USDT": _BALANCE})
    server = ExchangeSandbox(markets=SyntheticMarket(), accounts=[account])
    await stack.enter_async_context(server)
    _tell_orders(server)
    return {
        "EXCHANGE_GATEWAY": f"127.0.0.1:{server.port}",
        "EXCHANGE_GATEWAY_CA": str(server.ca_pem),
        "EXECUTION_ENVIRONMENT": "demo",
        "BINANCE_API_KEY": account.api_key,
        "BINANCE_API_SECRET": account.secret,
    }


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
    asyncio.run(serve(has_venues="venues" in sys.argv[1:]))
