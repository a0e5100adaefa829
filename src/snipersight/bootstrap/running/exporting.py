"""The exporters of a running bot: events leave for where the settings say, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.event_exporters import LOCAL
from snipersight.bootstrap.event_sending import open_sending

if TYPE_CHECKING:
    from snipersight.bootstrap.running.opening import OpenRun

EXPORTERS: Final = "exporters"  # the part, as vitals know it


def exporting_of(run: OpenRun, stop: asyncio.Event) -> Callable[[], Awaitable[object]]:
    """Return the work of the exporters; what another process brings already is left to it.

    Args:
        run: open.
        stop: ends it after the batch that is under way.
    """

    async def work() -> None:
        ended = threading.Event()
        watching = asyncio.create_task(asyncio.to_thread(_watch, run, ended))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([watching, stopping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended.set()
            stopping.cancel()
        await watching

    return work


def _watch(run: OpenRun, ended: threading.Event) -> None:
    surroundings = run.session.surroundings
    logs = surroundings.home.logs() if surroundings.is_writable else None
    names = [one for one in surroundings.settings.event_exporters if one != LOCAL or logs]
    if not names:
        ended.wait()
        return
    with open_sending(surroundings.settings, logs=logs, names=names, tell=run.say) as sending:
        sending.watch(ended)
