"""Commands about the account as a whole: no entries, entries again, and the kill switch."""

from __future__ import annotations

import asyncio
from typing import Final

from snipersight.bootstrap.books import Books
from snipersight.bootstrap.kill_switch import pull_in, switch_now
from snipersight.bootstrap.operating.decision_notices import who
from snipersight.bootstrap.operating.records import Outcome, Settling, done, refused
from snipersight.bootstrap.operating.trading import Trading
from snipersight.bootstrap.operations import halt_in, resume_in
from snipersight.bot.telemetry.logging import log_structured
from snipersight.domain.commands import Command, CommandKind
from snipersight.domain.errors import LeaseLost, SniperSightError
from snipersight.domain.execution import KillSwitch, Mode
from snipersight.domain.standing import AccountStanding, BreakerName, TrippedBreaker
from snipersight.domain.store import UnitOfWork
from snipersight.domain.wording import minute_of
from snipersight.risk.ledger.work import Clerk
from snipersight.storage.commands import StoredCommand

TOO_LATE: Final = "it came too late to be carried out"
_KILLED_DRY: Final = (
    "Entries are killed. A dry run sends nothing to a venue: what works is cancelled by the next "
    "process that executes. `snipersight kill --rearm` allows entries again."
)


class AtOnce:
    """Does what needs no venue in the transaction that stores it, in whichever process hears it.

    A pause that waited for an executor would be carried out after somebody had lifted it.

    Args:
        books: of the account.
    """

    def __init__(self, books: Books) -> None:
        self._policy: Final = books.ports.policy

    def __call__(self, unit: UnitOfWork, command: Command, at_us: int) -> Outcome | None:
        """Return what became of a command; None where something of it is left to be done.

        Args:
            unit: of the command's account.
            command: any.
            at_us: when it is stored, microseconds UTC.
        """
        if command.expires_us is not None and at_us >= command.expires_us:
            return refused(TOO_LATE)
        if command.kind is CommandKind.PAUSE:
            halt_in(unit, reason_of(command), at_us=at_us, actor=command.actor)
            return done("No entry is sent until somebody resumes.")
        if command.kind is CommandKind.RESUME:
            rearm = command.arguments.get("rearm") is True
            standing = resume_in(unit, rearm=rearm, at_us=at_us, actor=command.actor)
            return _resumed(standing, is_killed=unit.book.kill_switch() is not None)
        if command.kind is CommandKind.KILL:
            clerk = Clerk(now_us=at_us, actor=command.actor, policy=self._policy)
            pull_in(unit, clerk, flatten=_flattens(command), reason=reason_of(command))
        return None


async def said_before(stored: StoredCommand, settling: Settling) -> Outcome:
    """Refuse what `AtOnce` does and finds stored without having done it: nobody knows since when."""
    return refused(f"the {stored.command.kind} was stored without being done; say it again")


class Killing:
    """Cancels what works after the kill switch was pulled, as long as nobody has lifted it.

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
            StateUnavailable: the store cannot be read; see `kill_without_store`.
        """
        switch = await asyncio.to_thread(switch_now, self._books)
        if switch is None:
            return refused("the kill switch was lifted before anything was cancelled")
        await self._cancel()
        if self._trading.mode is Mode.DRY_RUN and switch.done_us is None:
            return done(_KILLED_DRY)
        return done(_killed(switch))

    async def kill_without_store(self, command: Command) -> bool:
        """Pull the switch although the store is away; return whether it holds.

        It holds in the executor's own journal, or at least while this process lives.
        """
        try:
            await self._trading.kill(
                actor=command.actor, reason=reason_of(command), flatten=_flattens(command)
            )
        except LeaseLost:
            return False
        except SniperSightError as error:
            log_structured(f"the kill is not stored: {error}", level="CRITICAL", stage="operating")
        return True

    async def _cancel(self) -> None:
        try:
            await self._trading.carry_out_kill()
        except LeaseLost:
            raise
        except SniperSightError as error:
            # It is latched: every cycle of the executor goes on with it.
            log_structured(f"the kill goes on: {error}", level="WARNING", stage="operating")


def reason_of(command: Command) -> str:
    """Return why a person wants something, in their words or by their name."""
    said = command.arguments.get("reason")
    return said if isinstance(said, str) and said else f"{command.kind} by {who(command)}"


def _flattens(command: Command) -> bool:
    return command.arguments.get("flatten") is True


def _killed(switch: KillSwitch) -> str:
    closed = " and every position is closed" if switch.flatten else ""
    return (
        f"Entries are killed: working ones are cancelled{closed}. "
        "`snipersight kill --rearm` allows them again."
    )


def _still_held(breaker: TrippedBreaker) -> str:
    """Return what holds entries back, with what lifts it."""
    if breaker.until_us is not None:
        lifted = f"until {minute_of(breaker.until_us // 1000)} UTC"
    elif breaker.name is BreakerName.UNPROTECTED:
        lifted = "until the position has its whole stop"
    else:
        lifted = "`snipersight risk resume --rearm`"
    return f"{breaker.name.value.replace('_', ' ')} ({lifted})"


def _resumed(standing: AccountStanding, *, is_killed: bool) -> Outcome:
    names = [_still_held(breaker) for breaker in standing.tripped]
    if is_killed:
        names.append("the kill switch (`snipersight kill --rearm`)")
    if not names:
        return done("Entries are allowed again.")
    return done(f"The halt is lifted; what still holds entries back: {', '.join(names)}.")
