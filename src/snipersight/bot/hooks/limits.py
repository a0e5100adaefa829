"""What a plug-in's process may take, as it asks the system to hold it to."""

from __future__ import annotations

import os
import resource
import sys
from typing import Final

MOST_FILES: Final = 256
_NICENESS: Final = 10  # what a plug-in does must not make a scan late
_MEGABYTE: Final = 1024 * 1024


def limit_process(memory_mb: int) -> None:
    """Hold this process to its memory and its files, and let others go first.

    Beyond its memory an allocation fails. macOS does not keep that promise; there
    `Memory` finds it out after the event.
    """
    # Data, not address space: libraries reserve far more addresses than they use.
    _lower(resource.RLIMIT_DATA, memory_mb * _MEGABYTE)
    _lower(resource.RLIMIT_NOFILE, MOST_FILES)
    _lower(resource.RLIMIT_CORE, 0)
    os.nice(_NICENESS)


class Memory:
    """What this process holds, against what it may.

    Args:
        most_mb: megabytes.
    """

    def __init__(self, most_mb: int) -> None:
        self._most = most_mb * _MEGABYTE
        # Kept open: a process that has run out of files must still be able to look.
        self._gauge = -1 if sys.platform == "darwin" else os.open("/proc/self/statm", os.O_RDONLY)

    def is_over(self) -> bool:
        """Return whether it holds too much; on macOS, whether it ever did."""
        return self._held() > self._most

    def _held(self) -> int:
        if self._gauge < 0:
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        # Not `ru_maxrss`: Linux passes on what the starting process held, as if it were ours.
        return int(os.pread(self._gauge, 200, 0).split()[1]) * resource.getpagesize()


def _lower(kind: int, limit: int) -> None:
    _soft, hard = resource.getrlimit(kind)
    lowered = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (lowered, lowered))
