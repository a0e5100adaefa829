"""What users of the dashboard may tell the bot to do: checked, stored with their name, answered."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from snipersight.domain.access import AccessRefused, Caller, Scope
from snipersight.domain.commands import Command, CommandAnswer, CommandKind, CommandState
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.domain.people import Role

if TYPE_CHECKING:
    from snipersight.bootstrap.books import Books
    from snipersight.bootstrap.dashboard.store import DashboardStore
    from snipersight.bootstrap.operating.records import Noted
    from snipersight.storage.commands import StoredCommand

A = TypeVar("A")
T = TypeVar("T")

ANSWER_S: Final = 2.0  # a person waits so long for what was done; then they are told it is stored
_LOOK_S: Final = 0.1
_THREADS: Final = 4
_APPROVAL_US: Final = 600_000_000  # real; nobody carries out an approval that waited for longer
_LONGEST_SUBJECT: Final = 128
_LONGEST_KEY: Final = 64
_LONGEST_REASON: Final = 200
_STOPS: Final = (CommandKind.PAUSE, CommandKind.KILL)
_OF_A_PLAN: Final = (
    CommandKind.APPROVE,
    CommandKind.REJECT,
    CommandKind.TOOK,
    CommandKind.CANCEL,
)
PERMITTED: Final = (*_STOPS, *_OF_A_PLAN)
_UNEXECUTED: Final = (
    "No process executes this account now. A dry run takes it as a rehearsal; one that executes "
    "has to be told again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a user of the dashboard wants done.

    Args:
        kind: one of `PERMITTED`; resuming, re-arming and going live are none of these.
        subject: plan id, whole or its first letters; for PAUSE and KILL empty.
        account: which account; empty: the one that is shown first.
        key: the same for the same press, 1 to 64 characters; empty: this press is like no other.
        reason: in the user's words, for those who read of it later.
        flatten: KILL closes every position as well.
        size: TOOK: what was traded, base units as text; empty: the approved size.
        price: TOOK: at which price, as text; empty: the near edge.
    """

    kind: CommandKind
    subject: str = ""
    account: str = ""
    key: str = ""
    reason: str = ""
    flatten: bool = False
    size: str = ""
    price: str = ""


def least_scope(kind: CommandKind) -> Scope:
    """Return the least scope that a wish of this kind needs."""
    return Scope.ADMIN if kind.least_role is Role.ADMIN else Scope.TRADE


class DashboardCommands:
    """Stores what users want, with their token's name, and waits a moment for what becomes of it.

    PAUSE and KILL take effect in the transaction that stores them, whether or not a bot runs.
    What concerns a plan is carried out by the process that executes the account.

    Args:
        store: of the accounts; a store that is away is opened again when it is back.
        still_valid: raises `AccessRefused` once a caller's token was revoked or has expired; a
            page may be open for longer than that.
        answer_s: how long `give` waits, real seconds.
    """

    def __init__(
        self,
        store: DashboardStore,
        *,
        still_valid: Callable[[Caller], object],
        answer_s: float = ANSWER_S,
    ) -> None:
        self._store: Final = store
        self._still_valid: Final = still_valid
        self._answer_s: Final = answer_s
        # Its own: a stop never waits behind what pages have asked for.
        self._threads: Final = ThreadPoolExecutor(_THREADS, thread_name_prefix="command")

    async def give(self, caller: Caller, wish: Wish) -> CommandAnswer:
        """Store a wish and return what became of it, `WAITING` where nobody has done it yet.

        The same key of the same caller is one wish, except for PAUSE and KILL: a stop that is
        said again is a stop again, whatever was resumed since the first time.

        Raises:
            AccessRefused: this caller may not, or nobody may here.
            ConfigInvalid: the wish names no plan that is known, or is no such wish.
            NotKnown: there is no such account.
            StateUnavailable: it could not be stored; nothing was done.
        """
        require_permitted(caller, wish)
        self._still_valid(caller)
        noted = await self._in_thread(self._store.reading, partial(self._note, caller, wish))
        stored = await self._settled(noted.stored)
        return _answer(stored, is_first=noted.is_first)

    def close(self) -> None:
        """Let what is being stored end; a second call does nothing."""
        self._threads.shutdown()

    async def _in_thread(self, work: Callable[[A], T], asked: A) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, asked)

    def _note(self, caller: Caller, wish: Wish) -> Noted:
        from snipersight.bootstrap.operating.account_commands import AtOnce
        from snipersight.bootstrap.operating.records import note_command, whole

        books = self._store.books(wish.account or None)
        pace = self._store.present(wish.account or None).pace
        command = whole(_command(books, caller, wish, pace=pace))
        return note_command(
            books.store.decisions,
            _in_scope(books, command),
            clock=books.ports.clock,
            at_once=AtOnce(books),
        )

    async def _settled(self, stored: StoredCommand) -> StoredCommand:
        until_s = time.monotonic() + self._answer_s
        while stored.settled is None and time.monotonic() < until_s:
            await asyncio.sleep(_LOOK_S)
            stored = await self._in_thread(self._looked_up, stored)
        return stored

    def _looked_up(self, stored: StoredCommand) -> StoredCommand:
        from snipersight.storage.commands import SqlCommands

        try:
            found = SqlCommands(self._store.database).named(stored.key)
        except StateUnavailable:
            return stored  # it is stored: that it cannot be looked at now changes nothing
        return stored if found is None else found


def require_permitted(caller: Caller, wish: Wish) -> None:
    """Make sure that a caller may wish for this, and that it says what it needs.

    Raises:
        AccessRefused: this caller may not, or nobody may here.
        ConfigInvalid: it names no plan, or something is too long.
    """
    if wish.kind not in PERMITTED:
        raise AccessRefused(
            f"the dashboard does not {wish.kind}",
            where="command",
            next_step="the command line does: `snipersight risk resume`, `flatten`, `kill --rearm`",
        )
    least = least_scope(wish.kind)
    if not caller.may(least):
        raise AccessRefused(
            f"the token {caller.name} has scope {caller.scope}, to {wish.kind} needs {least}",
            where="command",
            next_step="ask whoever holds such a token, or use another one",
        )
    if wish.kind in _OF_A_PLAN and not wish.subject.strip():
        raise ConfigInvalid("it is not said which plan is meant", where="subject", next_step="")
    _require_plain("subject", wish.subject, _LONGEST_SUBJECT)
    _require_plain("key", wish.key, _LONGEST_KEY)


def _require_plain(name: str, text: str, most: int) -> None:
    if len(text) > most or not text.isprintable():
        raise ConfigInvalid(
            "it is too long, or holds characters that cannot be shown",
            where=name,
            next_step=f"write at most {most} letters, digits and signs",
        )


def _answer(stored: StoredCommand, *, is_first: bool) -> CommandAnswer:
    from snipersight.bootstrap.operating.answering import answer_of
    from snipersight.bootstrap.operating.decided import is_rehearsed

    answer = answer_of(stored, is_first=is_first)
    if answer.state is CommandState.WAITING and is_rehearsed(stored.command):
        return replace(answer, sentence=_UNEXECUTED)
    return answer


def _command(books: Books, caller: Caller, wish: Wish, *, pace: float) -> Command:
    account_id, now_us = books.ports.account_id, books.ports.clock()
    # By the account's time, which whoever carries it out judges by; it may run faster than ours.
    waits_us = int(_APPROVAL_US * max(pace, 1.0))
    is_stop = wish.kind in _STOPS or not wish.key
    press = secrets.token_hex(16) if is_stop else wish.key
    return Command(
        key=f"dashboard:{caller.token_id}:{press}",
        kind=wish.kind,
        account_id=account_id,
        subject=_subject(books, wish),
        actor=caller.actor,
        name=caller.name,
        at_us=now_us,
        expires_us=now_us + waits_us if wish.kind is CommandKind.APPROVE else None,
        arguments=_arguments(wish),
    )


def _subject(books: Books, wish: Wish) -> str:
    """Return the whole id of the plan: two spellings are no two decisions."""
    from snipersight.bootstrap.taking import find_decision

    if wish.kind in _STOPS:
        return ""
    subject = wish.subject.strip()
    return find_decision(books, subject).plan.plan_id if wish.kind.decides else subject


def _arguments(wish: Wish) -> Mapping[str, str | bool]:
    arguments: dict[str, str | bool] = {}
    words = " ".join(wish.reason.split())
    reason = "".join(letter for letter in words if letter.isprintable())[:_LONGEST_REASON]
    if reason:
        arguments["reason"] = reason
    if wish.kind is CommandKind.KILL and wish.flatten:
        arguments["flatten"] = True
    if wish.kind is CommandKind.TOOK:
        said = {"size": wish.size.strip(), "price": wish.price.strip()}
        arguments.update({name: text for name, text in said.items() if text})
    return arguments


def _in_scope(books: Books, command: Command) -> Command:
    """Return an approval as one of a rehearsal where nobody executes.

    What is approved while nobody does must not be sent by a process that begins hours later.
    """
    from snipersight.bootstrap.operating.decided import as_rehearsed
    from snipersight.storage.executor_lease import is_executed

    if command.kind is not CommandKind.APPROVE:
        return command
    if is_executed(books.store.database, books.ports.account_id):
        return command
    return as_rehearsed(command)
