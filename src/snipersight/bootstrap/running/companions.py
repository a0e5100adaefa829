"""What goes on beside the executor, and begins again where a fault ends it."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from snipersight.bootstrap.running.supervising import Pauses
from snipersight.bootstrap.running.vitals import Vitals
from snipersight.bot.telemetry.logging import log_structured
from snipersight.domain.errors import LeaseLost


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """Work beside the executor.

    Args:
        name: as vitals know it.
        what: is done, for people: `trade is told of`, after "no".
        work: goes on until it is cancelled.
    """

    name: str
    what: str
    work: Callable[[], Coroutine[Any, Any, None]]


class Companions:
    """Keeps such work going: its faults must neither end the executor's care nor stay silent.

    Args:
        vitals: hold the trouble until the work has gone well for a while.
        say: tells people, once for each time of trouble.
    """

    def __init__(self, vitals: Vitals, *, say: Callable[[str], object]) -> None:
        self._vitals: Final = vitals
        self._say: Final = say
        self._tasks: Final[list[asyncio.Task[None]]] = []
        self._troubled: Final[set[str]] = set()

    def start(self, companion: Companion) -> None:
        """Let work begin."""
        self._tasks.append(asyncio.create_task(self._keep(companion), name=companion.name))

    async def end(self) -> None:
        """Cancel everything, and wait until it has ended."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for name in tuple(self._troubled):
            self._well(name)  # whoever takes over begins without it

    async def _keep(self, companion: Companion) -> None:
        pauses = Pauses()
        while True:
            watching = asyncio.create_task(self._see_it_well(companion.name, pauses))
            try:
                await companion.work()
                return
            except LeaseLost:  # the executor meets that itself
                return
            except Exception as error:  # noqa: BLE001  a bug here must not leave trades alone
                self._trouble(companion, error)
            finally:
                watching.cancel()
            await asyncio.sleep(pauses.next_s())

    def _trouble(self, companion: Companion, error: Exception) -> None:
        trace = "".join(traceback.format_exception(error))
        log_structured(f"{companion.what}: {error!r}", level="ERROR", stage="run", trace=trace)
        sentence = f"no {companion.what}: {type(error).__name__}, see the log"
        if companion.name not in self._troubled:
            self._say(f"warning: {sentence}; it is tried again")
        self._troubled.add(companion.name)
        self._vitals.trouble(companion.name, sentence)

    async def _see_it_well(self, name: str, pauses: Pauses) -> None:
        await asyncio.sleep(pauses.well_s)
        pauses.begin_anew()
        if name in self._troubled:
            self._well(name)

    def _well(self, name: str) -> None:
        self._troubled.discard(name)
        self._vitals.well(name)
