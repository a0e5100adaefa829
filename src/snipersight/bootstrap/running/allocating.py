"""How a process that runs for months gets its memory: what is large is given back when it is free."""

from __future__ import annotations

import ctypes
from typing import Final

# Of <malloc.h>.
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
_LARGE: Final = 4 << 20  # bytes: the pixels of a chart are fifteen million, those of a scan few
_SPARE: Final = 8 << 20  # that the heap keeps at its end, to grow into
_HEAPS: Final = (
    2  # threads take turns at Python's lock anyway, and each heap keeps holes of its own
)


def map_large_buffers() -> bool:
    """Let the allocator map large buffers one by one; return whether it could be told.

    Left to itself, the GNU one takes the first large buffer that is freed as a sign that more of the
    kind belong into the heap. There they leave holes: after a few charts a bot holds eighty
    megabytes that nobody uses. Other allocators are left as they are.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    wanted = {_M_MMAP_THRESHOLD: _LARGE, _M_TRIM_THRESHOLD: _SPARE, _M_ARENA_MAX: _HEAPS}
    told = [mallopt(name, value) for name, value in wanted.items()]
    return all(told)
