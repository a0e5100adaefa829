"""Thousands of messages through a Telegram that goes wrong, while the sender is killed."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.harness import progress
from snipersight.bot.notifications.telegram import TelegramNotifier
from snipersight.domain.channels import Rendered
from snipersight.domain.outbox import DeliveryDraft
from snipersight.sandbox.telegram.tokens import SANDBOX_TOKEN
from snipersight.storage.database import Database, connect_database
from snipersight.storage.migrating import migrate
from snipersight.storage.outbox import SqlOutbox
from snipersight.storage.outbox_view import troubled

GROUPS: Final = tuple(-1001 - number for number in range(5))
PRIVATE: Final = tuple(1001 + number for number in range(45))
FAULT_SHARE: Final = 0.05  # of each kind
_LOOK_S: Final = 1.0
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is sent.

    Args:
        private, group: messages to each private chat and to each group.
        lives_s: shortest and longest life of a sender before it is killed, once it sends.
        limit_s: when to give up.
    """

    private: int
    group: int
    lives_s: tuple[float, float]
    limit_s: float

    @property
    def messages(self) -> int:
        """Return how many messages there are in all."""
        return self.private * len(PRIVATE) + self.group * len(GROUPS)


FULL: Final = Size(private=216, group=56, lives_s=(8, 12), limit_s=1500)
QUICK: Final = Size(private=7, group=4, lives_s=(5, 8), limit_s=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a run came to.

    Args:
        seconds: from the first sender's start to the last outcome.
        kills: senders killed while they sent.
        report: of the server.
        ambiguous: keys that the outbox marked.
        left: deliveries that were not finished when the time was over.
        keys: of each chat, in the order they were stored in.
    """

    seconds: float
    kills: int
    report: dict[str, Any]
    ambiguous: frozenset[str]
    left: int
    keys: dict[int, list[str]]


def drafts(size: Size) -> dict[int, list[DeliveryDraft]]:
    """Return the messages of each chat, worded as Telegram gets them."""
    channel = TelegramNotifier(SANDBOX_TOKEN)
    counts = dict.fromkeys(PRIVATE, size.private) | dict.fromkeys(GROUPS, size.group)
    return {
        chat: [_draft(channel, chat, number) for number in range(counts[chat])] for chat in counts
    }


def _draft(channel: TelegramNotifier, chat: int, number: int) -> DeliveryDraft:
    key = f"{chat}/{number}"
    message = Rendered(title=key, markdown=f"{key} **LONG** BTC/USDT: enters at 42,150.50")
    (body,) = channel.prepare(message)
    return DeliveryDraft(key=key, channel=channel.name, address=str(chat), body=body)


def store(database: Database, chats: dict[int, list[DeliveryDraft]]) -> None:
    """Store every message, the chats in turn."""
    outbox = SqlOutbox(database)
    longest = max(len(drafts) for drafts in chats.values())
    mixed = [own[turn] for turn in range(longest) for own in chats.values() if turn < len(own)]
    for begin in range(0, len(mixed), _AT_ONCE):
        outbox.fan_out([], mixed[begin : begin + _AT_ONCE])


def run(url: str, size: Size, *, seed: int = 1) -> Told:
    """Send everything, and return what the server and the outbox say about it."""
    chats = drafts(size)
    with connect_database(url) as database:
        migrate(database)
        store(database, chats)
        with served(seed) as api_url:
            started = time.monotonic()
            kills = _send_all(database, url, api_url, size, random.Random(seed))
            seconds = time.monotonic() - started
            report = report_of(api_url)
        ambiguous = {one.key for one in troubled(database, limit=10**6) if one.is_ambiguous}
        left = SqlOutbox(database).waiting().sendable
    return Told(
        seconds=seconds,
        kills=kills,
        report=report,
        ambiguous=frozenset(ambiguous),
        left=left,
        keys={chat: [one.key for one in own] for chat, own in chats.items()},
    )


def _send_all(database: Database, url: str, api_url: str, size: Size, chance: random.Random) -> int:
    """Kill one sender after another until everything is sent; return how many.

    The next one is there before, waiting for the lease, as on a machine that watches over another.
    """
    outbox, end = SqlOutbox(database), time.monotonic() + size.limit_s
    workers: deque[subprocess.Popen[str]] = deque()
    kills = 0
    try:
        workers.append(_worker(url, api_url, "life-0"))
        while True:
            _await_first_message(workers[0])
            workers.append(_worker(url, api_url, f"life-{kills + 1}"))
            dies_at = time.monotonic() + chance.uniform(*size.lives_s)
            while time.monotonic() < dies_at:
                if outbox.waiting().sendable == 0 or time.monotonic() >= end:
                    return kills
                time.sleep(_LOOK_S)
            _end(workers.popleft(), signal.SIGKILL)
            kills += 1
            if not (left := outbox.waiting().sendable):
                return kills  # the next one would never begin
            if kills % 5 == 0:
                progress(f"{kills} senders killed, {left:,} messages wait")
    finally:
        for worker in workers:
            _end(worker, signal.SIGTERM)


def _worker(url: str, api_url: str, owner: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.notify_worker", url, api_url, owner]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _await_first_message(worker: subprocess.Popen[str]) -> None:
    assert worker.stdout is not None
    if worker.stdout.readline() != "sends\n":
        raise RuntimeError("a sender ended by itself")


def _end(worker: subprocess.Popen[str], by: signal.Signals) -> None:
    worker.send_signal(by)
    worker.wait(60)
    assert worker.stdout is not None
    worker.stdout.close()


@contextmanager
def served(seed: int) -> Iterator[str]:
    """Run a server and return its address."""
    chats = map(str, (*PRIVATE, *GROUPS))
    command = [sys.executable, "-m", "benchmarks.notify_server", str(FAULT_SHARE), str(seed)]
    with subprocess.Popen(
        [*command, *chats], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.stdin.close()
        server.wait(60)


def report_of(api_url: str) -> dict[str, Any]:
    """Return what the server has counted, with every message."""
    with urllib.request.urlopen(f"{api_url}/sandbox/report", timeout=60) as answer:
        told: dict[str, Any] = json.load(answer)
    return told
