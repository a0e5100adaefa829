"""The kill switch in the store alone: pulled, looked at and re-armed without any venue."""

from __future__ import annotations

from snipersight.bootstrap.books import Books
from snipersight.bot.executor.kill_latch import latch, mark_done, unlatch
from snipersight.domain.execution import KillSwitch
from snipersight.domain.store import UnitOfWork
from snipersight.risk.ledger.work import Clerk


def pull_switch(books: Books, *, flatten: bool, reason: str, actor: str) -> KillSwitch:
    """Latch the end of all entries; whoever executes the account carries it out.

    Where nothing is live it is done at once. Pulling it again changes nothing, but that `flatten`
    may be added.

    Raises:
        StateUnavailable: the store cannot be written; nothing was pulled.
    """
    clerk = _clerk(books, actor)
    return books.ports.store.transact(
        books.ports.account_id,
        lambda unit: pull_in(unit, clerk, flatten=flatten, reason=reason),
    )


def pull_in(unit: UnitOfWork, clerk: Clerk, *, flatten: bool, reason: str) -> KillSwitch:
    """Do what `pull_switch` does within an open transaction of the account."""
    since_us = clerk.at_us(unit)
    wanted = KillSwitch(flatten=flatten, since_us=since_us, actor=clerk.actor, reason=reason)
    switch = latch(unit, clerk, wanted)
    if switch.done_us is None and not unit.book.live_trades():
        mark_done(unit, clerk, switch)
    return unit.book.kill_switch() or switch


def switch_now(books: Books) -> KillSwitch | None:
    """Return the kill switch as it holds; None while it is not pulled.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    return books.ports.store.view(books.ports.account_id, lambda unit: unit.book.kill_switch())


def rearm_switch(books: Books, *, actor: str) -> bool:
    """Allow entries again, lifting the halt that the switch brought; False if it was not pulled.

    Raises:
        StateUnavailable: the store cannot be written; the switch holds.
    """
    clerk = _clerk(books, actor)

    return books.ports.store.transact(
        books.ports.account_id, lambda unit: unlatch(unit, clerk, actor=actor)
    )


def _clerk(books: Books, actor: str) -> Clerk:
    return Clerk(now_us=books.ports.clock(), actor=actor, policy=books.ports.policy)
