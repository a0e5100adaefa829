"""Where compiled detectors are kept, and when they are thrown away.

Numba notices a change of the file a kernel stands in, but not of the files it calls into, and would
run the old machine code for ever. So the cache folder is named after everything a kernel depends on:
change a line of the analysis and the next run compiles afresh, into a new folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import snipersight
from snipersight.bootstrap.environment import home_path
from snipersight.domain.errors import StateUnavailable
from snipersight.storage.home import Home, make_private_folder

_VARIABLE: Final = "NUMBA_CACHE_DIR"
_KERNEL_PACKAGES: Final = ("analysis", "matching/outcomes")
_UNUSED_SECONDS: Final = 7 * 86_400
_SETTLED_SECONDS: Final = 3_600
_KEPT: Final = 8
_ROOM_BYTES: Final = 16_000_000  # twice what all kernels take


@dataclass(frozen=True, slots=True, kw_only=True)
class CompileCache:
    """The folder compiled kernels are read from and written to.

    Args:
        path: the folder.
        fingerprint: what the kernels were compiled from.
    """

    path: Path
    fingerprint: str

    @property
    def is_cold(self) -> bool:
        """Return whether no run has compiled everything yet, so that this one takes longer.

        Single compiled kernels say nothing: an interrupted first run leaves some behind.
        """
        return not self._mark.exists()

    def remember_warm(self) -> None:
        """Note that a run has compiled what it needed; where that fails the next run asks again."""
        with contextlib.suppress(OSError):
            self._mark.touch()

    @property
    def _mark(self) -> Path:
        return self.path / f"compiled-{self.fingerprint}"


def configure_compile_cache(home: Path | None = None) -> CompileCache:
    """Choose the folder of compiled kernels; call it before numba is first imported.

    A `NUMBA_CACHE_DIR` that the user has set is left alone. Where the home folder cannot be
    written, a private folder below the system's temporary one is used instead.

    Args:
        home: the home folder; `SNIPERSIGHT_HOME` by default.
    """
    fingerprint = kernel_fingerprint()
    chosen = os.environ.get(_VARIABLE)
    path = Path(chosen) if chosen else _own_folder(home or home_path(), fingerprint)
    os.environ[_VARIABLE] = str(path)
    return CompileCache(path=path, fingerprint=fingerprint)


def kernel_fingerprint() -> str:
    """Return a short hash of everything compiled kernels depend on."""
    from importlib.metadata import version

    root = Path(snipersight.__file__).parent
    state = hashlib.sha256(f"numba {version('numba')} python {sys.version}".encode())
    for path in _sources(root):
        state.update(f"\0{path.relative_to(root)}\0".encode())
        state.update(path.read_bytes())
    return state.hexdigest()[:16]


def _sources(root: Path) -> Iterable[Path]:
    return (path for name in _KERNEL_PACKAGES for path in sorted((root / name).rglob("*.py")))


def _own_folder(home: Path, fingerprint: str) -> Path:
    for folder in (_home_kernels, _shared_temporary_kernels):
        try:
            kernels = folder(home)
            path = make_private_folder(kernels / fingerprint)
            with tempfile.TemporaryFile(dir=path) as probe:  # it may be read-only, or its disk full
                if not (path / f"compiled-{fingerprint}").exists():
                    probe.write(bytes(_ROOM_BYTES))
                    probe.flush()
            os.utime(path)
        except (StateUnavailable, OSError):
            continue  # the next place; compiling works without any of them
        _prune(kernels, keep=path)
        return path
    return Path(tempfile.mkdtemp(prefix="snipersight-kernels-"))


def _home_kernels(home: Path) -> Path:
    return make_private_folder(Home(home).cache() / "kernels")


def _shared_temporary_kernels(_home: Path) -> Path:
    folder = Path(tempfile.gettempdir()) / f"snipersight-kernels-{os.getuid()}"
    make_private_folder(folder)
    found = folder.lstat()
    # Compiled kernels are code: a folder that another user laid out for us is not trusted.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise StateUnavailable("not a private folder of this user", where=str(folder))
    return folder


def _prune(kernels: Path, *, keep: Path) -> None:
    now = time.time()
    with contextlib.suppress(OSError):  # another process prunes too
        others = [path for path in kernels.iterdir() if path.is_dir() and path != keep]
        ages = sorted((now - path.stat().st_mtime, path) for path in others)
        for place, (age, path) in enumerate(ages):
            # A running process may still write into a folder it opened: only settled ones go.
            if age > _UNUSED_SECONDS or (place >= _KEPT and age > _SETTLED_SECONDS):
                shutil.rmtree(path, ignore_errors=True)
