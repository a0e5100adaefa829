"""`stats` computes on one thread: more would wait for each other."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAM = """
import os
from typer.testing import CliRunner
from snipersight.cli.app import app
assert CliRunner().invoke(app, ["stats"]).exit_code == 0
import numpy
numpy.ones((500, 500)) @ numpy.ones((500, 500))
print(os.environ["OPENBLAS_NUM_THREADS"], len(os.listdir("/proc/self/task")))
"""


def told_and_used(tmp_path, **variables) -> tuple[int, int]:
    """Return how many threads numpy was told to use, and how many there are in all."""
    names = ("PATH", "HOME")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        env=kept | {"SNIPERSIGHT_HOME": str(tmp_path)} | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    told, used = map(int, done.stdout.split())
    return told, used


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="counts threads as Linux does")
def test_statistics_are_computed_on_one_thread_unless_the_user_wants_more(tmp_path):
    assert told_and_used(tmp_path) == (1, 1)
    assert told_and_used(tmp_path, OPENBLAS_NUM_THREADS="2")[0] == 2
