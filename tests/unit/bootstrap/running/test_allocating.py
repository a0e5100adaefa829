"""What a bot has drawn with is given back: seen in a process of its own, as the allocator is."""

import os
import subprocess
import sys

import pytest

DRAWN = """
import ctypes
from snipersight.bootstrap.running.allocating import map_large_buffers

class Counts(ctypes.Structure):
    names = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = [(name, ctypes.c_size_t) for name in names.split()]

libc = ctypes.CDLL(None)
libc.mallinfo2.restype = Counts
{first}
bytearray(15 << 20)  # mapped, and free at once
before = libc.mallinfo2().hblkhd
kept = bytearray(12 << 20)
print((libc.mallinfo2().hblkhd - before) >> 20)
"""


def mapped(first: str) -> int:
    """Return the megabytes that are mapped for a large buffer after a larger one was freed."""
    # Dask leaves settings of the allocator behind where it was used in a test before.
    names = {name: told for name, told in os.environ.items() if not name.startswith("MALLOC_")}
    program = [sys.executable, "-c", DRAWN.format(first=first)]
    told = subprocess.run(program, check=True, capture_output=True, env=names)
    return int(told.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the GNU allocator's own")
def test_a_large_buffer_stays_out_of_the_heap_whatever_was_free_before():
    assert mapped("") < 12 <= mapped("assert map_large_buffers()")
