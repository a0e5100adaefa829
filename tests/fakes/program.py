"""The program as a person runs it: processes on a home of their own, at whatever moment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from snipersight.bootstrap.settings import VARIABLES


class Program:
    """Runs `snipersight` at moments of its own.

    Args:
        home: home folder.
        timeout_s: longest run; the first of a suite compiles the detectors.
    """

    def __init__(self, home: Path, *, timeout_s: float) -> None:
        self.home = home
        self._timeout_s = timeout_s

    def run(self, moment: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end; `more` are variables besides its own."""
        names = {name: os.environ[name] for name in os.environ if name not in VARIABLES}
        own = {"SNIPERSIGHT_HOME": str(self.home), "COLUMNS": "160"}
        return subprocess.run(
            [sys.executable, "-m", "tests.fakes.at_moment", moment, *arguments],
            capture_output=True,
            text=True,
            timeout=self._timeout_s,
            env=names | own | more,
            check=False,
        )

    def ok(self, moment: str, *arguments: str, **more: str) -> str:
        """Run it, and return what it printed; it must end well."""
        done = self.run(moment, *arguments, **more)
        assert done.returncode == 0, done.stderr
        return done.stdout
