"""Saves charts one after the other: on a thread for one scan, in another process for a running bot."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from snipersight.bootstrap.drawing_process import ChartProcess

if TYPE_CHECKING:
    from snipersight.domain.annotations import PlanPicture

_ENDS_S: Final = 1.0  # of the ten that a graceful stop may take


class Drawing(Protocol):
    """Draws plans into files."""

    async def save(self, picture: PlanPicture, path: Path) -> None:
        """Draw a plan into a file.

        Raises:
            ChartUnavailable: the file cannot be written, or nothing can be drawn.
            DataInvalid: there is no candle, or the candles are not those of the plan.
        """
        ...


class DrawingThread:
    """Draws on one thread of this process: for a scan, which ends when its charts are drawn.

    The drawing library keeps the files of its fonts open for each thread that ever drew, and tens
    of megabytes with them.
    """

    def __init__(self) -> None:
        self._thread: Final = ThreadPoolExecutor(1, thread_name_prefix="drawing")

    async def save(self, picture: PlanPicture, path: Path) -> None:
        """Draw a plan into a file; see `Drawing`."""
        from snipersight.charts import save_plan

        await asyncio.get_running_loop().run_in_executor(self._thread, save_plan, picture, path)


class DrawingProcess:
    """Draws in a process of its own: for a bot, which enters trades meanwhile.

    A chart is a fifth of a second of computing, most of which holds the interpreter's lock: drawn
    here, it and what is entered beside it would hold each other up.

    Args:
        charts: draws them, one after the other.
    """

    def __init__(self, charts: ChartProcess | None = None) -> None:
        self._charts: Final = charts or ChartProcess()
        self._thread: Final = ThreadPoolExecutor(1, thread_name_prefix="drawing")
        self._is_warm = False

    async def save(self, picture: PlanPicture, path: Path) -> None:
        """Draw a plan into a file; see `Drawing`."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._charts.draw, picture, path)

    def warm_up(self) -> None:
        """Start the process before the first signal waits for a chart; returns at once.

        It is done once, however often it is asked for. What keeps it from starting is told where
        a chart is wanted.
        """
        if not self._is_warm:
            self._is_warm = True
            self._thread.submit(self._charts.start)

    async def close(self) -> None:
        """End the process; a chart that takes longer than a moment is not finished."""
        self._charts.stop()
        ending = asyncio.get_running_loop().run_in_executor(self._thread, self._charts.end)
        await asyncio.wait([ending], timeout=_ENDS_S)
        if not ending.done():
            self._charts.kill()
        await ending
