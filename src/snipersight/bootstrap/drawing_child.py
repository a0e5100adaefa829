"""The process that draws charts for a running bot: it does so for every request that comes in.

    python -m snipersight.bootstrap.drawing_child

A request on standard input is a picture and the file it belongs into, pickled; so is the answer on
standard output: None, or the error. The process ends with its input, however whoever started it
ended.
"""

from __future__ import annotations

import gc
import os
import pickle  # between two processes of ours, over pipes that nobody else holds
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

from snipersight.bootstrap.running.allocating import map_large_buffers
from snipersight.charts import ChartUnavailable, save_plan
from snipersight.domain.errors import SniperSightError

if TYPE_CHECKING:
    from pathlib import Path

    from snipersight.domain.annotations import PlanPicture

Request = tuple["PlanPicture", "Path"]


def main() -> None:
    """Draw until there are no more requests."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)  # they are for the bot, which then ends this
    map_large_buffers()
    requests, answers = _take_pipes()
    _rehearse()
    # Looked for in the middle of a chart, garbage holds it up for a tenth of its time.
    gc.disable()
    gc.freeze()
    # Cut short, it was that of a bot that has died.
    with suppress(EOFError, pickle.UnpicklingError, BrokenPipeError):
        while True:
            pickle.dump(_problem(*pickle.load(requests)), answers)  # noqa: S301 - ours alone
            answers.flush()
            gc.collect()


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Return our ends; what a library prints goes where errors go."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(sys.stderr.fileno(), 1)
    return requests, answers


def _rehearse() -> None:
    from snipersight.charts.rehearsal import rehearse

    with suppress(Exception):  # what keeps charts from being drawn is told where one is wanted
        rehearse()


def _problem(picture: PlanPicture, path: Path) -> SniperSightError | None:
    """Draw a chart, and return what was wrong with it."""
    try:
        save_plan(picture, path)
    except SniperSightError as error:
        return error
    except Exception as bug:  # noqa: BLE001 - one chart's trouble keeps no other from being drawn
        return ChartUnavailable(
            f"the chart cannot be drawn: {type(bug).__name__}: {bug}", where=str(path)
        )
    return None


if __name__ == "__main__":
    main()
