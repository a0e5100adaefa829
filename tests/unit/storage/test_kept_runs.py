"""Kept runs: whole or not there, and never passed over."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from snipersight.domain.errors import StateUnavailable
from snipersight.performance.verdict import Finding
from snipersight.storage.kept_runs import RunFolder
from tests.builders.kept_runs import a_kept_run as a_run

ENDLESS = """
import sys
from pathlib import Path
from snipersight.performance.verdict import Finding
from snipersight.storage.kept_runs import RunFolder
folder = RunFolder(Path(sys.argv[1]))
(run,) = folder.all()
print("ready", flush=True)
while True:
    folder.keep(run)
"""


def test_runs_come_back_oldest_first(tmp_path):
    folder = RunFolder(tmp_path / "runs")
    assert folder.all() == ()
    later, earlier = a_run("a", made_ms=5), a_run("b", made_ms=4)
    folder.keep(later)
    folder.keep(earlier)
    assert folder.all() == (earlier, later)
    assert (tmp_path / "runs").stat().st_mode & 0o777 == 0o700


def test_what_a_kill_leaves_behind_is_the_run_before_or_after(tmp_path):
    folder, run = RunFolder(tmp_path), a_run()
    folder.keep(run)
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", ENDLESS, str(tmp_path)], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            writer.stdout.close()
            os.kill(writer.pid, signal.SIGKILL)
        assert folder.all() == (run,)


def test_numbers_that_json_does_not_know_are_not_written(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        RunFolder(tmp_path).keep(a_run(returns=(float("nan"),)))
    assert RunFolder(tmp_path).all() == ()


@pytest.mark.parametrize(
    "change",
    [
        {"finding": "maybe"},
        {"trials": "1"},
        {"returns": ["x"]},
        {"extra": 1},
        {"is_shipped": 1},
        {"out_of_sample": 1.5},
    ],
)
def test_a_run_with_impossible_values_is_refused(tmp_path, change):
    folder = RunFolder(tmp_path)
    folder.keep(a_run())
    (file,) = tmp_path.glob("*.json")
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    with pytest.raises(StateUnavailable, match="cannot be read"):
        folder.all()


def test_a_verdict_by_more_trades_out_of_sample_stays_however_many_random_runs_come_later(tmp_path):
    folder, walked = RunFolder(tmp_path), a_run(out_of_sample=40, random_runs=200)
    folder.keep(walked)
    folder.keep(a_run(out_of_sample=0, random_runs=200, finding=Finding.EDGE_SHOWN))
    folder.keep(a_run(out_of_sample=0, random_runs=5_000, finding=Finding.EDGE_SHOWN))
    folder.keep(a_run(out_of_sample=40, random_runs=199))
    assert folder.all() == (walked,)
    later = replace(walked, made_ms=2, trials=9)
    folder.keep(later)
    assert folder.all() == (later,)
    more = a_run(out_of_sample=41, random_runs=0)
    folder.keep(more)
    assert folder.all() == (more,)


def test_a_run_of_the_first_schema_is_read_and_says_nothing_of_what_it_did_not_know(tmp_path):
    run = a_run(finding=Finding.EDGE_SHOWN)
    RunFolder(tmp_path).keep(run)
    (file,) = tmp_path.glob("*.json")
    held = json.loads(file.read_text())
    for name in ("values_hash", "is_shipped", "out_of_sample"):
        del held[name]
    file.write_text(json.dumps({**held, "schema": "snipersight.run/1"}))
    (found,) = RunFolder(tmp_path).all()
    assert found == replace(run, values_hash="", is_shipped=False, out_of_sample=0)


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(StateUnavailable):
        RunFolder(tmp_path / "runs").keep(a_run())
