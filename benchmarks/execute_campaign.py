"""Thousands of order lives on venues that go wrong, while their executors are killed."""

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
from typing import Any, Final

from sqlalchemy import func, select

from benchmarks.harness import progress
from snipersight.sandbox.exchange.faults import FaultPlan
from snipersight.storage.database import Database, connect_database
from snipersight.storage.migrating import migrate
from snipersight.storage.schema import TRADE

FAULT_SHARE: Final = 0.05  # of the account's requests, and of the events
LIMIT_FACTOR: Final = 25  # request limits are this many times the venues' own, on both sides
STEP_S: Final = 0.3
_LOOK_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is traded.

    Args:
        lives: trades that came to their end.
        accounts: at each venue, each with an executor of its own.
        uptime_s: shortest and longest life of the executors before they are killed.
        limit_s: when to stop putting trades on.
        drain_s: how long what is on then may take to end.
    """

    lives: int
    accounts: int
    uptime_s: tuple[float, float]
    limit_s: float
    drain_s: float = 240.0


FULL: Final = Size(lives=10_000, accounts=1, uptime_s=(15.0, 45.0), limit_s=9_000)
QUICK: Final = Size(lives=60, accounts=1, uptime_s=(9.0, 12.0), limit_s=25, drain_s=30.0)


@dataclass(slots=True, kw_only=True)
class Told:
    """What a campaign came to.

    Args:
        seconds: from the first executor's start to the last one's end.
        lives: trades that ended.
        kills: of the executors' process.
        is_idle: whether everything had ended when the time was over.
        ups: of every process, from its first look at the venues to its end, epoch seconds.
        truth: what the venues say.
        report: what the sandbox counted.
        url: of the store.
    """

    seconds: float
    lives: int
    kills: int
    is_idle: bool
    ups: list[tuple[float, float]] = field(default_factory=list)
    truth: dict[str, Any]
    report: dict[str, Any]
    url: str


def run(scratch: Path, size: Size, *, seed: int = 1) -> Told:
    """Trade until enough lives have ended, kill all the while, then let everything end."""
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
                lives=campaign.lives(),
                kills=campaign.kills,
                is_idle=is_idle,
                ups=campaign.ups,
                truth=_get(f"{where['own']}/truth"),
                report=_get(f"{where['admin']}/sandbox/report"),
                url=url,
            )


class _Campaign:
    def __init__(
        self,
        database: Database,
        scratch: Path,
        where: dict[str, Any],
        size: Size,
        chance: random.Random,
    ) -> None:
        self._database, self._scratch, self._where = database, scratch, where
        self._size, self._chance = size, chance
        self._log = tempfile.TemporaryFile(mode="w+", dir=scratch)  # noqa: SIM115 — as long as we
        self._worker: subprocess.Popen[str] | None = None
        self._up_s = 0.0
        self.kills = 0
        self.ups: list[tuple[float, float]] = []

    def trade(self) -> None:
        """Start the executors, kill them, start them again, until enough lives have ended."""
        end = time.monotonic() + self._size.limit_s
        while True:
            worker = self._start()
            dies_at = time.monotonic() + self._chance.uniform(*self._size.uptime_s)
            while time.monotonic() < dies_at:
                if worker.poll() is not None:
                    raise RuntimeError(f"the executors ended by themselves: {worker.returncode}")
                if self.lives() >= self._size.lives or time.monotonic() >= end:
                    return
                time.sleep(_LOOK_S)
            self._kill()
            if self.kills % 10 == 0:
                progress(f"{self.lives():,} lives ended, {self.kills} kills")

    def drain(self) -> bool:
        """Put nothing on any more and wait for the end of what is on; True if it came."""
        assert self._worker is not None
        assert self._worker.stdin is not None
        self._worker.stdin.write("drain\n")
        self._worker.stdin.flush()
        try:
            self._worker.wait(self._size.drain_s)
        except subprocess.TimeoutExpired:
            self._kill()
            return False
        self.ups.append((self._up_s, time.time()))
        return self._worker.returncode == 0

    def lives(self) -> int:
        """Return how many trades have ended."""
        ended = select(func.count()).select_from(TRADE).where(TRADE.c.is_live.is_(False))
        return int(self._database.read(lambda connection: connection.execute(ended).scalar_one()))

    def _start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "benchmarks.execute_worker"]
        owner = f"life{self.kills}"
        arguments = [
            f"sqlite:///{self._scratch / 'campaign.db'}",
            str(self._scratch),
            json.dumps(self._where),
            owner,
            str(self._size.accounts),
            str(LIMIT_FACTOR),
        ]
        self._worker = subprocess.Popen(
            [*command, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        assert self._worker.stdout is not None
        for sign in ("up", "ready"):
            if self._worker.stdout.readline() != f"{sign}\n":
                self._log.seek(0)
                raise RuntimeError(f"the executors did not start: {self._log.read()[-2000:]}")
            if sign == "up":
                self._up_s = time.time()
        return self._worker

    def _kill(self) -> None:
        assert self._worker is not None
        self._worker.send_signal(signal.SIGKILL)
        self._worker.wait(60)
        self.ups.append((self._up_s, time.time()))
        self.kills += 1


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


def _rates(seed: int) -> dict[str, Any]:
    plan = FaultPlan.even(FAULT_SHARE, seed=seed)
    return {"rates": {str(kind): share for kind, share in plan.rates.items()}, "seed": seed}


def _post(url: str, body: dict[str, Any]) -> None:
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(url, data=json.dumps(body).encode(), headers=headers)
    with urllib.request.urlopen(request, timeout=60):
        pass


def _get(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=300) as answer:
        told: dict[str, Any] = json.load(answer)
    return told
