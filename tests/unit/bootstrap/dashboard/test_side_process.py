"""Work beside the dashboard: one process, which ends with it."""

import os
import subprocess
import sys
import time
from pathlib import Path

PARENT = """
import os, sys, time
from pathlib import Path
from snipersight.bootstrap.dashboard.side_process import SideProcess
if __name__ == "__main__":
    print(SideProcess(Path(sys.argv[1]), what="charts").call(os.getpid), flush=True)
    time.sleep(60)
"""
LEFT_S = 10.0


def _lives(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_process_ends_with_a_dashboard_that_was_killed(tmp_path: Path):
    program = tmp_path / "parent.py"
    program.write_text(PARENT)
    parent = subprocess.Popen(
        [sys.executable, str(program), str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        assert _lives(worker)
        parent.kill()
    until_s = time.monotonic() + LEFT_S
    while _lives(worker):
        assert time.monotonic() < until_s
        time.sleep(0.02)
