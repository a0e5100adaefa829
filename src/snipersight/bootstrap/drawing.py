"""Draws charts on one thread of its own, which matplotlib is loaded on."""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from snipersight.domain.annotations import PlanPicture

# A chart is a tenth of a second of computing. Whoever takes a few short steps beside it, as a sender
# does, waits this long at each of them; Python's own five milliseconds add up to another tenth.
_TURN_S: Final = 0.001


class Drawing:
    """Saves charts, one after the other.

    matplotlib keeps the files of its fonts open for each thread that ever drew, and tens of
    megabytes with them: a process that runs for months draws on one.
    """

    def __init__(self) -> None:
        self._thread: Final = ThreadPoolExecutor(1, thread_name_prefix="drawing")
        self._is_warm = False

    async def save(self, picture: PlanPicture, path: Path) -> None:
        """Draw a plan into a file.

        Raises:
            ChartUnavailable: the file cannot be written.
            DataInvalid: there is no candle, or the candles are not those of the plan.
        """
        from snipersight.charts import save_plan

        await asyncio.get_running_loop().run_in_executor(self._thread, save_plan, picture, path)

    def warm_up(self) -> None:
        """Draw a chart that nobody sees before the first signal waits for one; returns at once.

        It is done once, however often it is asked for; from then on threads take shorter turns, so
        that nothing else in the process waits long for a chart that is being drawn. What keeps it from being drawn is raised,
        and told, where a chart is wanted.
        """
        if not self._is_warm:
            self._is_warm = True
            sys.setswitchinterval(_TURN_S)
            self._thread.submit(_rehearse)


def _rehearse() -> None:
    from snipersight.charts.rehearsal import rehearse

    rehearse()
