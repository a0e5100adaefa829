"""The desk that takes what people say, stores it, does it once, and answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from snipersight.bootstrap.books import Books
from snipersight.bootstrap.operating.account_commands import TOO_LATE, AtOnce, Killing
from snipersight.bootstrap.operating.answering import answer_of
from snipersight.bootstrap.operating.decided import as_rehearsed, is_rehearsed
from snipersight.bootstrap.operating.records import (
    Noted,
    Outcome,
    Settling,
    note_command,
    whole,
)
from snipersight.bootstrap.operating.undertaking import Undertaking
from snipersight.bootstrap.taking import find_decision
from snipersight.bot.telemetry.logging import log_structured
from snipersight.domain.commands import Command, CommandAnswer, CommandKind, CommandState
from snipersight.domain.errors import ConfigInvalid, DataInvalid, SniperSightError, StateUnavailable
from snipersight.domain.store import DecisionStore
from snipersight.storage.commands import SqlCommands, StoredCommand

Doer = Callable[[StoredCommand, Settling], Awaitable[Outcome]]

ANSWER_S: Final = 2.0  # a person waits so long for what was done; then they are told it is stored
_POLL_S: Final = 0.5
_REHEARSED: Final = (CommandKind.APPROVE, CommandKind.REJECT)
_EXECUTED: Final = (CommandKind.APPROVE, CommandKind.CANCEL, CommandKind.FLATTEN)
_FAULT: Final = (
    "a fault of the program stopped it, see its log; `snipersight positions` and `orders` show "
    "whether anything was sent"
)
_LOOK_S: Final = 0.2  # between two looks for what another process may have done


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskWork:
    """What a desk works with.

    Args:
        books: of the account; anybody may store a command in it.
        store: what is done is written through it: fenced where only one process may do it.
        doers: what carries out each kind.
        killing: of these, the one that works without a store too.
        is_ours: whether this process does the account's commands now; it may block.
        rehearses: nothing is sent to a venue: what a plan is told here decides nothing elsewhere.
    """

    books: Books
    store: DecisionStore
    doers: Mapping[CommandKind, Doer]
    killing: Killing
    is_ours: Callable[[], bool] = lambda: True
    rehearses: bool = False


class OperatingDesk:
    """Implements `CommandDesk`: commands of this process at once, those of others within a second.

    Args:
        work: what it works with.
        answer_s: how long `submit` waits for what becomes of a command, real seconds.
    """

    def __init__(self, work: DeskWork, *, answer_s: float = ANSWER_S) -> None:
        self._work: Final = work
        self._answer_s: Final = answer_s
        self._commands: Final = SqlCommands(work.books.store.database)
        self._at_once: Final = AtOnce(work.books)
        self._woken: Final = asyncio.Event()
        self._turn: Final = asyncio.Lock()
        self._under_way: Final = Undertaking(self._do)

    async def submit(self, command: Command) -> CommandAnswer:
        """Store a command with its audit record, do it, and answer.

        Where another process executes the account, that one does it.

        Raises:
            StateUnavailable: it could not be stored; nothing was done, except that a kill holds as
                far as it can without a store.
        """
        command = whole(command)
        try:
            noted = await self._noted(command)
        except StateUnavailable:
            if command.kind is not CommandKind.KILL or not await self._killed(command):
                raise
            return _killed_without_store(command)
        self._woken.set()
        stored = await self._settled(noted.stored)
        return answer_of(stored, is_first=noted.is_first)

    async def leave(self, command: Command) -> None:
        """Store a command for whoever does the account's commands, and wait for nothing.

        Raises:
            StateUnavailable: it could not be stored; nothing will be done.
        """
        await self._noted(whole(command))
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Do what waits and what comes, until it is stopped; what is under way is finished.

        Args:
            stop: ends it.

        Raises:
            StateUnavailable: the store cannot be read; run it again.
        """
        try:
            while not stop.is_set():
                self._woken.clear()
                await self.take_up()
                await _first_of(self._woken, stop, within_s=_POLL_S)
        finally:
            await self._under_way.end()

    async def take_up(self) -> int:
        """Begin what waits and may be done here now; return how much that is.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        if not await asyncio.to_thread(self._work.is_ours):
            return 0
        account_id = self._work.books.ports.account_id
        waiting = await asyncio.to_thread(self._commands.waiting, account_id)
        for item_id, error in waiting.unreadable:
            log_structured(error, level="ERROR", stage="operating")
            await asyncio.to_thread(self._commands.bury, item_id, error=error)
        return self._under_way.begin(one for one in waiting.commands if self._may_do(one))

    async def _noted(self, command: Command) -> Noted:
        """Store commands in the order in which they were said; a kill waits for none of them."""
        if command.kind is CommandKind.KILL:
            return await asyncio.to_thread(self._note, command)
        async with self._turn:
            return await asyncio.to_thread(self._note, command)

    def _note(self, command: Command) -> Noted:
        books = self._work.books
        return note_command(
            books.store.decisions,
            self._in_scope(_with_whole_id(books, command)),
            clock=books.ports.clock,
            at_once=self._at_once,
        )

    def _in_scope(self, command: Command) -> Command:
        """Return a decision as one of a rehearsal, unless somebody is there who executes it."""
        is_rehearsal = self._work.rehearses and command.kind in _REHEARSED
        return as_rehearsed(command) if is_rehearsal and self._work.is_ours() else command

    def _may_do(self, stored: StoredCommand) -> bool:
        """Return whether this process may do it: what is meant to be executed is not rehearsed."""
        command = stored.command
        return not self._work.rehearses or is_rehearsed(command) or command.kind not in _EXECUTED

    async def _settled(self, stored: StoredCommand) -> StoredCommand:
        """Return a command once something has become of it, or as it is after a moment."""
        until_s = time.monotonic() + self._answer_s
        while stored.settled is None and (left_s := until_s - time.monotonic()) > 0:
            await self._under_way.wait_for(stored.item_id, within_s=min(left_s, _LOOK_S))
            try:
                found = await asyncio.to_thread(self._commands.named, stored.key)
            except StateUnavailable:
                continue  # it is stored: that it cannot be looked at now changes nothing
            stored = found or stored
        return stored

    async def _do(self, stored: StoredCommand) -> None:
        """Carry a command out and settle it.

        Raises:
            SettledBefore: somebody else has.
            StateUnavailable: it could not be done or settled now.
        """
        clock = self._work.books.ports.clock
        settling = Settling(stored, self._work.store, clock=clock)
        outcome = await self._outcome(stored, settling)
        await asyncio.to_thread(settling.settle, outcome)

    async def _outcome(self, stored: StoredCommand, settling: Settling) -> Outcome:
        command = stored.command
        expires_us = command.expires_us
        if expires_us is not None and self._work.books.ports.clock() >= expires_us:
            return _refused(TOO_LATE)
        if is_rehearsed(command) and not self._work.rehearses:
            return _refused("it was said to a rehearsal (dry run), which is over")
        try:
            return await self._work.doers[command.kind](stored, settling)
        except StateUnavailable:
            raise
        except SniperSightError as error:
            return _refused(error.what)
        except Exception as bug:  # noqa: BLE001  one command's fault must not be tried for ever
            log_structured(
                f"{command.kind}: {type(bug).__name__}: {bug}", level="ERROR", stage="operating"
            )
            return _refused(_FAULT)

    async def _killed(self, command: Command) -> bool:
        is_ours = await asyncio.to_thread(self._work.is_ours)
        return is_ours and await self._work.killing.kill_without_store(command)


def _with_whole_id(books: Books, command: Command) -> Command:
    """Return a decision with the whole id of its plan: two spellings are no two decisions."""
    if not command.kind.decides or command.account_id != books.ports.account_id:
        return command
    try:
        decision = find_decision(books, command.subject)
    except (ConfigInvalid, DataInvalid):
        return command  # it is stored all the same, and refused with the reason
    return replace(command, subject=decision.plan.plan_id)


def _refused(sentence: str) -> Outcome:
    return Outcome(state=CommandState.REFUSED, sentence=sentence)


def _killed_without_store(command: Command) -> CommandAnswer:
    sentence = (
        "The store is away: entries are killed as long as this process lives, and working ones "
        "are being cancelled. Say it again once the store is back."
    )
    return CommandAnswer(command=command, state=CommandState.DONE, sentence=sentence)


async def _first_of(*events: asyncio.Event, within_s: float) -> None:
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
