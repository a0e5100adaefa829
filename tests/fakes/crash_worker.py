"""A process that executes one plan on a SQLite file and a venue in another process, and may die."""

from __future__ import annotations

import asyncio
import sys
from decimal import Decimal
from multiprocessing.managers import BaseManager
from pathlib import Path
from typing import Any

from snipersight.storage.database import connect_database
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.migrating import migrate
from snipersight.storage.order_journal import OrderJournal
from tests.fakes.crash_points import CrashingStore, CrashingVenue, CrashPoints
from tests.fakes.executor_desk import ExecutorDesk

KEY = b"one host, one test"
STORY = ("42240", "42040", "43010", "42300", "41700")


class VenueProcess:
    """The matching engine of a scripted venue, served to one worker after the other."""

    def __init__(self) -> None:
        self.desk = ExecutorDesk()

    def call(self, name: str, *arguments: Any, **options: Any) -> Any:
        """Call the engine; `clock` sets the time of the venue and returns it."""
        if name == "advance":
            self.desk.clock.advance(*arguments)
        if name in ("advance", "now"):
            return self.desk.clock.now_us
        return getattr(self.desk.venue.engine, name)(*arguments, **options)


class VenueManager(BaseManager):
    """Serves a `VenueProcess`."""


class RemoteEngine:
    """The engine of a venue in another process."""

    def __init__(self, process: Any) -> None:
        self._process = process

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            return self._process.call(name, *arguments, **options)

        return call


def remote_desk(address: Any, folder: Path, at: int | None) -> tuple[ExecutorDesk, Any, Any]:
    """Return a desk on the venue process and the SQLite file, with its database and points."""
    VenueManager.register("venue")
    manager = VenueManager(address=address, authkey=KEY)
    manager.connect()
    process = manager.venue()  # type: ignore[attr-defined]
    database = connect_database(f"sqlite:///{folder / 'snipersight.db'}")
    migrate(database)
    desk = ExecutorDesk()
    desk.clock.now_us = process.call("now")
    desk.venue.engine = RemoteEngine(process)  # type: ignore[assignment]
    store = SqlDecisionStore(database, clock=desk.clock)
    store.create_account("main", "USDT", Decimal(10_000), at_us=1)  # type: ignore[arg-type]
    points = CrashPoints(at, kills=True)
    desk.store = CrashingStore(store, points)
    desk.journal = OrderJournal(folder / "orders.journal")  # type: ignore[assignment]
    truth = desk.venue
    desk.venue = CrashingVenue(truth, points)  # type: ignore[assignment]
    desk.restarted()
    return desk, process, (database, points)


async def live(desk: ExecutorDesk, process: Any) -> None:
    """Put a plan on and follow it through its story."""
    await desk.put_on()
    for price in STORY:
        step(desk, process, price)
        await desk.executor.cycle()
        await desk.executor.cycle()
    await desk.executor.cycle()


def step(desk: ExecutorDesk, process: Any, price: str) -> None:
    """Let price move in the other process."""
    desk.clock.now_us = process.call("advance", 1)
    process.call("trade", desk.symbol, price=Decimal(price), at_us=desk.clock.now_us)


async def end(desk: ExecutorDesk, process: Any) -> None:
    """Take over, look after everything, and stop whatever is still on out."""
    await desk.executor.start()
    for _ in range(15):
        desk.clock.now_us = process.call("advance", 4)
        await desk.executor.cycle()
    step(desk, process, "41700")
    for _ in range(8):
        desk.clock.now_us = process.call("advance", 4)
        await desk.executor.cycle()


def main() -> None:
    """Run one life: address, folder, `live` or `end`, and the step to die at (0: none)."""
    address, folder, what, at = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    desk, process, (database, points) = remote_desk(address, folder, at or None)
    asyncio.run(live(desk, process) if what == "live" else end(desk, process))
    database.close()
    print(len(points.steps))


if __name__ == "__main__":
    main()
