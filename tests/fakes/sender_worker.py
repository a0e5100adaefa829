"""A sender in a process of its own that kills itself at a given step.

usage: python -m tests.fakes.sender_worker DATABASE_URL JOURNAL OWNER STEP

Its channel is a file: a message has arrived when its key is in the journal. The second message is
the one it dies of; with the step `none` it lives and sends everything.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from snipersight.bot.notifications.sending.limits import ChannelLimits
from snipersight.bot.notifications.sending.rates import RateLimiter
from snipersight.bot.notifications.sending.send_report import SendReport
from snipersight.bot.notifications.sending.sender import Sender
from snipersight.domain.channels import Body, Delivered, Rendered, SendOutcome
from snipersight.domain.outbox import Delivery
from snipersight.storage.database import Database, connect_database
from snipersight.storage.outbox import SqlOutbox
from snipersight.storage.outbox_lease import SqlSenderLease

LEASE_US = 500_000
FATAL = "2"  # key of the message it dies of
STEPS = ("before_claim", "in_claim", "after_claim", "after_send", "in_ack", "after_ack")


def die() -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


class MortalOutbox(SqlOutbox):
    """An outbox whose process dies at a step."""

    def __init__(self, database: Database, step: str, *, lease: SqlSenderLease) -> None:
        super().__init__(database, lease=lease)
        self._step = step
        self._acknowledged = 0

    def claim_deliveries(self, owner: str, **options: Any) -> tuple[Delivery, ...]:
        """Claim, and die before, within or after it, when one message has arrived."""
        is_fatal = self._acknowledged == 1
        if is_fatal and self._step == "before_claim":
            die()
        if is_fatal and self._step == "in_claim":
            self._die_in_transaction()
        claimed = super().claim_deliveries(owner, **options)
        if self._step == "after_claim" and any(one.draft.key == FATAL for one in claimed):
            die()
        return claimed

    def delivered(self, delivery: Delivery, *, message_id: str) -> bool:
        """Acknowledge, and die within or after it."""
        if delivery.draft.key == FATAL and self._step == "in_ack":
            self._die_in_transaction()
        done = super().delivered(delivery, message_id=message_id)
        self._acknowledged += 1
        if delivery.draft.key == FATAL and self._step == "after_ack":
            die()
        return done

    def _die_in_transaction(self) -> None:
        write = self._database.write

        def work_and_die(work: Any) -> Any:
            def die_of(connection: Connection) -> None:
                work(connection)
                die()

            return write(die_of)

        self._database.write = work_and_die  # type: ignore[method-assign, assignment]


class Journal:
    """A channel that is a file.

    Args:
        path: gets a line for every message.
        step: `after_send` dies when the fatal message has arrived.
    """

    name = "journal"

    def __init__(self, path: Path, step: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._step = step

    def prepare(self, message: Rendered) -> tuple[Body, ...]:
        """Return the text."""
        return ({"text": message.markdown},)

    async def send(self, address: str, body: Body, *, key: str, reply_to: str = "") -> SendOutcome:
        """Write a line."""
        os.write(self._file, f"{address} {key}\n".encode())
        if key == FATAL and self._step == "after_send":
            die()
        return Delivered(message_id=key)

    async def close(self) -> None:
        """Close the file."""
        os.close(self._file)


async def send_all(database: Database, journal: Path, owner: str, step: str) -> SendReport:
    """Send until nothing is left, or death."""
    lease = SqlSenderLease(database, owner=owner, for_us=LEASE_US)
    outbox = MortalOutbox(database, step, lease=lease)
    channel = Journal(journal, step)
    limiter = RateLimiter({channel.name: ChannelLimits()})
    sender = Sender(outbox, {channel.name: channel}, lease=lease, limiter=limiter)
    try:
        return await sender.drain(until_empty=True, deadline_s=60)
    finally:
        await channel.close()


def main(url: str, journal: str, owner: str, step: str) -> None:
    """Run one sender; print how many messages it sent."""
    with connect_database(url) as database:
        print(asyncio.run(send_all(database, Path(journal), owner, step)).sent)


if __name__ == "__main__":
    main(*sys.argv[1:])
