"""Starting `store_worker.py` as processes of their own."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

_WORKER = Path(__file__).with_name("store_worker.py")


@contextmanager
def worker(command, *arguments):
    """Run a command of the worker in a process, which is killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-W", "error", str(_WORKER), command, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def result_of(process, *, tell=""):
    """Return what a worker printed until it ended well."""
    out, trouble = process.communicate(tell, timeout=100)
    assert process.returncode == 0, trouble
    return out.splitlines()
