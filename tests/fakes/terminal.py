"""The command line in this process: as `tests.fakes.program`, without a start for each command."""

from __future__ import annotations

import subprocess
from pathlib import Path

from typer.testing import CliRunner

from snipersight.bootstrap.settings import VARIABLES


def in_this_process(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end on a home of its own; `more` are variables besides its own.

    Args:
        home: home folder.
        arguments: the command's words.
        more: variables, by name; the terminal is 100 columns wide unless they say otherwise.

    Returns:
        What a process would have come to; its exit code is that of the command.
    """
    from snipersight.cli.app import app

    foreign = dict.fromkeys(VARIABLES)
    own = {"SNIPERSIGHT_HOME": str(home), "COLUMNS": "100"}
    done = CliRunner().invoke(app, list(arguments), env=foreign | own | more)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception  # what would have been a traceback
    return subprocess.CompletedProcess(list(arguments), done.exit_code, done.stdout, done.stderr)
