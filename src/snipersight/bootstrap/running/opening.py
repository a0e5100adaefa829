"""Everything a running bot works with, opened before it begins and closed after it has ended."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.books import Books
from snipersight.bootstrap.gate import LedgerGate
from snipersight.bootstrap.running.asked import RunAsked, clock_of
from snipersight.bootstrap.session import Session, open_session
from snipersight.domain.errors import StateUnavailable
from snipersight.risk.telling import Telling

if TYPE_CHECKING:
    from snipersight.bootstrap.notifying import Notifying
    from snipersight.bootstrap.run_clock import RunClock
    from snipersight.bootstrap.session import Surroundings

Say = Callable[[str], object]
ACTOR: Final = "run"
# Longer than a scan takes from its first verdict to the pictures of its signals.
_GRACE_US: Final = 60_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRun:
    """What the parts of a running bot share.

    Args:
        asked: how it was asked to run.
        session: source, request, account; its own gate is not used.
        books: of the account.
        gate: judges the plans of the scans.
        clock: the time that it lives by.
        notifying: tells the chats; None: nobody is told.
        say: told what a person at the terminal should know.
    """

    asked: RunAsked
    session: Session
    books: Books
    gate: LedgerGate
    clock: RunClock
    notifying: Notifying | None
    say: Say


@asynccontextmanager
async def open_run(
    surroundings: Surroundings, asked: RunAsked, *, say: Say
) -> AsyncIterator[OpenRun]:
    """Yield everything; close it afterwards.

    Raises:
        ConfigInvalid: an option or setting is wrong.
        StateUnavailable: the store cannot be used.
    """
    clock = clock_of(asked, surroundings.settings)
    session = open_session(
        surroundings,
        asked.source,
        profile=asked.profile,
        symbols=asked.symbols,
        workers=asked.workers,
        tells=asked.tells,
        account_id=asked.account,
        clock=clock.us if asked.is_sandbox_time else None,
    )
    try:
        for remark in session.remarks:
            say(f"warning: {remark}")
        books = _books_of(session)
        _reach(clock, books, asked)
        notifying = _notifying(session, books) if asked.tells else None
        try:
            yield OpenRun(
                asked=asked,
                session=session,
                books=books,
                gate=_gate(books, asked),
                clock=clock,
                notifying=notifying,
                say=say,
            )
        finally:
            if notifying is not None:
                await notifying.close()
    finally:
        await session.close()


def _books_of(session: Session) -> Books:
    """Return the open account: without one nothing can be approved, and nothing is run."""
    if session.books is None:
        raise session.unusable or StateUnavailable("the account could not be opened")
    return session.books


def _reach(clock: RunClock, books: Books, asked: RunAsked) -> None:
    """Let a sandbox's time go on where it was left: an account's time does not run back."""
    if asked.is_sandbox_time:
        ports = books.ports
        clock.reach(ports.store.view(ports.account_id, lambda unit: unit.account.last_us))


def _gate(books: Books, asked: RunAsked) -> LedgerGate:
    telling = Telling(grace_us=int(_GRACE_US * asked.time_scale)) if asked.tells else None
    return LedgerGate(replace(books.ports), actor=ACTOR, telling=telling)


def _notifying(session: Session, books: Books) -> Notifying:
    from snipersight.bootstrap.notifying import open_notifying

    return open_notifying(session.surroundings.settings, books.store.database)
