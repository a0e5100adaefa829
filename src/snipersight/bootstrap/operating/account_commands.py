"""Commands about the account as a whole: no entries, entries again, and the kill switch."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from snipersight.bootstrap.books import Books
from snipersight.bootstrap.kill_switch import pull_switch, switch_now
from snipersight.bootstrap.operating.decision_notices import who
from snipersight.bootstrap.operating.records import Outcome, Settling, done
from snipersight.bootstrap.operating.trading import Trading
from snipersight.bootstrap.operations import halt_entries, resume_entries
from snipersight.bot.telemetry.logging import log_structured
from snipersight.domain.commands import Command, CommandKind
from snipersight.domain.errors import LeaseLost, SniperSightError
from snipersight.domain.standing import AccountStanding
from snipersight.storage.commands import StoredCommand


class Pausing:
    """Stops entries until somebody resumes; exits pass.

    Args:
        books: of the account.
    """

    def __init__(self, books: Books) -> None:
        self._books: Final = books

    async def __call__(self, stored: StoredCommand, settling: Settling) -> Outcome:
        """Return that entries are paused.

        Raises:
            StateUnavailable: the store cannot be written; nothing was halted.
        """
        outcome, command = done("No entry is sent until somebody resumes."), stored.command
        ports = replace(self._books.ports, store=settling.joined(lambda _: outcome))
        await asyncio.to_thread(halt_entries, ports, reason=reason_of(command), actor=command.actor)
        return outcome


class Resuming:
    """Lifts the halt of a person; with `rearm`, a drawdown and a loss streak too.

    Args:
        books: of the account.
    """

    def __init__(self, books: Books) -> None:
        self._books: Final = books

    async def __call__(self, stored: StoredCommand, settling: Settling) -> Outcome:
        """Return what still holds entries back.

        Raises:
            StateUnavailable: the store cannot be written; nothing was lifted.
        """
        return await asyncio.to_thread(self._resume, stored.command, settling)

    def _resume(self, command: Command, settling: Settling) -> Outcome:
        is_killed = switch_now(self._books) is not None
        store = settling.joined(lambda standing: _resumed(standing, is_killed=is_killed))
        standing = resume_entries(
            replace(self._books.ports, store=store),
            rearm=command.arguments.get("rearm") is True,
            actor=command.actor,
        )
        return _resumed(standing, is_killed=is_killed)


class Killing:
    """Pulls the kill switch, in one transaction with its answer; then what works is cancelled.

    Args:
        books: of the account.
        trading: cancels at once; whoever executes the account goes on until the venue confirms.
    """

    def __init__(self, books: Books, trading: Trading) -> None:
        self._books: Final = books
        self._trading: Final = trading

    async def __call__(self, stored: StoredCommand, settling: Settling) -> Outcome:
        """Return that entries are killed.

        Raises:
            LeaseLost: another process executes the account now.
            StateUnavailable: the store cannot be written; see `kill_without_store`.
        """
        command, outcome = stored.command, done(_killed(stored.command))
        store = settling.joined(lambda _: outcome)
        books = replace(self._books, ports=replace(self._books.ports, store=store))
        await asyncio.to_thread(_pull, books, command)
        await self._cancel(command)
        return outcome

    async def kill_without_store(self, command: Command) -> bool:
        """Pull the switch although the store is away; return whether it holds.

        It holds in the executor's own journal, or at least while this process lives.
        """
        try:
            await self._pulled(command)
        except LeaseLost:
            return False
        except SniperSightError as error:
            log_structured(f"the kill is not stored: {error}", level="CRITICAL", stage="operating")
        return True

    async def _cancel(self, command: Command) -> None:
        try:
            await self._pulled(command)
        except LeaseLost:
            raise
        except SniperSightError as error:
            # It is latched: every cycle of the executor goes on with it.
            log_structured(f"the kill goes on: {error}", level="WARNING", stage="operating")

    async def _pulled(self, command: Command) -> None:
        await self._trading.kill(
            actor=command.actor, reason=reason_of(command), flatten=_flattens(command)
        )


HOLDING: Final = (CommandKind.PAUSE, CommandKind.KILL)  # they keep entries back


def hold_entries(books: Books, command: Command) -> None:
    """Keep entries back in the store, for whoever executes the account; twice changes nothing.

    Args:
        books: of the account.
        command: one of `HOLDING`, that nobody carries out yet.

    Raises:
        StateUnavailable: the store cannot be written; nothing is kept back.
    """
    if command.kind is CommandKind.KILL:
        _pull(books, command)
    else:
        halt_entries(books.ports, reason=reason_of(command), actor=command.actor)


def reason_of(command: Command) -> str:
    """Return why a person wants something, in their words or by their name."""
    said = command.arguments.get("reason")
    return said if isinstance(said, str) and said else f"{command.kind} by {who(command)}"


def _pull(books: Books, command: Command) -> None:
    pull_switch(books, flatten=_flattens(command), reason=reason_of(command), actor=command.actor)


def _flattens(command: Command) -> bool:
    return command.arguments.get("flatten") is True


def _killed(command: Command) -> str:
    closed = " and every position is closed" if _flattens(command) else ""
    return (
        f"Entries are killed: working ones are cancelled{closed}. "
        "`snipersight kill --rearm` allows them again."
    )


def _resumed(standing: object, *, is_killed: bool) -> Outcome:
    held = standing.tripped if isinstance(standing, AccountStanding) else ()
    names = [breaker.name.value.replace("_", " ") for breaker in held]
    if is_killed:
        names.append("the kill switch (`snipersight kill --rearm`)")
    if not names:
        return done("Entries are allowed again.")
    return done(f"The halt is lifted; what still holds entries back: {', '.join(names)}.")
