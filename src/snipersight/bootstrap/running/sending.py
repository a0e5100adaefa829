"""The sender of a running bot: what waits in the outbox is worded and sent, for as long as it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from snipersight.bot.notifications.warming import warm_up

if TYPE_CHECKING:
    from snipersight.bootstrap.notifying import Notifying

SENDER: Final = "sender"  # the part, as vitals know it


def sending_of(
    notifying: Notifying, stop: asyncio.Event, *, say: Callable[[str], object]
) -> Callable[[], Awaitable[object]]:
    """Return the work of the sender: it ends when it is stopped, or overtaken by another one.

    Args:
        notifying: of the run.
        stop: lets what is under way end, and hands back the rest.
        say: told that another process sends.
    """

    async def work() -> None:
        await asyncio.to_thread(warm_up, notifying.notifiers)
        if not await asyncio.to_thread(notifying.lease.keep):
            say("Another SniperSight sends from this database; this one takes over when it ends.")
        stopping = asyncio.create_task(_stop_sender())
        try:
            await notifying.deliver(until_empty=False)
        finally:
            stopping.cancel()

    async def _stop_sender() -> None:
        await stop.wait()
        notifying.request_stop()

    return work
