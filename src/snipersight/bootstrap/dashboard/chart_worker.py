"""The process that reads charts: detectors take more memory and time than a page may cost."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final

from snipersight.domain.errors import StateUnavailable

if TYPE_CHECKING:
    from pathlib import Path

    from snipersight.bootstrap.dashboard.chart_task import ChartTask
    from snipersight.bootstrap.dashboard.views_chart import ChartView

_PATIENCE_S: Final = 60.0  # the first chart after an update compiles the detectors
_IDLE_S: Final = 300.0
_KEPT: Final = 8
_STEP: Final = "try again in a moment"


class ChartWorker:
    """Reads charts one after the other in a process of its own, which ends when nobody asks.

    Args:
        home: where compiled detectors are kept.
        idle_s: after so many seconds without a chart the process ends.
    """

    def __init__(self, home: Path, *, idle_s: float = _IDLE_S) -> None:
        self._home: Final = home
        self._idle_s: Final = idle_s
        self._lock: Final = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._timer: threading.Timer | None = None
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
            asked = self._submit(task)
        view = self._answer(asked)
        with self._lock:
            self._keep(key, view)
        return view

    def close(self) -> None:
        """End the process; a later chart starts another one."""
        with self._lock:
            self._end()

    def _submit(self, task: ChartTask) -> Future[ChartView]:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(self._idle_s, self.close)
        self._timer.daemon = True
        self._timer.start()
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                1, mp_context=get_context("spawn"), initializer=_prepare, initargs=(self._home,)
            )
        try:
            return self._pool.submit(_read, task)
        except BrokenProcessPool:
            self._end()
            raise _died() from None

    def _answer(self, asked: Future[ChartView]) -> ChartView:
        try:
            return asked.result(_PATIENCE_S)
        except TooLate as error:
            self.close()
            raise StateUnavailable(
                f"the chart was not read within {_PATIENCE_S:g} s", next_step=_STEP
            ) from error
        except BrokenProcessPool as error:
            self.close()
            raise _died() from error

    def _keep(self, key: object, view: ChartView) -> None:
        if not view.has_later:  # the newest bars are another view soon
            return
        self._kept[key] = view
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    def _end(self) -> None:
        pool, timer = self._pool, self._timer
        self._pool = self._timer = None
        if timer is not None:
            timer.cancel()
        if pool is not None:
            # An executor has no public way to end a process that hangs.
            for process in list((pool._processes or {}).values()):
                process.terminate()
            pool.shutdown(wait=False, cancel_futures=True)


def _key(task: ChartTask) -> object:
    profile = "" if task.profile is None else task.profile.content_hash
    names = (task.venue, task.symbol, task.timeframe.name, profile, task.seed)
    return (*names, task.until_ms, task.bars, task.until_ms is None and task.now_ms)


def _died() -> StateUnavailable:
    return StateUnavailable("the process that reads charts has died", next_step=_STEP)


def _prepare(home: Path) -> None:
    from snipersight.bootstrap.compile_cache import configure_compile_cache

    configure_compile_cache(home)


def _read(task: ChartTask) -> ChartView:
    from snipersight.bootstrap.dashboard.chart_reading import read_chart

    return read_chart(task)
