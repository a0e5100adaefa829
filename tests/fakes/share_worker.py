"""A process that scans its part at every close, and writes down which symbol it scanned at which.

Bars are short and real. On SIGUSR1 it stops itself within its next turn, as a machine that goes to
sleep does; on SIGTERM it leaves.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from typing import Final

from snipersight.bootstrap.executor_store import GuardedStore
from snipersight.bootstrap.run_clock import RunClock
from snipersight.bootstrap.running.sharing import Shares
from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.errors import LeaseLost
from snipersight.domain.shares import Scope
from snipersight.domain.store import QueueDraft, UnitOfWork
from snipersight.domain.units import Symbol
from snipersight.storage.database import connect_database
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.shares import SqlShares

SCOPE: Final = Scope(account_id="main", market="paper", profile_hash="0f", symbols="all")
SYMBOLS: Final = tuple(Symbol(f"ASSET{number}/USDT") for number in range(24))
BAR_MS: Final = 1_000
LOOK_S: Final = 0.25


class Worker:
    """Scans until it is told to leave."""

    def __init__(self, name: str, shares: Shares, store: GuardedStore) -> None:
        self.name = name
        self.shares = shares
        self.store = store
        self.stop = asyncio.Event()
        self.freezes = False

    async def work(self) -> None:
        """Take turns at every close."""
        keeping = asyncio.create_task(self.shares.keep())
        while not self.stop.is_set():
            try:
                await self.turn(time.time_ns() // 1_000_000 // BAR_MS * BAR_MS)
            except LeaseLost as error:
                print("refused", error, flush=True)
                self.shares.rest()
            await asyncio.sleep(0.05)
        await self.shares.leave()
        await keeping

    async def turn(self, close_ms: int) -> None:
        """Write down every close since the last one that was scanned."""
        for symbol in self.shares.mine(SYMBOLS):
            since_ms = self.shares.scanned_to(symbol)
            first_ms = close_ms if since_ms is None else since_ms + BAR_MS
            for bar_ms in range(first_ms, close_ms + 1, BAR_MS):
                await asyncio.to_thread(self.write, f"{symbol}@{bar_ms}")
                if self.freezes:
                    self.freezes = False
                    print("stopped", flush=True)
                    os.kill(os.getpid(), signal.SIGSTOP)
        await self.shares.mark(close_ms)

    def write(self, subject: str) -> None:
        """Record that a symbol was scanned, and tell it once."""
        draft = AuditDraft(
            kind=AuditKind.DECISION,
            subject=subject,
            actor=self.name,
            at_us=time.time_ns() // 1000,
        )

        def work(unit: UnitOfWork) -> None:
            unit.append(draft)
            unit.enqueue(QueueDraft(topic="message", key=subject))

        self.store.transact("main", work)

    def freeze(self) -> None:
        """Stop within the next turn."""
        self.freezes = True


async def main(url: str, name: str, term_us: int) -> None:
    """Run one worker."""
    with connect_database(url) as database:
        rows = SqlShares(database, SCOPE, member=name, for_us=term_us)
        shares = Shares(rows, clock=RunClock(), look_s=LOOK_S)
        decisions = SqlDecisionStore(database, clock=lambda: time.time_ns() // 1000)
        worker = Worker(name, shares, GuardedStore(decisions, shares))
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, worker.stop.set)
        loop.add_signal_handler(signal.SIGUSR1, worker.freeze)
        print("ready", flush=True)
        await worker.work()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
