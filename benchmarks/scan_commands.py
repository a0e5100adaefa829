"""Figures of the command itself, as a user's shell would start it: time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.harness import Figure, at_least, at_most, median, progress, spread

LAUNCHER: Final = Path(__file__).with_name("measured_child.py")
PROGRAM: Final = Path(sys.executable).with_name("snipersight")
SCAN: Final = ("scan", "--symbols", "top20", "--market", "--as-of", "2025-01-01")
FIRST_RUN_LIMIT_S: Final = 30
MEGABYTE: Final = 1e6
# Settings a user may have in the shell would change what is measured; only these pass.
PASSED_ON: Final = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "TZ")


class CommandFailed(Exception):
    """The measured program did not end with code 0; the text holds its last words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One finished program.

    Args:
        seconds: wall time from start to end.
        cpu_seconds: what it computed in that time, on all cores.
        peak_bytes: largest resident memory.
        said: what it printed to stderr.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    said: str


def run_measured(command: Sequence[str], *, home: Path, scratch: Path) -> Run:
    """Run a program to its end and return what it took.

    Args:
        command: program and arguments.
        home: its `SNIPERSIGHT_HOME`.
        scratch: folder for the measurement, and the working directory.

    Raises:
        CommandFailed: it failed.
    """
    result = scratch / "measured.json"
    variables = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    launch = [sys.executable, "-I", "-S", str(LAUNCHER), str(result), *command]
    done = subprocess.run(
        launch,
        env={**variables, "SNIPERSIGHT_HOME": str(home)},
        cwd=scratch,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["nothing was printed"])[-1]
        raise CommandFailed(f"{' '.join(command)} ended with code {done.returncode}: {last}")
    found = json.loads(result.read_text(encoding="utf-8"))
    return Run(
        seconds=found["seconds"],
        cpu_seconds=found["cpu_seconds"],
        peak_bytes=found["peak_bytes"],
        said=done.stderr,
    )


def time_figure(name: str, runs: Sequence[Run], *, limit_s: float, what: str) -> Figure:
    """Return the median wall time; its note tells the CPU time, which other work leaves alone."""
    times = [run.seconds for run in runs]
    core_s = median([run.cpu_seconds for run in runs])
    return Figure(
        name=name,
        value=median(times),
        unit="s",
        target=at_most(limit_s),
        note=f"{what}, {spread(times)} s, of which CPU {core_s:.2f} s",
    )


def first_run_figures(home: Path, scratch: Path, *, rounds: int) -> list[Figure]:
    """Return what the very first scan takes, and whether it says that it compiles.

    Args:
        home: becomes the first round's home, and warm by it; further rounds use their own.
        scratch: folder for everything else.
        rounds: scans from an empty home.
    """
    progress(f"first scan, {rounds} × from an empty home (about 20 s each)")
    homes = [home, *(scratch / f"home-{number}" for number in range(1, rounds))]
    runs = [run_measured([str(PROGRAM), *SCAN], home=each, scratch=scratch) for each in homes]
    telling = sum("Compiling" in run.said for run in runs)
    return [
        time_figure("first_scan_time", runs, limit_s=FIRST_RUN_LIMIT_S, what="empty home"),
        Figure(
            name="first_scan_says_it_compiles",
            value=telling / rounds,
            unit="of runs",
            target=at_least(1),
            note="looked for in what it prints to stderr",
        ),
    ]


def warm_scan_figures(home: Path, scratch: Path, *, rounds: int) -> list[Figure]:
    """Return time and peak memory of a scan of 20 symbols whose kernels are compiled."""
    progress(f"warm scan of 20 symbols, {rounds} ×")
    runs = [run_measured([str(PROGRAM), *SCAN], home=home, scratch=scratch) for _ in range(rounds)]
    peaks = [run.peak_bytes / MEGABYTE for run in runs]
    return [
        time_figure("warm_scan_time", runs, limit_s=3, what="20 symbols, built-in market"),
        Figure(
            name="warm_scan_peak_memory",
            value=median(peaks),
            unit="MB",
            target=at_most(400),
            note=f"resident, {spread(peaks)} MB",
        ),
    ]


def help_figures(home: Path, scratch: Path, *, rounds: int) -> list[Figure]:
    """Return how long `snipersight --help` takes."""
    progress(f"--help, {rounds} ×")
    command = [str(PROGRAM), "--help"]
    runs = [run_measured(command, home=home, scratch=scratch) for _ in range(rounds)]
    return [time_figure("help_time", runs, limit_s=0.3, what="snipersight --help")]
