"""The program as a person runs it, one command after the other: on one home, at whatever moment."""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path

from tests.fakes.at_moment import travelled
from tests.fakes.terminal import in_this_process


class Program:
    """Runs `snipersight` at moments of its own, without a start for each command.

    What one command leaves to the next stands in the home alone, as between processes: nothing else
    is handed on.

    Args:
        home: home folder.
    """

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, moment: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end; `more` are variables besides its own."""
        with travelled(datetime.fromisoformat(moment)):
            return in_this_process(self.home, *arguments, **{"COLUMNS": "160"} | more)

    def ok(self, moment: str, *arguments: str, **more: str) -> str:
        """Run it, and return what it printed; it must end well."""
        done = self.run(moment, *arguments, **more)
        assert done.returncode == 0, done.stderr
        return done.stdout
