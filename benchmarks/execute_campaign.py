"""Thousands of order lives on venues that go wrong, while their executors are killed.

An order's life is one order's: a venue took what was journaled as intent (a slice of an entry, a
stop, a target, what replaces one of them), and it was filled, cancelled, triggered or expired.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from sqlalchemy import func, select

from benchmarks.execute_server import VENUES
from benchmarks.harness import progress
from snipersight.sandbox.exchange.faults import EVENT_FAULTS, FaultKind
from snipersight.storage.database import Database, connect_database
from snipersight.storage.migrating import migrate
from snipersight.storage.schema import TRADE

FAULT_SHARE: Final = 0.05  # of the account's requests, and of the events
LIMIT_FACTOR: Final = 25  # request limits are this many times the venues' own, on both sides
STEP_S: Final = 0.3
_LOOK_S: Final = 1.0
_COUNT_S: Final = 10.0
_TELL_S: Final = 30.0
# What one venue alone can answer comes as often as the rest only if it is thrown more often there.
_WEIGHTS: Final = {
    FaultKind.UNAVAILABLE: 3.0,  # Binance USD-M
    FaultKind.SYSTEM_ERROR: 3.0,  # Bybit
    FaultKind.OUTCOME_UNKNOWN: 1.5,  # Binance
}
# What of these weights befalls a request: 15.5 on USD-M, 14 on Bybit, 12.5 on spot, which asks most.
_BEFALLING: Final = 13.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is traded.

    Args:
        orders: that came to their end, as the venues count.
        rarest: faults of the kind that came least often.
        accounts: at each venue, each with an executor of its own.
        uptime_s: shortest and longest life of a process before it is killed.
        limit_s: when to stop putting trades on.
        drain_s: how long what is on then may take to end.
    """

    orders: int
    rarest: int
    accounts: int
    uptime_s: tuple[float, float]
    limit_s: float
    drain_s: float = 240.0


FULL: Final = Size(orders=10_000, rarest=200, accounts=1, uptime_s=(15.0, 45.0), limit_s=6_000)
QUICK: Final = Size(
    orders=300, rarest=1, accounts=1, uptime_s=(9.0, 12.0), limit_s=25, drain_s=30.0
)


@dataclass(slots=True, kw_only=True)
class Told:
    """What a campaign came to.

    Args:
        seconds: from the first executor's start to the last one's end.
        trades: that ended.
        kills: of executors' processes.
        is_idle: whether everything had ended when the time was over.
        ups: by venue, of every process, from its first look at the venue to its end, epoch
            seconds.
        truth: what the venues say.
        report: what the sandbox counted.
        url: of the store.
    """

    seconds: float
    trades: int
    kills: int
    is_idle: bool
    ups: dict[str, list[tuple[float, float]]]
    truth: dict[str, Any]
    report: dict[str, Any]
    url: str


def run(scratch: Path, size: Size, *, seed: int = 1) -> Told:
    """Trade until enough orders have ended, kill all the while, then let everything end."""
    url = f"sqlite:///{scratch / 'campaign.db'}"
    with connect_database(url) as database:
        migrate(database)
        with served(size.accounts, seed) as where:
            _post(f"{where['admin']}/sandbox/faults", _rates(seed))
            campaign = _Campaign(database, scratch, where, size, random.Random(seed))
            began = time.monotonic()
            campaign.trade()
            is_idle = campaign.drain()
            seconds = time.monotonic() - began
            return Told(
                seconds=seconds,
                trades=campaign.trades(),
                kills=campaign.kills,
                is_idle=is_idle,
                ups=campaign.ups,
                truth=_get(f"{where['own']}/truth"),
                report=_get(f"{where['admin']}/sandbox/report"),
                url=url,
            )


class _Executors:
    """The process that executes at one venue, again and again.

    Args:
        venue: its short name.
        arguments: of `execute_worker` but owner and venue.
        log: takes what it complains of.
    """

    def __init__(self, venue: str, arguments: list[str], log: IO[str]) -> None:
        self.venue = venue
        self._arguments, self._log = arguments, log
        self._worker: subprocess.Popen[str] | None = None
        self._up_s = 0.0
        self.dies_at = 0.0
        self.lives = 0
        self.ups: list[tuple[float, float]] = []

    def start(self, *, life_s: float) -> None:
        """Start it and wait until it trades."""
        command = [sys.executable, "-m", "benchmarks.execute_worker"]
        owner = f"{self.venue}-{self.lives}"
        self._worker = subprocess.Popen(
            [*command, *self._arguments, owner, self.venue],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        assert self._worker.stdout is not None
        for sign in ("up", "ready"):
            if self._worker.stdout.readline() != f"{sign}\n":
                raise RuntimeError(f"{self.venue} did not start: {self.complaints()}")
            if sign == "up":
                self._up_s = time.time()
        self.dies_at = time.monotonic() + life_s
        self.lives += 1

    def kill(self) -> None:
        """Kill it without a warning."""
        assert self._worker is not None
        if self._worker.poll() is not None:
            raise RuntimeError(f"{self.venue} ended by itself: {self.complaints()}")
        self._worker.send_signal(signal.SIGKILL)
        self._ended()

    def drain(self) -> None:
        """Let it put nothing on any more."""
        assert self._worker is not None
        assert self._worker.stdin is not None
        self._worker.stdin.write("drain\n")
        self._worker.stdin.flush()

    def ends(self, *, within_s: float) -> bool:
        """Return whether it came to its end by itself; it is killed otherwise."""
        assert self._worker is not None
        try:
            self._worker.wait(max(0.0, within_s))
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        self._ended()
        return self._worker.returncode == 0

    def complaints(self) -> str:
        """Return the end of what it wrote."""
        self._log.seek(0)
        return self._log.read()[-2000:]

    def _ended(self) -> None:
        assert self._worker is not None
        self._worker.wait(60)
        self.ups.append((self._up_s, time.time()))
        for pipe in (self._worker.stdin, self._worker.stdout):
            if pipe is not None:
                pipe.close()


class _Campaign:
    def __init__(
        self,
        database: Database,
        scratch: Path,
        where: dict[str, Any],
        size: Size,
        chance: random.Random,
    ) -> None:
        self._database, self._size, self._chance = database, size, chance
        log = tempfile.TemporaryFile(mode="w+", dir=scratch)  # noqa: SIM115 — as long as we
        arguments = [
            f"sqlite:///{scratch / 'campaign.db'}",
            str(scratch),
            json.dumps(where),
            str(size.accounts),
            str(LIMIT_FACTOR),
        ]
        self._all = [_Executors(venue, arguments, log) for venue in VENUES]
        self._own, self._admin = where["own"], where["admin"]
        self._count = _Count()
        self.kills = 0

    @property
    def ups(self) -> dict[str, list[tuple[float, float]]]:
        """Return when the executors of each venue were up."""
        return {one.venue: one.ups for one in self._all}

    def trade(self) -> None:
        """Start the executors, kill them, start them again, until enough orders have ended."""
        end = time.monotonic() + self._size.limit_s
        for one in self._all:
            one.start(life_s=self._life_s())
        while not self._is_enough() and time.monotonic() < end:
            time.sleep(_LOOK_S)
            for one in self._all:
                if time.monotonic() >= one.dies_at:
                    self._replace(one)

    def drain(self) -> bool:
        """Put nothing on any more and wait for the end of what is on; True if it came."""
        for one in self._all:
            one.drain()
        end = time.monotonic() + self._size.drain_s
        ended = [one.ends(within_s=end - time.monotonic()) for one in self._all]
        return all(ended)

    def trades(self) -> int:
        """Return how many trades have ended."""
        ended = select(func.count()).select_from(TRADE).where(TRADE.c.is_live.is_(False))
        return int(self._database.read(lambda connection: connection.execute(ended).scalar_one()))

    def _life_s(self) -> float:
        return self._chance.uniform(*self._size.uptime_s)

    def _replace(self, executors: _Executors) -> None:
        executors.kill()
        self.kills += 1
        executors.start(life_s=self._life_s())

    def _is_enough(self) -> bool:
        """Return whether enough orders have ended, and the rarest fault came often enough."""
        count, now_s = self._count, time.monotonic()
        if now_s >= count.due_s:
            count.due_s = now_s + _COUNT_S
            count.orders = int(_get(f"{self._own}/ended")["orders"])
            faults = _get(f"{self._admin}/sandbox/report")["faults"]
            count.kind = min(faults, key=faults.__getitem__)
            count.rarest = faults[count.kind]
        if now_s >= count.told_s:
            count.told_s = now_s + _TELL_S
            progress(
                f"{count.orders:,} orders and {self.trades():,} trades ended, "
                f"{count.rarest} faults of the rarest kind ({count.kind}), {self.kills} kills"
            )
        return count.orders >= self._size.orders and count.rarest >= self._size.rarest


@dataclass(slots=True)
class _Count:
    """How far a campaign is, as last asked.

    Args:
        orders: that ended.
        rarest, kind: of the faults.
        due_s, told_s: when it is asked, and told, again.
    """

    orders: int = 0
    rarest: int = 0
    kind: str = ""
    due_s: float = 0.0
    told_s: float = field(default_factory=lambda: time.monotonic() + _TELL_S)


@contextmanager
def served(
    accounts: int,
    seed: int,
    *,
    step_s: float = STEP_S,
    factor: int = LIMIT_FACTOR,
    markets: int = 0,
) -> Iterator[dict[str, Any]]:
    """Run the venues and return where they answer; see `execute_server` for the rest."""
    command = [sys.executable, "-m", "benchmarks.execute_server"]
    arguments = [str(one) for one in (accounts, seed, step_s, factor, markets)]
    with subprocess.Popen(
        [*command, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield json.loads(server.stdout.readline())
        finally:
            server.stdin.close()
            server.wait(60)


def fault_rates() -> dict[FaultKind, float]:
    """Return how often each kind is thrown, so that all together befall the share asked for."""
    one = FAULT_SHARE / _BEFALLING
    requests = {
        kind: one * _WEIGHTS.get(kind, 1.0) for kind in FaultKind if kind not in EVENT_FAULTS
    }
    return requests | dict.fromkeys(EVENT_FAULTS, FAULT_SHARE / len(EVENT_FAULTS))


def _rates(seed: int) -> dict[str, Any]:
    return {"rates": {str(kind): share for kind, share in fault_rates().items()}, "seed": seed}


def _post(url: str, body: dict[str, Any]) -> None:
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(url, data=json.dumps(body).encode(), headers=headers)
    with urllib.request.urlopen(request, timeout=60):
        pass


def _get(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=300) as answer:
        told: dict[str, Any] = json.load(answer)
    return told
