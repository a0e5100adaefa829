"""Workers that end with whoever started them, however that one ended."""

from __future__ import annotations

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """Have this process end as soon as the one that spawned it is gone, killed or not.

    A worker that waits for its next task would wait for ever where nobody is left to give it one.
    In a process that nobody spawned it does nothing.
    """
    threading.Thread(target=_follow, name="parent watch", daemon=True).start()


def _follow() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()  # ends with the pipe that the parent holds, on every system
        os._exit(1)
