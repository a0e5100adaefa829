"""The program on a machine whose clock is set while it runs; its database's clock is the same one.

`python -m tests.fakes.stepping 2026-05-30T04:25:00+00:00 run --profile scalp`

SIGUSR1 puts the clock forward by twenty minutes, SIGUSR2 back by as much.
"""

import signal
import sys
from datetime import UTC, datetime, timedelta

import time_machine
from sqlalchemy import text

from snipersight.storage import database_time

STEP = timedelta(minutes=20)
_TOLD = database_time._STATEMENTS["sqlite"].text


def set_database(ahead: timedelta) -> None:
    """Let SQLite's time be ahead of the system's."""
    shift_us = ahead // timedelta(microseconds=1)
    shifted = _TOLD.replace("FROM (SELECT", f"+ {shift_us} FROM (SELECT", 1)
    database_time._STATEMENTS["sqlite"] = text(shifted)


def main() -> None:
    """Run the command line of this process from a moment on."""
    moment = datetime.fromisoformat(sys.argv.pop(1))
    sys.argv[0] = "snipersight"
    ahead = moment - datetime.now(UTC)

    def step(number: int, _frame: object) -> None:
        nonlocal ahead
        by = STEP if number == signal.SIGUSR1 else -STEP
        ahead += by
        traveller.shift(by)
        set_database(ahead)

    set_database(ahead)
    from snipersight.cli.app import main as program

    with time_machine.travel(moment, tick=True) as traveller:
        for number in (signal.SIGUSR1, signal.SIGUSR2):
            signal.signal(number, step)
        program()


if __name__ == "__main__":
    main()
