"""`snipersight sweep` as a user has it: killed and gone on with, refused, written down."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest
from typer.testing import CliRunner

from snipersight.cli.app import app
from tests.builders.sweeps import write_candles, write_profile
from tests.fakes.certificates import a_certificate
from tests.fakes.dask_processes import DaskProcesses

pytestmark = pytest.mark.slow

VARIED = ("planner.stop_buffer_atr=0.1,1,2", "gates.max_range_position=0.5,1")
SCHEMA = json.loads((files("snipersight.cli.schemas") / "sweep-1.json").read_text())


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_candles(tmp_path_factory.mktemp("candles"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    write_profile(home)
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(home))
    monkeypatch.setenv("COLUMNS", "180")
    return home


def words(folder: Path, *more: str, varied: tuple[str, ...] = VARIED) -> list[str]:
    vary = [word for one in varied for word in ("--vary", one)]
    walk = ("--walk-forward", "10:5", "--random-runs", "0")
    return ["sweep", "--data", str(folder), "--profile", "quick", *vary, *walk, *more]


def sweep(folder: Path, *more: str, **asked: Any) -> tuple[int, str, str]:
    """Return exit code, output and errors."""
    done = CliRunner().invoke(app, words(folder, *more, **asked))
    return done.exit_code, done.stdout, " ".join(done.stderr.split())


def kept(home: Path) -> list[Path]:
    return sorted((home / "backtests").glob("*.json"))


def children_of(pid: int) -> set[int]:
    """Return the processes below one, however far."""
    found: set[int] = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            below, parent = (
                int(stat.parent.name),
                int(stat.read_text().rpartition(")")[2].split()[1]),
            )
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid:
            found |= {below, *children_of(below)}
    return found


def test_a_sweep_that_was_killed_goes_on_where_it_was(candles, home, tmp_path):
    asked = words(candles, "--workers", "1", "--format", "json")
    process = subprocess.Popen(
        [sys.executable, "-m", "snipersight", *asked],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "SNIPERSIGHT_HOME": str(home)},
    )
    until = time.monotonic() + 90
    while len(kept(home)) < 2 and process.poll() is None:
        assert time.monotonic() < until
        time.sleep(0.005)
    below = children_of(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = {one: one.stat().st_mtime_ns for one in kept(home)}
    assert 2 <= len(before) < 6
    while any(Path(f"/proc/{pid}").exists() for pid in below):
        assert time.monotonic() < until
        time.sleep(0.02)
    table = tmp_path / "runs.parquet"
    code, out, err = sweep(candles, "--workers", "1", "--format", "json", "--out", str(table))
    assert code == 0, err
    document = json.loads(out)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    best = document["runs"][document["best"] - 1]["run_id"]
    assert len(kept(home)) == 6
    again = {one for one, at in before.items() if one.stat().st_mtime_ns != at}
    assert again <= {home / "backtests" / f"{best}.json"}  # which was judged anew
    _require_whole(document, table)


def test_a_sweep_on_a_cluster_that_died_goes_on_on_another(candles, home, tmp_path):
    certificates = a_certificate(tmp_path / "certificates")
    shared = {**certificates.environment(), "SNIPERSIGHT_HOME": str(home)}
    cluster = DaskProcesses(tmp_path, shared, protocol="tls")
    try:
        cluster.add_worker()
        asked = words(candles, "--cluster", cluster.address, "--patience", "2", "--format", "json")
        process = subprocess.Popen(
            [sys.executable, "-m", "snipersight", *asked],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **shared},
            text=True,
        )
        waited_for(lambda: len(kept(home)) >= 2 or process.poll() is not None)
        cluster.kill_workers()
        before = {one: one.stat().st_mtime_ns for one in kept(home)}
        _out, err = process.communicate(timeout=60)
        assert process.returncode == 4, err
        assert "all workers of the cluster are gone" in " ".join(err.split())
        assert "what was made is kept" in " ".join(err.split())
        assert "Traceback" not in err
        cluster.add_worker()
        done = subprocess.run(
            [sys.executable, "-m", "snipersight", *asked],
            capture_output=True,
            env={**os.environ, **shared},
            check=False,
            text=True,
        )
    finally:
        cluster.close()
    assert done.returncode == 0, done.stderr
    best = json.loads(done.stdout)["runs"][json.loads(done.stdout)["best"] - 1]["run_id"]
    assert len(kept(home)) == 6
    again = {one.stem for one, at in before.items() if one.stat().st_mtime_ns != at}
    assert again <= {best}


def waited_for(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 90
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.005)


def _require_whole(document: dict[str, Any], table: Path) -> None:
    frame = pl.read_parquet(table)
    assert frame["run_id"].to_list() == [one["run_id"] for one in document["runs"]]
    assert frame["status"].to_list() == ["made"] * 6
    assert frame.filter("is_best")["run"].to_list() == [document["best"]]
    assert frame["trades"].to_list() == [11, 15, 18, 23, 20, 27]


def test_a_page_and_a_text_say_what_choosing_is_worth(candles, tmp_path):
    page = tmp_path / "sweep.html"
    code, out, err = sweep(
        candles, "--report", str(page), varied=("planner.stop_buffer_atr=0.1,1",)
    )
    assert code == 0, err
    places = [
        out.index(text)
        for text in (
            "Sweep of quick: 2 runs over 1 parameter on 3 markets",
            "Does the best one show an edge?",
            "What did choosing bring on days it had not seen?",
            "Is the best one best by luck?",
            "Best 2 runs of 2",
            "Walk forward",
        )
    ]
    assert places == sorted(places)
    html = page.read_text()
    assert "planner.stop_buffer_atr" in html
    assert page.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--vary", "planner.min_r=1,2"), "did you mean planner.min_rr"),
        (("--vary", "planner.min_rr"), "does not say what is varied"),
        (("--vary", "planner.min_rr=1,2", "--vary", "planner.min_rr=3"), "varied twice"),
        (("--vary", "planner.min_rr=0"), "greater than 0"),
        (("--vary", "planner.min_rr=1,2", "--cluster", "tcp://10.0.0.1:8786"), "not encrypted"),
        (("--vary", "planner.min_rr=1,2", "--out", "runs.csv"), "does not end in .parquet"),
        (("--vary", "planner.min_rr=1,2", "--report", "no/where.html"), "no file can be written"),
        (("--vary", "planner.min_rr=1,2", "--walk-forward", "ten:5"), "says no days"),
        (("--vary", "planner.min_rr=1,2", "--walk-forward", "1:1"), "at least two days"),
        (("--vary", "planner.min_rr=1,2", "--walk-forward", "300:30"), "too few"),
        (("--vary", "planner.min_rr=1,2", "--symbols", "top20"), "known at its end only"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(candles, home, more, said):
    found = CliRunner().invoke(
        app, ["sweep", "--data", str(candles), "--profile", "quick", *more], env={"COLUMNS": "400"}
    )
    assert found.exit_code == 2
    assert said in " ".join(found.stderr.split())
    assert found.stdout == ""
    assert kept(home) == []
