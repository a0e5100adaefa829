"""A channel in virtual time: it counts what arrives in its own windows, and goes wrong on purpose."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from snipersight.bot.notifications.sending.limits import TELEGRAM_LIMITS
from snipersight.bot.notifications.sending.sender import Sender
from snipersight.domain.channels import Body, Delivered, Rendered, SendOutcome, TryAgain
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.outbox import DeliveryDraft
from tests.fakes.memory_lease import MemoryLease
from tests.fakes.memory_outbox import MemoryOutbox

T = TypeVar("T")
AWAY = StateUnavailable("the database is locked")


@dataclass
class Windows:
    """What a channel has counted, and how often that was over a limit."""

    times: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    over: int = 0

    def count(self, address: str, now_s: float) -> None:
        """Count one message."""
        for name, windows in (
            ("", TELEGRAM_LIMITS.overall),
            (address, TELEGRAM_LIMITS.of(address)),
        ):
            self.times[name].append(now_s)
            for window in windows:
                recent = [at for at in self.times[name] if now_s - at < window.seconds]
                self.over += len(recent) > window.most


class Chatting:
    """A notifier whose channel is here.

    Args:
        chance: decides how long things take and what goes wrong.
        faults: share of the requests that end in each way; the rest arrive.
        slowest_s: longest time there, and back.
    """

    name = "telegram"

    def __init__(
        self,
        chance: random.Random,
        *,
        faults: Mapping[str, float] | None = None,
        slowest_s: float = 0.3,
    ) -> None:
        self.chance = chance
        self.faults = dict(faults or {})
        self.slowest_s = slowest_s
        self.windows = Windows()
        self.arrived: list[tuple[str, str]] = []  # address and key, in order
        self.replies: dict[str, str] = {}
        self.dropped_after = 0
        self.on_arrival: Callable[[str], None] = lambda key: None

    def prepare(self, message: Rendered) -> tuple[Body, ...]:
        """Return the text."""
        return ({"text": message.markdown},)

    async def close(self) -> None:
        """Do nothing."""

    async def send(self, address: str, body: Body, *, key: str, reply_to: str = "") -> SendOutcome:
        """Let a message arrive, or not, and say so, or not."""
        fault = self._fault()
        await asyncio.sleep(self.chance.uniform(0, self.slowest_s))
        if fault == "unreachable":
            return TryAgain(error="no route", is_whole_channel=True)
        if fault == "drop_before":
            return TryAgain(error="connection reset", is_ambiguous=True)
        self.windows.count(address, asyncio.get_running_loop().time())
        if fault == "flood":
            return TryAgain(error="too many requests", after_s=2.0)
        self.arrived.append((address, key))
        self.replies[key] = reply_to
        self.on_arrival(key)
        if fault == "drop_after":
            self.dropped_after += 1
            await asyncio.sleep(5)
            return TryAgain(error="no answer", is_ambiguous=True)
        await asyncio.sleep(self.chance.uniform(0, self.slowest_s))
        return Delivered(message_id=f"id-{len(self.arrived)}")

    def _fault(self) -> str:
        where = self.chance.random()
        for fault, share in self.faults.items():
            where -= share
            if where < 0:
                return fault
        return ""


class Scripted:
    """A notifier that answers each message as it is told, then lets it arrive."""

    def __init__(self, name: str = "telegram", **outcomes: Any) -> None:
        self.name = name
        self.outcomes = {key: list(told) for key, told in outcomes.items()}
        self.sent: list[tuple[str, str]] = []  # address and key
        self.times: list[float] = []

    def prepare(self, message: Rendered) -> tuple[Body, ...]:
        """Return the text."""
        return ({"text": message.markdown},)

    async def close(self) -> None:
        """Do nothing."""

    async def send(self, address: str, body: Body, *, key: str, reply_to: str = "") -> SendOutcome:
        """Give the next answer that is planned for a key, or raise it."""
        self.sent.append((address, key))
        self.times.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0.01)
        planned = self.outcomes.get(key)
        outcome: Any = planned.pop(0) if planned else Delivered(message_id=key)
        if callable(outcome):
            outcome = await outcome()
        if isinstance(outcome, Exception):
            raise outcome
        told: SendOutcome = outcome
        return told


async def inline(function: Callable[..., T], /, *arguments: Any) -> T:
    """Run a store's call as a thread would, in no time, after others had their turn."""
    await asyncio.sleep(0)
    return function(*arguments)


def an_outbox(**fields: Any) -> MemoryOutbox:
    """Return an outbox that keeps the time of the running loop, and needs the lease."""
    loop = asyncio.get_running_loop()
    return MemoryOutbox(clock=lambda: 10**15 + int(loop.time() * 1e6), is_leased=True, **fields)


def a_sender(outbox: MemoryOutbox, *notifiers: Any, owner: str = "one", **options: Any) -> Sender:
    """Return a sender in virtual time."""
    lease = options.pop("lease", None) or MemoryLease(outbox, owner)
    return Sender(
        outbox,
        {notifier.name: notifier for notifier in notifiers},
        lease=lease,
        monotonic=asyncio.get_running_loop().time,
        chance=random.Random(1).random,
        **{"in_thread": inline, **options},
    )


def messages(
    count: int, *, chats: int, groups: int = 0, channel: str = "telegram"
) -> list[DeliveryDraft]:
    """Return messages to so many chats in turn, of which so many are groups."""
    return [
        DeliveryDraft(
            key=f"{number}",
            channel=channel,
            address=str(-100 - number % chats if number % chats < groups else number % chats),
            body={"text": str(number)},
        )
        for number in range(count)
    ]


def draft(key: str, address: str = "7", **fields: Any) -> DeliveryDraft:
    """Return a message to a chat of Telegram that says its key."""
    fields = {"channel": "telegram", "body": {"text": key}} | fields
    return DeliveryDraft(key=key, address=address, **fields)


def in_order(arrived: Iterable[tuple[str, str]], drafts: Sequence[DeliveryDraft]) -> bool:
    """Return whether each chat first saw its messages in the order they were stored in."""
    arrived = list(arrived)
    for address in {one.address for one in drafts}:
        seen = list(dict.fromkeys(key for at, key in arrived if at == address))
        if seen != [one.key for one in drafts if one.address == address]:
            return False
    return True
