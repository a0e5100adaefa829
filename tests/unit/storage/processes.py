"""Starting `store_worker.py` as processes of their own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_WORKER = Path(__file__).with_name("store_worker.py")
_ROOT = Path(__file__).parents[3]


@contextmanager
def worker(command: str, *arguments: object, module: str = "") -> Iterator[subprocess.Popen[str]]:
    """Run a command of a worker in a process, which is killed at the end if it still runs.

    Args:
        command, arguments: what to run.
        module: of another worker, which may use what tests are built of.
    """
    script = ["-m", module] if module else [str(_WORKER)]
    process = subprocess.Popen(
        [sys.executable, "-W", "error", *script, command, *map(str, arguments)],
        cwd=_ROOT if module else None,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            assert stream is not None
            stream.close()


def result_of(process: subprocess.Popen[str], *, tell: str = "") -> list[str]:
    """Return what a worker printed, from now on, until it ended well."""
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write(tell)
    process.stdin.close()
    lines = rest(process)
    assert process.wait(60) == 0, process.stderr.read()
    return lines


def rest(process: subprocess.Popen[str]) -> list[str]:
    """Return what a worker prints from now on until it ends."""
    assert process.stdout is not None
    return process.stdout.read().splitlines()


def ready(process: subprocess.Popen[str]) -> str:
    """Wait for a worker's next line and return it."""
    assert process.stdout is not None
    return process.stdout.readline().strip()
