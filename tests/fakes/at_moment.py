"""The program at another moment: its clock and its database's clock run on from there.

`python -m tests.fakes.at_moment 2025-07-19T00:05:00+00:00 scan --notify`

Instead of a time, the address of a sandbox exchange's report means the time of its venues. With
`SCAN_PATIENCE_S` in the environment a scan waits so long for its messages to leave.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from unittest import mock
from urllib.request import urlopen

import time_machine
from sqlalchemy import TextClause, text

from snipersight.storage import database_time


def statement_at(moment: datetime) -> TextClause:
    """Return what tells the time of a SQLite database as if it were a moment now."""
    shift_us = int((moment.timestamp() - time.time()) * 1_000_000)
    held = database_time._STATEMENTS["sqlite"].text
    shifted = held.replace("FROM (SELECT", f"+ {shift_us} FROM (SELECT", 1)
    assert shifted != held
    return text(shifted)


@contextmanager
def travelled(moment: datetime) -> Iterator[None]:
    """Have this process and its databases go on from a moment."""
    statements = {"sqlite": statement_at(moment)}
    with (
        mock.patch.dict(database_time._STATEMENTS, statements),
        time_machine.travel(moment, tick=True),
    ):
        yield


def run_at(moment: datetime) -> None:
    """Run the command line of this process from a moment on."""
    from snipersight.cli import scan_telling
    from snipersight.cli.app import main

    patience_s = float(os.environ.get("SCAN_PATIENCE_S", scan_telling.PATIENCE_S))
    with mock.patch.object(scan_telling, "PATIENCE_S", patience_s), travelled(moment):
        main()


def moment_of(written: str) -> datetime:
    """Return a time as it is written, or that of the sandbox exchange whose report it leads to."""
    if not written.startswith("http://127.0.0.1:"):
        return datetime.fromisoformat(written)
    import snipersight.cli.app  # noqa: F401 — loaded before the time is asked, which runs on

    with urlopen(written, timeout=10) as answer:
        return datetime.fromtimestamp(json.load(answer)["at_us"] / 1_000_000, UTC)


if __name__ == "__main__":
    WHEN = moment_of(sys.argv.pop(1))
    sys.argv[0] = "snipersight"
    run_at(WHEN)
