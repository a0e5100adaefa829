"""Marks of what the store of decisions holds: another mark, something changed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Select, func, select

from snipersight.domain.commands import COMMANDS
from snipersight.domain.outbox import DELIVERIES, NOTICES
from snipersight.storage.queue_rows import QueueState
from snipersight.storage.schema import ACCOUNT, INTENT, KILL_SWITCH, LEASE, LEDGER, QUEUE, TRADE

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from snipersight.storage.database import Database

_UNSENT: Final = (QueueState.PENDING.value, QueueState.CLAIMED.value, QueueState.DEAD.value)
_CHAINS: Final = select(ACCOUNT.c.account_id, ACCOUNT.c.head_seq, ACCOUNT.c.head_hash)
_STANDINGS: Final = select(
    ACCOUNT.c.account_id, ACCOUNT.c.standing, ACCOUNT.c.policy_hash, ACCOUNT.c.ledger_revision
)
_SWITCHES: Final = select(*KILL_SWITCH.columns)
_TRADES: Final = select(TRADE.c.trade_id, TRADE.c.body).where(TRADE.c.is_live)
_ENTRIES: Final = select(*LEDGER.columns).where(LEDGER.c.is_live)
_ORDERS: Final = select(INTENT.c.client_id, INTENT.c.body).where(INTENT.c.is_open)
_COMMANDS: Final = (
    select(QUEUE.c.state, func.count(), func.max(QUEUE.c.available_us))
    .where(QUEUE.c.topic == COMMANDS)
    .group_by(QUEUE.c.state)
)
_OUTBOX: Final = (
    select(QUEUE.c.topic, QUEUE.c.state, func.count())
    .where(QUEUE.c.topic.in_((NOTICES, DELIVERIES)), QUEUE.c.state.in_(_UNSENT))
    .group_by(QUEUE.c.topic, QUEUE.c.state)
)
_OWNERS: Final = select(LEASE.c.name, LEASE.c.owner).where(LEASE.c.name.not_like("slot:%"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMarks:
    """A mark for each part of the store.

    Args:
        audit: the chains of all accounts.
        exposure: ledger, standing and kill switches.
        positions: live trades and entries.
        orders: open orders.
        commands: of people.
        processes: who holds which right, and what waits to be sent.
    """

    audit: str
    exposure: str
    positions: str
    orders: str
    commands: str
    processes: str


def decision_marks(database: Database) -> DecisionMarks:
    """Return the marks of one moment; its cost grows with what is open, not with what is kept.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    return database.read(_marks)


def _marks(connection: Connection) -> DecisionMarks:
    return DecisionMarks(
        audit=_mark(connection, _CHAINS),
        exposure=_mark(connection, _STANDINGS, _SWITCHES),
        positions=_mark(connection, _TRADES, _ENTRIES),
        orders=_mark(connection, _ORDERS),
        commands=_mark(connection, _COMMANDS),
        processes=_mark(connection, _OWNERS, _OUTBOX),
    )


def _mark(connection: Connection, *questions: Select[Any]) -> str:
    digest = hashlib.blake2b(digest_size=12)
    for question in questions:
        rows = sorted(map(tuple, connection.execute(question)), key=str)
        digest.update(json.dumps(rows, default=str).encode())
    return digest.hexdigest()
