"""Files of a log that were put aside: compressed after a while, removed by number and by age."""

from __future__ import annotations

import contextlib
import gzip
import os
import shutil
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from snipersight.bot.telemetry.private_files import private_opener

_PART: Final = ".part"
_STAMP: Final = "%Y-%m-%d_%H-%M-%S_%f"
_MICROSECOND: Final = timedelta(microseconds=1)
_DAY_S: Final = 86_400.0
_ABANDONED_S: Final = 3600.0  # longer than compressing one file takes
_LEVEL: Final = 6

_compressing: Final = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What becomes of files put aside.

    Args:
        files: how many stay; the oldest go.
        days: none stays longer.
        quiet_s: a file that nobody has written to for so long is compressed; a process that has
            it open still notices at its next line that it was put aside.
    """

    files: int = 10
    days: float = 30.0
    quiet_s: float = 60.0


def tidy_in_background(path: Path, keeping: Keeping) -> None:
    """Remove what is too much or too old of a log, then compress the rest on a thread of its own.

    A command that ends meanwhile leaves that to the next one. No thread starts where there is
    nothing to compress. What cannot be removed or compressed is left for the next time.

    Args:
        path: the log itself; it is never touched.
        keeping: what stays.
    """
    now_s = time.time()
    _remove(_surplus(path, keeping, now_s))
    plain = _to_compress(path, keeping, now_s)
    if not plain or not _compressing.acquire(blocking=False):
        return

    def run() -> None:
        try:
            compress_all(plain)
        finally:
            _compressing.release()

    try:
        threading.Thread(target=run, name="log-archive", daemon=True).start()
    except RuntimeError:  # the process ends, or has no thread left
        _compressing.release()


def compress_all(files: Iterable[Path]) -> None:
    """Compress files put aside; one that cannot be is left as it is."""
    for file in files:
        with contextlib.suppress(OSError):  # a full disk, another process, a foreign owner
            _compress(file)


def put_aside(path: Path) -> list[Path]:
    """Return the files put aside of a log, compressed or not, oldest first."""
    plain = path.parent.glob(f"{path.stem}.*{path.suffix}")
    packed = path.parent.glob(f"{path.stem}.*{path.suffix}.gz")
    # The time stands in the name, the same for both forms; what has none is somebody's own.
    ours = (file for file in (*plain, *packed) if _time_of(path, file) is not None)
    return sorted(ours, key=lambda file: file.name.removesuffix(".gz"))


def aside_name(path: Path) -> Path:
    """Return the name under which a log is put aside now: behind all that were before.

    The order of the names is that of the lines. Where the clock was set back, the name goes on
    from the newest one.
    """
    now = datetime.now(UTC)
    for file in put_aside(path)[-1:]:
        now = max(now, (_time_of(path, file) or now) + _MICROSECOND)
    return path.with_name(f"{path.stem}.{now.strftime(_STAMP)}{path.suffix}")


def _time_of(path: Path, file: Path) -> datetime | None:
    text = file.name.removesuffix(".gz").removesuffix(path.suffix).removeprefix(f"{path.stem}.")
    try:
        return datetime.strptime(text, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def _surplus(path: Path, keeping: Keeping, now_s: float) -> list[Path]:
    aside = put_aside(path)
    too_many = aside[: max(0, len(aside) - keeping.files)]
    old = [file for file in aside if _age_s(file, now_s) > keeping.days * _DAY_S]
    parts = path.parent.glob(f"{path.stem}.*{path.suffix}.gz{_PART}")
    abandoned = [file for file in parts if _age_s(file, now_s) > _ABANDONED_S]
    return [*too_many, *old, *abandoned]


def _to_compress(path: Path, keeping: Keeping, now_s: float) -> list[Path]:
    plain = (file for file in put_aside(path) if file.suffix != ".gz")
    return [file for file in plain if _age_s(file, now_s) >= keeping.quiet_s]


def _remove(files: Iterable[Path]) -> None:
    for file in files:
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)


def _age_s(file: Path, now_s: float) -> float:
    try:
        return now_s - file.stat().st_mtime
    except OSError:
        return 0.0  # another process has removed it


def _compress(file: Path) -> None:
    """Put a compressed copy in the place of a file; whoever reads sees one of the two, or both."""
    packed = file.with_name(f"{file.name}.gz")
    part = packed.with_name(f"{packed.name}{_PART}")
    before = file.stat()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC  # one process at a time
    with os.fdopen(private_opener(str(part), flags), "wb") as target:
        try:
            with file.open("rb") as source, gzip.open(target, "wb", _LEVEL) as into:
                shutil.copyfileobj(source, into)
            target.flush()
            os.fsync(target.fileno())
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    os.utime(part, ns=(before.st_atime_ns, before.st_mtime_ns))  # its age is that of its lines
    if file.stat().st_size != before.st_size:
        part.unlink(missing_ok=True)  # somebody has written a line more
        return
    part.rename(packed)
    file.unlink(missing_ok=True)
