"""Charts as they were read last, and the process that reads the others."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.dashboard.side_process import SideProcess

if TYPE_CHECKING:
    from snipersight.bootstrap.dashboard.chart_task import ChartTask
    from snipersight.bootstrap.dashboard.views_chart import ChartView

_KEPT: Final = 8


class ChartWorker:
    """Reads charts; one of the past is kept, for it never changes.

    Args:
        process: where detectors run.
    """

    def __init__(self, process: SideProcess) -> None:
        self._process: Final = process
        self._lock: Final = threading.Lock()
        self._kept: Final[OrderedDict[object, ChartView]] = OrderedDict()

    def read(self, task: ChartTask) -> ChartView:
        """Return a chart; it blocks until it is read.

        Raises:
            NotKnown: the market does not list the symbol, or has no such timeframe.
            StateUnavailable: it cannot be read, or the process died or took too long.
        """
        key = _key(task)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        view = self._process.call(_read, task)
        self._keep(key, view)
        return view

    def close(self) -> None:
        """End the process; a later chart starts another one."""
        self._process.close()

    def _keep(self, key: object, view: ChartView) -> None:
        if not view.has_later:  # the newest bars are another view soon
            return
        with self._lock:
            self._kept[key] = view
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)


def _key(task: ChartTask) -> object:
    profile = "" if task.profile is None else task.profile.content_hash
    names = (task.venue, task.symbol, task.timeframe.name, profile, task.seed)
    return (*names, task.until_ms, task.bars)


def _read(task: ChartTask) -> ChartView:
    from snipersight.bootstrap.dashboard.chart_reading import read_chart

    return read_chart(task)
