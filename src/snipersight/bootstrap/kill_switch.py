"""The kill switch in the store alone: pulled, looked at and re-armed without any venue."""

from __future__ import annotations

from dataclasses import replace

from snipersight.bootstrap.books import Books
from snipersight.bot.executor.books import latch
from snipersight.domain.execution import KillSwitch
from snipersight.domain.store import UnitOfWork
from snipersight.risk.breakers.records import save_standing
from snipersight.risk.breakers.standing import resume
from snipersight.risk.ledger.order_records import KillEvent, record_kill
from snipersight.risk.ledger.work import Clerk


def pull_switch(books: Books, *, flatten: bool, reason: str, actor: str) -> KillSwitch:
    """Latch the end of all entries; whoever executes the account carries it out.

    Where nothing is live it is done at once. Pulling it again changes nothing, but that `flatten`
    may be added.

    Raises:
        StateUnavailable: the store cannot be written; nothing was pulled.
    """
    clerk = _clerk(books, actor)
    wanted = KillSwitch(flatten=flatten, since_us=clerk.now_us, actor=actor, reason=reason)

    def work(unit: UnitOfWork) -> KillSwitch:
        switch = latch(unit, clerk, wanted)
        if switch.done_us is not None or unit.book.live_trades():
            return switch
        at_us = clerk.at_us(unit)
        done = replace(switch, done_us=at_us)
        unit.book.save_kill_switch(done)
        record_kill(unit, done, KillEvent.DONE, at_us=at_us, actor=actor)
        return done

    return books.ports.store.transact(books.ports.account_id, work)


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

    def work(unit: UnitOfWork) -> bool:
        held = unit.book.kill_switch()
        if held is None:
            return False
        at_us = clerk.at_us(unit)
        unit.book.save_kill_switch(None)
        record_kill(unit, held, KillEvent.REARMED, at_us=at_us, actor=actor)
        armed = resume(unit.account.standing, at_us=at_us, rearm=False)
        save_standing(unit, armed, at_us=at_us, actor=actor)
        return True

    return books.ports.store.transact(books.ports.account_id, work)


def _clerk(books: Books, actor: str) -> Clerk:
    return Clerk(now_us=books.ports.clock(), actor=actor, policy=books.ports.policy)
