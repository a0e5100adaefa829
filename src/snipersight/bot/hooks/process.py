"""Starts and ends a plug-in's process; three pipes lead to it, and nothing else does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Final

# Tokens and keys stand in variables: only what programs need in order to run is passed on.
_KEPT: Final = (
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "SSL_CERT_FILE",
)
_KEPT_PREFIX: Final = "LC_"
# A library that starts a thread for each core would take the cores, and memory for each, from us.
_ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True, kw_only=True)
class HookLimits:
    """What a plug-in may take.

    Args:
        timeout_s: a call, and its loading, may last so long, above 0.
        memory_mb: its process may hold so much, megabytes.
        waiting: so many events wait for it; of more, the oldest are dropped.
    """

    timeout_s: float = 5.0
    memory_mb: int = 512
    waiting: int = 1_000


class HookProcess:
    """A plug-in's process, and our ends of its pipes, none of which blocks.

    Args:
        point: its entry point.
        limits: what it may take.
        folder: where it works; it exists.

    Raises:
        OSError: no process or pipe can be made.
    """

    def __init__(self, point: EntryPoint, limits: HookLimits, *, folder: Path) -> None:
        pipes: list[int] = []
        try:
            for _ in range(3):
                pipes += os.pipe()
            self._started = _start(
                point, limits, folder=folder, ends=(pipes[0], pipes[3], pipes[5])
            )
        except BaseException:
            _close(*pipes)
            raise
        _close(pipes[0], pipes[3], pipes[5])
        self.events, self.answers, self.output = pipes[1], pipes[2], pipes[4]
        for own in (self.events, self.answers, self.output):
            os.set_blocking(own, False)

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._started.pid

    def end_input(self) -> None:
        """Tell it that nothing more will come."""
        _close(self.events)
        self.events = -1

    def exit_code(self, *, within_s: float) -> int | None:
        """Return its exit code, negative after a signal; None if it still runs by then."""
        try:
            return self._started.wait(within_s)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> int:
        """End it with everything it started, and return its exit code."""
        # It leads a process group of its own, which outlives it as long as one member does.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._started.pid, signal.SIGKILL)
        return self._started.wait()

    def close(self) -> None:
        """Close our ends of the pipes."""
        _close(*(own for own in (self.events, self.answers, self.output) if own >= 0))
        self.events = self.answers = self.output = -1


def cleaned_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a plug-in's process gets: none that could hold a secret.

    Args:
        environ: the variables of this process.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if name in _KEPT or name.startswith(_KEPT_PREFIX)
    }
    # It must find what we find: the same packages, wherever they came onto the path from.
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return {
        **kept,
        **dict.fromkeys(_ONE_THREAD, "1"),
        "PYTHONPATH": path,
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _start(
    point: EntryPoint, limits: HookLimits, *, folder: Path, ends: tuple[int, int, int]
) -> subprocess.Popen[bytes]:
    """Start the process on its ends of the pipes: events, answers, output."""
    events, answers, output = ends
    task = (point.name, point.value, answers, limits.timeout_s, limits.memory_mb)
    words = [sys.executable, "-m", "snipersight.bot.hooks.child", *map(str, task)]
    return subprocess.Popen(  # noqa: S603 - our own module; the name and value come from a package
        words,
        stdin=events,
        stdout=output,
        stderr=output,
        pass_fds=(answers,),
        cwd=folder,
        env=cleaned_environment(os.environ),
        start_new_session=True,
    )


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
