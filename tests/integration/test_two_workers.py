"""Two processes share one scan: every symbol once a close, whoever dies, sleeps, comes or goes."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from snipersight.domain.units import Currency
from snipersight.storage.database import Database
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.schema import AUDIT, QUEUE
from tests.fakes.share_worker import BAR_MS, SYMBOLS

WORKER = "tests.fakes.share_worker"
TERM_US = 4_000_000
# A look every quarter of a second, a bar of one, and a machine that is busy with other tests.
WITHIN_S = TERM_US / 1e6 + 4.0


@dataclass(frozen=True)
class Scanned:
    """That a worker scanned a symbol at a close."""

    symbol: str
    bar_ms: int
    by: str
    at_s: float


class Desk:
    """Workers on one store, and what they wrote down."""

    def __init__(self, database: Database, url: str, stack: ExitStack) -> None:
        self._database = database
        self._url = url
        self._stack = stack
        store = SqlDecisionStore(database, clock=lambda: 1)
        store.create_account("main", Currency("USDT"), Decimal(1), at_us=1)

    def start(self, name: str, *, term_us: int = TERM_US) -> subprocess.Popen[str]:
        """Start a worker, and wait until it runs."""
        worker = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", WORKER, self._url, name, str(term_us)],
            stdout=subprocess.PIPE,
            text=True,
        )
        self._stack.callback(end, worker)
        assert line(worker) == "ready"
        return worker

    def scanned(self, *, by: str = "") -> list[Scanned]:
        """Return what was written down, in its order."""
        rows = self._database.read(
            lambda it: it.execute(
                select(AUDIT.c.subject, AUDIT.c.actor, AUDIT.c.at_us)
                .where(AUDIT.c.kind == "decision")
                .order_by(AUDIT.c.seq)
            ).all()
        )
        parts = [(*row.subject.split("@"), row.actor, row.at_us / 1e6) for row in rows]
        return [
            Scanned(symbol, int(bar_ms), actor, at_s)
            for symbol, bar_ms, actor, at_s in parts
            if by in ("", actor)
        ]

    def told(self) -> int:
        return self._database.read(
            lambda it: it.execute(select(func.count()).select_from(QUEUE)).scalar_one()
        )


@pytest.fixture
def desk(database, database_url) -> Iterator[Desk]:
    with ExitStack() as stack:
        yield Desk(database, database_url, stack)


def end(worker: subprocess.Popen[str]) -> None:
    """End a worker in whatever state it is."""
    worker.kill()
    worker.wait()
    assert worker.stdout is not None
    worker.stdout.close()


def line(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout is not None
    return worker.stdout.readline().strip()


def until(is_so: Callable[[], bool], *, within_s: float = 20.0) -> None:
    ends_s = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < ends_s, "it never came to that"
        time.sleep(0.05)


def symbols_of(scanned: list[Scanned], *, since_s: float = 0.0) -> set[str]:
    return {one.symbol for one in scanned if one.at_s >= since_s}


def until_shared(desk: Desk) -> None:
    """Wait until both scan, and all that is scanned between them is everything."""

    def is_shared() -> bool:
        since_s = time.time() - 2.5
        first, second = (symbols_of(desk.scanned(by=name), since_s=since_s) for name in "ab")
        return bool(first) and bool(second) and not first & second

    until(is_shared)


def bars_of(scanned: list[Scanned]) -> dict[str, list[int]]:
    bars = defaultdict(list)
    for one in scanned:
        bars[one.symbol].append(one.bar_ms)
    return bars


def assert_no_bar_was_skipped(scanned: list[Scanned]) -> None:
    bars = bars_of(scanned)
    assert sorted(bars) == sorted(SYMBOLS)
    for symbol in SYMBOLS:
        seen = sorted(set(bars[symbol]))
        assert seen == list(range(seen[0], seen[-1] + 1, BAR_MS))


def repeated(scanned: list[Scanned]) -> set[tuple[str, int]]:
    counts = Counter((one.symbol, one.bar_ms) for one in scanned)
    return {one for one, times in counts.items() if times > 1}


def leave(worker: subprocess.Popen[str]) -> None:
    worker.terminate()
    assert worker.wait(20) == 0


def test_every_symbol_is_scanned_once_a_close_while_workers_come_and_go(desk):
    first = desk.start("a", term_us=15_000_000)
    until(lambda: symbols_of(desk.scanned()) == set(SYMBOLS))
    second = desk.start("b", term_us=15_000_000)
    until_shared(desk)
    leave(second)
    left_s = time.time()
    # Long before its term would have been over.
    until(lambda: symbols_of(desk.scanned(by="a"), since_s=left_s) == set(SYMBOLS), within_s=10)
    leave(first)
    scanned = desk.scanned()
    assert repeated(scanned) == set()
    assert_no_bar_was_skipped(scanned)
    assert desk.told() == len(scanned)


def test_the_part_of_a_killed_worker_is_taken_over_and_no_bar_is_skipped(desk):
    first, second = desk.start("a"), desk.start("b")
    until_shared(desk)
    second.send_signal(signal.SIGKILL)
    killed_s = time.time()
    until(lambda: symbols_of(desk.scanned(by="a"), since_s=killed_s) == set(SYMBOLS))
    taken_s = min(
        one.at_s
        for one in desk.scanned(by="a")
        if one.at_s >= killed_s
        and one.symbol in symbols_of(desk.scanned(by="b"))
        and one.symbol
        not in symbols_of(
            [early for early in desk.scanned(by="a") if killed_s - 2 <= early.at_s < killed_s]
        )
    )
    assert taken_s - killed_s < WITHIN_S
    leave(first)
    scanned = desk.scanned()
    assert_no_bar_was_skipped(scanned)
    # What it wrote and could not mark is done again by its successor, and told once.
    last_ms = max(one.bar_ms for one in desk.scanned(by="b"))
    assert {bar_ms for _, bar_ms in repeated(scanned)} <= {last_ms}
    assert desk.told() == len({(one.symbol, one.bar_ms) for one in scanned})


def test_a_worker_that_slept_past_its_lease_writes_nothing_and_takes_part_again(desk):
    first, second = desk.start("a"), desk.start("b")
    until_shared(desk)
    os.kill(second.pid, signal.SIGUSR1)
    assert line(second) == "stopped"
    stopped_s = time.time()
    until(lambda: symbols_of(desk.scanned(by="a"), since_s=stopped_s) == set(SYMBOLS))
    slept = len(desk.scanned(by="b"))
    second.send_signal(signal.SIGCONT)
    assert line(second).startswith("refused")
    woke = desk.scanned(by="b")[slept:]
    until_shared(desk)
    assert len(desk.scanned(by="b")) > slept
    for worker in (first, second):
        leave(worker)
    scanned = desk.scanned()
    assert_no_bar_was_skipped(scanned)
    # The one symbol that it wrote of before it slept, and could not mark.
    assert len(repeated(scanned)) <= 1
    assert all(one.at_s > stopped_s + TERM_US / 1e6 for one in woke)
    assert desk.told() == len({(one.symbol, one.bar_ms) for one in scanned})
