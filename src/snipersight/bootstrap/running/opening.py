"""Everything a running bot works with, opened before it begins and closed after it has ended."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.access.tokens import may_decide
from snipersight.bootstrap.drawing import DrawingProcess
from snipersight.bootstrap.executor_store import GuardedStore
from snipersight.bootstrap.gate import LedgerGate
from snipersight.bootstrap.hooks import open_hooks
from snipersight.bootstrap.operating.people import require_approvers
from snipersight.bootstrap.paper_origins import origin_text
from snipersight.bootstrap.running.allocating import map_large_buffers
from snipersight.bootstrap.running.asked import RunAsked, clock_of
from snipersight.bootstrap.running.beginning import begin_at
from snipersight.bootstrap.running.sharing import SHARES, Shares, open_shares
from snipersight.bootstrap.running.vital_keeping import keep_vitals
from snipersight.bootstrap.session import Session, open_session
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.domain.execution import Mode
from snipersight.domain.shares import Scope
from snipersight.risk.telling import Telling

if TYPE_CHECKING:
    from snipersight.bootstrap.books import Books
    from snipersight.bootstrap.hooks import OpenHooks
    from snipersight.bootstrap.notifying import Notifying
    from snipersight.bootstrap.run_clock import RunClock
    from snipersight.bootstrap.running.vitals import Vitals
    from snipersight.bootstrap.session import Surroundings
    from snipersight.bootstrap.settings import Settings

# What reads, words and judges beside the loop computes for milliseconds at a time. The loop takes a
# few short steps to send a message, and would wait Python's own five milliseconds at each of them.
_TURN_S: Final = 0.001
Say = Callable[[str], None]
ACTOR: Final = "run"
# Longer than a scan takes from its first verdict to the pictures of its signals.
_GRACE_US: Final = 60_000_000
# That opening may take: what a clock is ahead of `--at` by then was not asked for.
_NOTICEABLE_MS: Final = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRun:
    """What the parts of a running bot share.

    Args:
        asked: how it was asked to run.
        session: source, request, account; its own gate is not used.
        books: of the account.
        gate: judges the plans of the scans; refused is what this process has no right to judge.
        shares: what this process scans.
        hooks: plug-ins.
        clock: the time that it lives by.
        vitals: told how everything is.
        address: where those who ask are told of it; None: nowhere.
        notifying: tells the chats; None: nobody is told.
        drawing: draws the charts that chats are told with.
        say: told what a person at the terminal should know.
    """

    asked: RunAsked
    session: Session
    books: Books
    gate: LedgerGate
    shares: Shares
    hooks: OpenHooks
    clock: RunClock
    vitals: Vitals
    address: str | None
    notifying: Notifying | None
    drawing: DrawingProcess
    say: Say


@asynccontextmanager
async def open_run(
    surroundings: Surroundings, asked: RunAsked, *, say: Say
) -> AsyncIterator[OpenRun]:
    """Yield everything; close it afterwards.

    Raises:
        ConfigInvalid: an option or setting is wrong.
        StateUnavailable: the store cannot be used.
        VenueUnavailable: nobody can listen at `RUN_LISTEN`.
    """
    settings = surroundings.settings
    map_large_buffers()
    sys.setswitchinterval(_TURN_S)
    clock = clock_of(asked, settings)
    async with AsyncExitStack() as stack:
        kept = stack.enter_context(keep_vitals(settings, environ=os.environ))
        if kept.remark:
            say(f"warning: {kept.remark}")
        session = _session(surroundings, asked, clock)
        stack.push_async_callback(session.close)
        for remark in session.remarks:
            say(f"warning: {remark}")
        books = _books_of(session)
        books.store.database.open_readers()
        if session.events.telemetry is not None:
            session.events.telemetry.database.open_readers()
        if asked.approves:
            _require_somebody_to_ask(settings, asked, books, say)
        _reach(clock, books, asked, say)
        shares = _shares(session, books, asked, clock, kept.vitals)
        hooks = open_hooks(settings, surroundings.home, say, sink=session.sink)
        stack.callback(hooks.close)
        notifying = _notifying(session, books, asked, clock) if asked.tells else None
        if notifying is not None:
            stack.push_async_callback(notifying.close)
        drawing = DrawingProcess()
        stack.push_async_callback(drawing.close)
        yield OpenRun(
            asked=asked,
            session=session,
            books=books,
            gate=_gate(books, shares, asked),
            shares=shares,
            hooks=hooks,
            clock=clock,
            vitals=kept.vitals,
            address=kept.address,
            notifying=notifying,
            drawing=drawing,
            say=say,
        )


def _require_somebody_to_ask(settings: Settings, asked: RunAsked, books: Books, say: Say) -> None:
    """Make sure that somebody can approve: in a chat, or on the dashboard."""
    try:
        require_approvers(settings)
        _require_telling(asked)
    except ConfigInvalid as error:
        if not may_decide(books):
            raise ConfigInvalid(
                error.what,
                where=error.where,
                next_step=f"{error.next_step}; or approve on the dashboard: "
                "`snipersight dashboard token add NAME --scope trade` lets somebody in",
            ) from error
        say("Plans wait for approval on the dashboard: `snipersight dashboard` shows them.")


def _require_telling(asked: RunAsked) -> None:
    if not asked.tells:
        raise ConfigInvalid(
            "nobody can be asked, because nobody is told",
            where="--approve",
            next_step="add --notify, or leave --approve out",
        )


def _session(surroundings: Surroundings, asked: RunAsked, clock: RunClock) -> Session:
    return open_session(
        surroundings,
        asked.source,
        profile=asked.profile,
        symbols=asked.symbols,
        workers=asked.workers,
        tells=asked.tells,
        account_id=asked.account,
        clock=clock.us if asked.is_sandbox_time else None,
        streams=True,
        pace=asked.time_scale,
    )


def _books_of(session: Session) -> Books:
    """Return the open account: without one nothing can be approved, and nothing is run."""
    if session.books is None:
        raise session.unusable or StateUnavailable("the account could not be opened")
    return session.books


def _reach(clock: RunClock, books: Books, asked: RunAsked, say: Say) -> None:
    """Let a sandbox's time go on where it was left: an account's time does not run back."""
    if not asked.is_sandbox_time:
        return
    ports = books.ports
    if asked.at_ms is not None:
        begin_at(books, at_us=clock.us(), actor=ACTOR)
    clock.reach(ports.store.view(ports.account_id, lambda unit: unit.account.last_us))
    if asked.at_ms is not None and clock.ms() - asked.at_ms > _NOTICEABLE_MS * clock.scale:
        say(
            f"warning: account {ports.account_id} has lived later than --at already, and no time "
            "runs back: it goes on from there. A new SNIPERSIGHT_HOME begins at any time"
        )


def _shares(
    session: Session, books: Books, asked: RunAsked, clock: RunClock, vitals: Vitals
) -> Shares:
    def tell(error: StateUnavailable | None) -> None:
        if error is None:
            vitals.well(SHARES)
        else:
            vitals.trouble(SHARES, str(error))

    scope = Scope(
        account_id=books.ports.account_id,
        market=f"{session.source.venue}: {origin_text(asked.source)}",
        profile_hash=session.request.profile.content_hash,
        symbols=asked.symbols,
    )
    return open_shares(books.store.database, scope, clock=clock, on_trouble=tell)


def _gate(books: Books, shares: Shares, asked: RunAsked) -> LedgerGate:
    grace_us = int(_GRACE_US * asked.time_scale)
    telling = Telling(grace_us=grace_us, offers=asked.approves) if asked.tells else None
    store = GuardedStore(books.store.decisions, shares)
    return LedgerGate(
        replace(books.ports, store=store), actor=ACTOR, telling=telling, part=lambda: shares.part
    )


def _notifying(session: Session, books: Books, asked: RunAsked, clock: RunClock) -> Notifying:
    from snipersight.bootstrap.notifying import open_notifying

    return open_notifying(
        session.surroundings.settings,
        books.store.database,
        clock=clock if asked.is_sandbox_time else None,
        rehearses=asked.mode is Mode.DRY_RUN,
    )
