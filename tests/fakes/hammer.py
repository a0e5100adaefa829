"""Eight processes hammer one budget while a killer strikes them at random; then the books are read.

`hammer` runs them, `tests.fakes.hammer_proof.prove` holds the store against what they were told.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.fakes.hammer_worker import ACCOUNT, BALANCE, lines_of, now_us

ROOT: Final = Path(__file__).resolve().parents[2]
DESKS: Final = 8
_LOOK_EVERY_S: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Hammering:
    """What was done to the budget.

    Args:
        journals: one a desk.
        seconds: from the first worker's start to the last one's end.
        kills: workers that got SIGKILL.
        words: how often each first word stands in the journals.
        refusals: how often each code refused.
    """

    journals: tuple[Path, ...]
    seconds: float
    kills: int
    words: Counter[str]
    refusals: Counter[str]

    @property
    def attempts(self) -> int:
        """Return how many reservations were asked for."""
        return self.words["try"]


def hammer(
    url: str, folder: Path, *, seconds: float, attempts: int = 0, seed: int = 1
) -> Hammering:
    """Let the workers trade, and the killer kill, for so long and for so many attempts at least.

    Args:
        url: of an empty database.
        folder: takes the journals.
        seconds: wall time, at least.
        attempts: reservations asked for, at least; 0 asks for none.
        seed: of the killer.
    """
    open_account(url)
    started = time.monotonic()
    with _nursery(url, folder) as nursery:
        killer = _Killer(nursery, random.Random(seed))
        while time.monotonic() - started < seconds or _tries(folder) < attempts:
            killer.strike_for(_LOOK_EVERY_S)
            nursery.ensure_alive(folder)
    return _told(folder, seconds=time.monotonic() - started, kills=killer.kills)


def open_account(url: str) -> None:
    """Create tables and account."""
    from snipersight.domain.units import Currency
    from snipersight.storage.database import connect_database
    from snipersight.storage.decision_store import SqlDecisionStore
    from snipersight.storage.migrating import migrate

    with connect_database(url) as database:
        migrate(database)
        store = SqlDecisionStore(database, clock=now_us)
        store.create_account(ACCOUNT, Currency("USDT"), BALANCE, at_us=now_us())


@dataclass(slots=True)
class _Nursery:
    """The process that forks workers, and which of them sits at which desk."""

    process: subprocess.Popen[str]
    workers: dict[int, int] = field(default_factory=dict)
    born: int = 0

    def seat(self, desk: int) -> None:
        """Start a worker at a desk."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{desk} {self.born}\n")
        self.process.stdin.flush()
        self.born += 1
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the nursery ended with code {self.process.wait()}")
        self.workers[desk] = int(answer)

    def ensure_alive(self, folder: Path) -> None:
        """Raise if a worker has ended by itself: none may, before it is told to."""
        for desk, worker in self.workers.items():
            status = Path(f"/proc/{worker}/stat")
            if status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z":
                last = lines_of(folder / f"{desk}.journal")[-1]
                raise RuntimeError(f"the worker at desk {desk} ended by itself: {' '.join(last)}")


@contextmanager
def _nursery(url: str, folder: Path) -> Iterator[_Nursery]:
    command = [sys.executable, "-m", "tests.fakes.hammer_worker", url, str(folder)]
    complaints = folder / "complaints.log"
    with complaints.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
    nursery = _Nursery(process)
    try:
        for desk in range(DESKS):
            nursery.seat(desk)
        yield nursery
    finally:
        process.communicate(timeout=60)  # closes stdin: workers finish what they began
    said = complaints.read_text(encoding="utf-8", errors="replace")
    if process.returncode or said:
        raise RuntimeError(f"the nursery ended with code {process.returncode}: {said[-2000:]}")


@dataclass(slots=True)
class _Killer:
    nursery: _Nursery
    chance: random.Random
    kills: int = 0

    def strike_for(self, seconds: float) -> None:
        """Kill somebody now and then, and put another one in the place."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, self.chance.uniform(0.02, 0.3)))
            if self.chance.random() < 0.6:
                desk = self.chance.randrange(DESKS)
                os.kill(self.nursery.workers[desk], signal.SIGKILL)
                self.kills += 1
                self.nursery.seat(desk)


def _journals(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(folder.glob("*.journal")))


def _tries(folder: Path) -> int:
    return sum(path.read_bytes().count(b"try ") for path in _journals(folder))


def _told(folder: Path, *, seconds: float, kills: int) -> Hammering:
    lines = [words for path in _journals(folder) for words in lines_of(path)]
    refusals = Counter(code for words in lines if words[0] == "refused" for code in words[2:])
    return Hammering(
        journals=_journals(folder),
        seconds=seconds,
        kills=kills,
        words=Counter(words[0] for words in lines),
        refusals=refusals,
    )
