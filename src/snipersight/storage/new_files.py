"""New files that are whole, private and on the disk before they have their name."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(folder: Path, *, prefix: str) -> Iterator[Path]:
    """Yield a new file of its owner alone, to be filled and then named; what has no name goes.

    Raises:
        OSError: it cannot be made.
    """
    handle, name = tempfile.mkstemp(dir=folder, prefix=prefix)  # mode 0600
    os.close(handle)
    path = Path(name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def give_name(written: Path, target: Path) -> None:
    """Flush a file to the disk and give it its name for good; never in place of another one.

    Raises:
        FileExistsError: the name is taken.
        OSError: it cannot be flushed or named.
    """
    _flush(written)
    # A hard link would do both in one step, but sticks and network drives often know none.
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    written.replace(target)
    _flush(target.parent)


def take_place(written: Path, target: Path) -> None:
    """Flush a file to the disk and give it its name for good; an older file of that name goes.

    Raises:
        OSError: it cannot be flushed or named.
    """
    _flush(written)
    written.replace(target)
    _flush(target.parent)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
