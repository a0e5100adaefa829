"""A sandbox Telegram in a process of its own, with faults of every kind.

usage: python -m benchmarks.notify_server SHARE SEED CHAT…

Prints its address, then answers until its standard input closes. Windows are counted to the
millisecond: nothing is forgiven for arriving a moment early.
"""

from __future__ import annotations

import asyncio
import sys

from snipersight.sandbox.telegram.chats import SandboxChat
from snipersight.sandbox.telegram.faults import FaultKind, FaultPlan
from snipersight.sandbox.telegram.limits import RateLimits
from snipersight.sandbox.telegram.server import TelegramSandbox


async def serve(share: float, seed: int, chats: list[int]) -> None:
    """Answer until the standard input closes.

    Args:
        share: of the requests that go wrong in each way.
        seed: the same requests in the same order go wrong in the same way.
        chats: their ids; below 0 for groups.
    """
    faults = FaultPlan(rates=dict.fromkeys(FaultKind, share), seed=seed)
    sandbox = TelegramSandbox(
        chats=[SandboxChat(id=chat) for chat in chats],
        limits=RateLimits(tolerance_s=0.0),
        faults=faults,
    )
    async with sandbox as server:
        print(server.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]), int(sys.argv[2]), [int(chat) for chat in sys.argv[3:]]))
