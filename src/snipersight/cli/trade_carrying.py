"""Leaves a command about trades to the process that executes them, and waits for what becomes of it."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from snipersight.cli.guard import say
from snipersight.domain.commands import Command, CommandKind, CommandState
from snipersight.domain.errors import OrderRefused
from snipersight.storage.executor_lease import executor_of

if TYPE_CHECKING:
    from snipersight.bootstrap.books import Books
    from snipersight.domain.execution import Trade
    from snipersight.storage.commands import StoredCommand

_ACTOR: Final = "cli"
_NAME: Final = "the command line"
_TAKEN_S: Final = (
    10.0  # within which, busy as it may be, a running bot that is well has taken a command up
)
_LOOK_S: Final = 0.1
_NOT_TAKEN: Final = "nobody took it up in time"


def runner_of(books: Books) -> str | None:
    """Return the process that executes the account's trades, `host:pid`; None if nobody does.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    owner = executor_of(books.store.database, books.ports.account_id)
    return None if owner is None else owner.rpartition(":")[0]


async def told(books: Books, trades: Sequence[Trade], kind: CommandKind, *, runner: str) -> bool:
    """Let the process that executes act on each trade; return whether it took all of them up.

    What it did not take up is withdrawn: it will not be done unexpectedly later on.

    Args:
        books: of the account.
        trades: that are meant.
        kind: cancel or flatten.
        runner: who is told, for the person who waits.

    Raises:
        OrderRefused: it refused, with its reason.
        StateUnavailable: the store cannot be used.
    """
    say(f"Process {runner} executes this account's trades; it is told …")
    stored = [await asyncio.to_thread(_noted, books, trade, kind) for trade in trades]
    settled = await _settled(books, stored)
    for trade, one in zip(trades, settled, strict=True):
        if one.settled is not None and one.settled.state is CommandState.REFUSED:
            raise OrderRefused(one.settled.sentence, where=f"{trade.symbol}, process {runner}")
    waiting = [one for one in settled if one.settled is None]
    withdrawn = [await asyncio.to_thread(_withdrawn, books, one) for one in waiting]
    return not any(withdrawn)


def _noted(books: Books, trade: Trade, kind: CommandKind) -> StoredCommand:
    from snipersight.bootstrap.operating.records import note_command

    command = Command(
        key=f"{_ACTOR}:{secrets.token_hex(8)}",
        kind=kind,
        account_id=books.ports.account_id,
        subject=trade.trade_id,
        actor=_ACTOR,
        name=_NAME,
        at_us=books.ports.clock(),
    )
    return note_command(books.store.decisions, command, clock=books.ports.clock).stored


async def _settled(books: Books, stored: Sequence[StoredCommand]) -> list[StoredCommand]:
    """Return commands as they are once all are settled, the process is gone, or it takes too long."""
    until_s, now = time.monotonic() + _TAKEN_S, list(stored)
    while time.monotonic() < until_s:
        now = [await asyncio.to_thread(_as_it_is, books, one) for one in now]
        if all(one.settled is not None for one in now):
            break
        if await asyncio.to_thread(runner_of, books) is None:
            break
        await asyncio.sleep(_LOOK_S)
    return now


def _as_it_is(books: Books, stored: StoredCommand) -> StoredCommand:
    from snipersight.storage.commands import SqlCommands

    if stored.settled is not None:
        return stored
    return SqlCommands(books.store.database).named(stored.key) or stored


def _withdrawn(books: Books, stored: StoredCommand) -> bool:
    """Withdraw a command; return whether it is, and was not done at the last moment."""
    from snipersight.bootstrap.operating.records import SettledBefore, Settling, refused

    settling = Settling(stored, books.store.decisions, clock=books.ports.clock)
    with suppress(SettledBefore):
        settling.settle(refused(_NOT_TAKEN))
    return settling.is_settled
