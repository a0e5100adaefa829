"""Draws charts on one thread of its own, which matplotlib is loaded on."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from snipersight.domain.annotations import PlanPicture


class Drawing:
    """Saves charts, one after the other.

    matplotlib keeps the files of its fonts open for each thread that ever drew, and tens of
    megabytes with them: a process that runs for months draws on one.
    """

    def __init__(self) -> None:
        self._thread: Final = ThreadPoolExecutor(1, thread_name_prefix="drawing")

    async def save(self, picture: PlanPicture, path: Path) -> None:
        """Draw a plan into a file.

        Raises:
            ChartUnavailable: the file cannot be written.
            DataInvalid: there is no candle, or the candles are not those of the plan.
        """
        from snipersight.charts import save_plan

        await asyncio.get_running_loop().run_in_executor(self._thread, save_plan, picture, path)

    def warm_up(self) -> None:
        """Load what drawing needs before the first signal waits for it; returns at once.

        What keeps it from being loaded is raised, and told, where a chart is wanted.
        """
        self._thread.submit(import_module, "snipersight.charts.painter")
