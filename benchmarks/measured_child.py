"""Runs one program and writes how long it took and how much memory it held.

usage: measured_child.py RESULT.json PROGRAM [arguments]

A process of its own, and a small one: what a child's parent holds when it starts the child counts
into the child's peak, so the benchmark itself, with its arrays, cannot be that parent.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path


def main(result: str, command: list[str]) -> int:
    """Return the program's exit code; RESULT gets times, memory and code."""
    started = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    elapsed = time.perf_counter() - started
    code = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes
    found = {
        "seconds": elapsed,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * unit,
        "code": code,
    }
    Path(result).write_text(json.dumps(found), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
