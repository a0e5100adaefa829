"""A value with large arrays in one file that any number of processes read without a copy each.

The arrays lie in the file as they are in memory. A process that opens it maps them, so that all
processes of a machine share the pages; nobody can write to them.
"""

from __future__ import annotations

import mmap
import pickle
import struct
from pathlib import Path
from typing import Final

from snipersight.domain.errors import StateUnavailable
from snipersight.storage.new_files import take_place, written_whole

_MAGIC: Final = b"snipersight.arrays/1\n"
_HEAD: Final = struct.Struct("<QQ")  # bytes of the pickle, number of arrays
_SPAN: Final = struct.Struct("<QQ")  # begin and length of each
_ALIGN: Final = 64  # a cache line; any type of number may begin there


def write_shared(value: object, path: Path) -> int:
    """Write a value to a file, whole or not at all, and return how many bytes that took.

    Args:
        value: anything that can be pickled.
        path: the file; its folder is there, and private.

    Raises:
        StateUnavailable: it cannot be written.
    """
    buffers: list[pickle.PickleBuffer] = []
    body = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    arrays = [one.raw() for one in buffers]
    at = len(_MAGIC) + _HEAD.size + _SPAN.size * len(arrays) + len(body)
    spans = []
    for array in arrays:
        at = _aligned(at)
        spans.append((at, array.nbytes))
        at += array.nbytes
    try:
        with written_whole(path.parent, prefix=".part-") as part:
            with part.open("wb") as file:
                file.write(_MAGIC + _HEAD.pack(len(body), len(arrays)))
                file.writelines(_SPAN.pack(*span) for span in spans)
                file.write(body)
                for (begin, _length), array in zip(spans, arrays, strict=True):
                    file.seek(begin)
                    file.write(array)
                file.truncate(at)
            take_place(part, path)
    except OSError as error:
        raise StateUnavailable(
            f"the candles of a sweep cannot be written: {(error.strerror or str(error)).lower()}",
            where=str(path),
            next_step="set SNIPERSIGHT_HOME to a folder you can write to, with room for it",
        ) from error
    return at


def read_shared(path: Path) -> object:
    """Return the value of a file; its arrays are views of the file and cannot be written.

    Only files that this program wrote may be read: what is pickled can run code.

    Raises:
        StateUnavailable: the file is not there, or is no such file.
    """
    try:
        with path.open("rb") as file:
            held = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:
        raise _unreadable(path) from error
    start = len(_MAGIC)
    if bytes(held[:start]) != _MAGIC or len(held) < start + _HEAD.size:
        raise _unreadable(path)
    length, count = _HEAD.unpack_from(held, start)
    start += _HEAD.size
    end = start + _SPAN.size * count
    spans = list(_SPAN.iter_unpack(held[start:end]))
    arrays = [held[begin : begin + size] for begin, size in spans]
    if len(held) < end + length or any(
        len(one) != size for one, (_, size) in zip(arrays, spans, strict=True)
    ):
        raise _unreadable(path)
    value: object = pickle.loads(held[end : end + length], buffers=arrays)  # noqa: S301 - written above
    return value


def _aligned(at: int) -> int:
    return -(-at // _ALIGN) * _ALIGN


def _unreadable(path: Path) -> StateUnavailable:
    return StateUnavailable(
        "the candles of a sweep cannot be read here",
        where=str(path),
        next_step="every worker, also on another machine, must see SNIPERSIGHT_HOME at this place",
    )
