"""Commands are measured as a shell would start them: their own time, memory and environment."""

import sys
from pathlib import Path

import pytest

from benchmarks.scan_commands import CommandFailed, run_measured


def python(code: str) -> list[str]:
    return [sys.executable, "-S", "-c", code]


def test_time_and_peak_memory_are_the_programs_own(tmp_path: Path) -> None:
    ballast = bytearray(150_000_000)  # ours, which must not count
    ballast[::4096] = b"x" * len(ballast[::4096])
    code = "import time; b = bytearray(60_000_000); b[::4096] = b'x' * 14649; time.sleep(0.2)"
    run = run_measured(python(code), home=tmp_path, scratch=tmp_path)
    assert 0.2 <= run.seconds < 5
    assert 0 < run.cpu_seconds < run.seconds - 0.15  # it slept
    assert 60e6 < run.peak_bytes < 120e6


def test_settings_of_the_users_shell_do_not_reach_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SNIPERSIGHT_MARK", "mine")
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/somewhere")
    code = "import os, sys; sys.stderr.write(' '.join(sorted(os.environ)))"
    said = run_measured(python(code), home=tmp_path, scratch=tmp_path).said.split()
    assert "SNIPERSIGHT_HOME" in said
    assert not {"SNIPERSIGHT_MARK", "NUMBA_CACHE_DIR"} & set(said)


def test_failed_program_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match=r"ended with code 3: it broke"):
        run_measured(
            python("import sys; sys.stderr.write('it broke'); sys.exit(3)"),
            home=tmp_path,
            scratch=tmp_path,
        )
