"""Work that processes are given in tests of sweeps: it must be found by its name in any of them."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from snipersight.domain.errors import DataInvalid


def doubled(number: int) -> int:
    return 2 * number


def worker_of(_number: int) -> int:
    return os.getpid()


def fatal(task: tuple[int, str, int]) -> int:
    """Return the number doubled, unless this is one of the first so many times: then die.

    Each death leaves a mark in a folder.
    """
    number, folder, deaths = task
    marks = len(list(Path(folder).glob(f"{number}-*")))
    if marks < deaths:
        (Path(folder) / f"{number}-{marks}").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def unusable(number: int) -> int:
    if number == 1:
        raise DataInvalid("a bar is missing", where="BTC/USDT")
    if number == 2:
        raise ZeroDivisionError("a fault")
    if number == 3:
        raise MemoryError
    return number


def slowly_doubled(number: int) -> int:
    time.sleep(0.3)
    return 2 * number
