"""A sender in a process of its own, to be killed.

usage: python -m benchmarks.notify_worker DATABASE_URL API_URL OWNER

Waits for the lease, prints `sends` with its first outcome, and sends until SIGTERM.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import Final

from snipersight.bot.notifications.sending.send_report import SendCounts
from snipersight.bot.notifications.sending.sender import Sender
from snipersight.bot.notifications.telegram import TelegramNotifier
from snipersight.sandbox.telegram.tokens import SANDBOX_TOKEN
from snipersight.storage.database import connect_database
from snipersight.storage.outbox import SqlOutbox
from snipersight.storage.outbox_lease import SqlSenderLease

LEASE_US: Final = 1_500_000  # so long a killed sender keeps its successor waiting


async def send(url: str, api_url: str, owner: str) -> None:
    """Send until SIGTERM."""
    told: list[SendCounts] = []

    def tell(counts: SendCounts) -> None:
        if not told:
            print("sends", flush=True)
        told.append(counts)

    with connect_database(url) as database:
        lease = SqlSenderLease(database, owner=owner, for_us=LEASE_US)
        outbox = SqlOutbox(database, lease=lease)
        channel = TelegramNotifier(SANDBOX_TOKEN, api_url=api_url)
        sender = Sender(outbox, {channel.name: channel}, lease=lease, on_progress=tell)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, sender.request_stop)
        try:
            await sender.drain(until_empty=False)
        finally:
            await channel.close()


if __name__ == "__main__":
    asyncio.run(send(*sys.argv[1:]))
