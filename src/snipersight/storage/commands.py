"""Commands of people as they lie in the queue: stored once under a key, settled once with an answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update

from snipersight.domain.commands import COMMANDS, Command, CommandKind, CommandState
from snipersight.domain.errors import DataInvalid
from snipersight.risk.audit.chain import canonical
from snipersight.storage.queue_rows import UNFINISHED, QueueState
from snipersight.storage.schema import QUEUE

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from snipersight.storage.database import Database

_NEXT_STEP: Final = "it was written by another version, or changed; nothing of it is done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of a command for good.

    Args:
        state: done or refused.
        sentence: in words, for whoever said it.
        at_us: when, microseconds UTC.
    """

    state: CommandState
    sentence: str
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCommand:
    """A command as it is stored.

    Args:
        item_id: its place; a later one has a larger number.
        key: under which it is stored once.
        command: what was said; its own key is the press's.
        stored_us: time of the audit record that it was stored with, microseconds UTC.
        settled: what became of it; None while it is to be done.
    """

    item_id: int
    key: str
    command: Command
    stored_us: int
    settled: Settled | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCommands:
    """What is to be done for an account.

    Args:
        commands: in the order in which they were stored.
        unreadable: places of those that cannot be read, with the reason.
    """

    commands: tuple[StoredCommand, ...] = ()
    unreadable: tuple[tuple[int, str], ...] = ()


class SqlCommands:
    """Reads the commands of a database; every method may raise `StateUnavailable`.

    Args:
        database: where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database: Final = database

    def waiting(self, account_id: str) -> WaitingCommands:
        """Return what an account's commands are to be done."""
        return self._database.read(lambda connection: _waiting(connection, account_id))

    def named(self, key: str) -> StoredCommand | None:
        """Return the command of a key; None if there is none.

        Raises:
            DataInvalid: it cannot be read.
        """
        return self._database.read(lambda connection: find_command(connection, key))

    def beginning_with(self, prefix: str) -> tuple[StoredCommand, ...]:
        """Return the commands whose key begins so, oldest first.

        Raises:
            DataInvalid: one cannot be read.
        """
        found = (
            select(QUEUE)
            .where(QUEUE.c.topic == COMMANDS, QUEUE.c.key.startswith(prefix, autoescape=True))
            .order_by(QUEUE.c.item_id)
        )

        def read(connection: Connection) -> tuple[StoredCommand, ...]:
            rows = connection.execute(found).all()
            # To SQLite `Main` is like `main`.
            return tuple(_stored(row) for row in rows if row.key.startswith(prefix))

        return self._database.read(read)

    def about(self, account_id: str, subject: str) -> tuple[StoredCommand, ...]:
        """Return what was said about one plan of an account, oldest first.

        Raises:
            DataInvalid: one cannot be read.
        """
        marked = f'"subject":{canonical(subject)}'  # canonical JSON has one spelling
        found = (
            select(QUEUE)
            .where(QUEUE.c.topic == COMMANDS, QUEUE.c.payload.contains(marked, autoescape=True))
            .order_by(QUEUE.c.item_id)
        )
        rows = self._database.read(lambda connection: connection.execute(found).all())
        told = (_stored(row) for row in rows)
        named = (account_id, subject)
        return tuple(one for one in told if (one.command.account_id, one.command.subject) == named)

    def bury(self, item_id: int, *, error: str) -> None:
        """Give up a command that cannot be read, for a person to look at."""
        values = {"state": QueueState.DEAD.value, "last_error": error[:1000]}
        done = update(QUEUE).where(QUEUE.c.item_id == item_id).values(values)
        self._database.write(lambda connection: connection.execute(done))


def command_payload(command: Command, *, stored_us: int) -> dict[str, object]:
    """Return a command as canonical JSON values, to be enqueued with its audit record."""
    fields: dict[str, object] = {
        "key": command.key,
        "kind": command.kind.value,
        "account": command.account_id,
        "subject": command.subject,
        "actor": command.actor,
        "name": command.name,
        "at_us": command.at_us,
        "expires_us": command.expires_us,
        "arguments": dict(command.arguments),
    }
    return {"command": fields, "stored_us": stored_us}


def find_command(connection: Connection, key: str) -> StoredCommand | None:
    """Return the command of a key within an open transaction; None if there is none.

    Raises:
        DataInvalid: it cannot be read.
    """
    row = connection.execute(
        select(QUEUE).where(QUEUE.c.topic == COMMANDS, QUEUE.c.key == key)
    ).one_or_none()
    return None if row is None else _stored(row)


def settle_command(connection: Connection, stored: StoredCommand, settled: Settled) -> bool:
    """Say within a transaction what became of a command; False if that was said before.

    Whoever gets False did it a second time, and must keep nothing of it.
    """
    payload = command_payload(stored.command, stored_us=stored.stored_us)
    payload["settled"] = {
        "state": settled.state.value,
        "sentence": settled.sentence,
        "at_us": settled.at_us,
    }
    done = connection.execute(
        update(QUEUE)
        .where(QUEUE.c.item_id == stored.item_id, QUEUE.c.state.in_(UNFINISHED))
        .values(payload=canonical(payload), state=QueueState.DONE.value, available_us=settled.at_us)
    )
    return done.rowcount == 1


def _waiting(connection: Connection, account_id: str) -> WaitingCommands:
    found = connection.execute(
        select(QUEUE)
        .where(QUEUE.c.topic == COMMANDS, QUEUE.c.state.in_(UNFINISHED))
        .order_by(QUEUE.c.item_id)
    ).all()
    commands, unreadable = [], []
    for row in found:
        try:
            stored = _stored(row)
        except DataInvalid as error:
            unreadable.append((row.item_id, str(error)))
        else:
            commands.append(stored)
    ours = tuple(one for one in commands if one.command.account_id == account_id)
    return WaitingCommands(commands=ours, unreadable=tuple(unreadable))


def _stored(row: Row[tuple[object, ...]]) -> StoredCommand:
    try:
        payload = json.loads(row.payload)
        return StoredCommand(
            item_id=row.item_id,
            key=row.key,
            command=_command(payload["command"]),
            stored_us=int(payload["stored_us"]),
            settled=_settled(payload.get("settled")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataInvalid(
            f"command {row.key} cannot be read: {type(error).__name__}: {error}",
            where="queue",
            next_step=_NEXT_STEP,
        ) from error


def _command(fields: Mapping[str, object]) -> Command:
    arguments, expires_us = fields["arguments"], fields["expires_us"]
    if not isinstance(arguments, Mapping):
        raise TypeError("its arguments are no mapping")
    return Command(
        key=str(fields["key"]),
        kind=CommandKind(str(fields["kind"])),
        account_id=str(fields["account"]),
        subject=str(fields["subject"]),
        actor=str(fields["actor"]),
        name=str(fields["name"]),
        at_us=_whole(fields["at_us"]),
        expires_us=None if expires_us is None else _whole(expires_us),
        arguments=dict(arguments),
    )


def _settled(fields: Mapping[str, object] | None) -> Settled | None:
    if fields is None:
        return None
    return Settled(
        state=CommandState(str(fields["state"])),
        sentence=str(fields["sentence"]),
        at_us=_whole(fields["at_us"]),
    )


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r} is no moment")
    return value
