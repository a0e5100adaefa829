"""Commands in the store: noted with an audit record, settled with another, each exactly once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

from snipersight.bootstrap.operating.decided import (
    AGAINST,
    UNASKED,
    decision_key,
    is_rehearsed,
)
from snipersight.bootstrap.operating.decision_notices import decision_notice, who
from snipersight.bot.notifications.notices.payloads import shortened
from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.commands import COMMANDS, Command, CommandKind, CommandState
from snipersight.domain.decision import Check
from snipersight.domain.plan import TradePlan
from snipersight.domain.store import Clock, DecisionStore, QueueDraft, UnitOfWork
from snipersight.storage.commands import (
    Settled,
    StoredCommand,
    command_payload,
    find_command,
    settle_command,
)
from snipersight.storage.unit_of_work import SqlUnitOfWork

if TYPE_CHECKING:
    from sqlalchemy import Connection

T = TypeVar("T")
_URGENT: Final = {CommandKind.KILL: 30, CommandKind.FLATTEN: 20, CommandKind.PAUSE: 20}


class SettledBefore(Exception):
    """Somebody else has settled the command; nothing of this transaction may be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a command.

    Args:
        state: done or refused.
        sentence: in words, for whoever said it.
        plan: that was decided on, so that its readers are told; None where none was.
    """

    state: CommandState
    sentence: str
    plan: TradePlan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A command that is in the store now.

    Args:
        stored: it, or the one that came before it under its key or on its plan.
        is_first: it is this very press.
    """

    stored: StoredCommand
    is_first: bool


def done(sentence: str, plan: TradePlan | None = None) -> Outcome:
    """Return that a command was carried out."""
    return Outcome(state=CommandState.DONE, sentence=sentence, plan=plan)


def refused(sentence: str, plan: TradePlan | None = None) -> Outcome:
    """Return that a command was not carried out, and why."""
    return Outcome(state=CommandState.REFUSED, sentence=sentence, plan=plan)


def _press_key(command: Command) -> str:
    return shortened(f"do:{command.account_id}:{command.key}")


AtOnce = Callable[[UnitOfWork, Command, int], Outcome | None]


def nothing_at_once(_unit: UnitOfWork, _command: Command, _at_us: int) -> Outcome | None:
    """Leave everything to be done later."""
    return None


def note_command(
    store: DecisionStore,
    command: Command,
    *,
    clock: Clock,
    at_once: AtOnce = nothing_at_once,
) -> Noted:
    """Store a command with its audit record in one transaction, unless one stands in its place.

    Of two decisions on one plan the first is the only one. One that was refused has decided
    nothing: another press is a decision of its own. What no person asked for gives way to a
    person who is against it, as long as nobody has carried it out.

    Args:
        store: of the account; any process may write to it.
        command: what was said.
        clock: microseconds UTC.
        at_once: does what needs nothing but the store, within the transaction, and returns what
            became of the command; None where something is left to be done.

    Raises:
        StateUnavailable: it could not be stored; nothing is done.
    """

    def work(unit: UnitOfWork) -> Noted:
        key, before = _place(unit, command)
        at_us = max(clock(), unit.account.last_us)
        if before is not None and _gives_way(before, command):
            _settle(unit, before, refused(f"{who(command)} decided on it first"), at_us=at_us)
            key, before = _place(unit, command)
        if before is not None:
            return Noted(stored=before, is_first=before.command.key == command.key)
        unit.append(_record(command, {"said": _said(command)}, at_us=at_us))
        unit.enqueue(
            QueueDraft(
                topic=COMMANDS,
                key=key,
                payload=command_payload(command, stored_us=at_us),
                priority=_URGENT.get(command.kind, 10),
            )
        )
        stored = _stored_now(unit, key)
        outcome = at_once(unit, command, at_us)
        if outcome is not None:
            _settle(unit, stored, outcome, at_us=at_us)
            stored = _stored_now(unit, key)
        return Noted(stored=stored, is_first=True)

    return store.transact(command.account_id, work)


class Settling:
    """Says once what became of one command.

    Args:
        stored: which.
        store: what is done is written through it: fenced where only one process may do it.
        clock: microseconds UTC.
    """

    def __init__(self, stored: StoredCommand, store: DecisionStore, *, clock: Clock) -> None:
        self._stored: Final = stored
        self._store: Final = store
        self._clock: Final = clock
        self._is_settled = False

    @property
    def is_settled(self) -> bool:
        """Return whether it was said."""
        return self._is_settled

    def settle(self, outcome: Outcome) -> None:
        """Say what became of it, in a transaction of its own; a second call does nothing.

        Raises:
            SettledBefore: somebody else has said so.
            StateUnavailable: it could not be stored, and can be said again.
        """
        if not self._is_settled:
            account_id = self._stored.command.account_id
            self._store.transact(account_id, lambda unit: self._write(unit, outcome))
            self._is_settled = True

    def joined(self, outcome_of: Callable[[object], Outcome]) -> DecisionStore:
        """Return a store whose first transaction settles the command as well: both, or neither.

        A transaction that ends with a check that was not passed settles nothing.

        Args:
            outcome_of: what became of the command, by what the transaction's work returned.
        """
        return _JoinedStore(self, outcome_of)

    def _write(self, unit: UnitOfWork, outcome: Outcome) -> None:
        at_us = max(self._clock(), unit.account.last_us)
        _settle(unit, self._stored, outcome, at_us=at_us)

    def transact(
        self,
        work: Callable[[UnitOfWork], T],
        outcome_of: Callable[[object], Outcome],
    ) -> T:
        """Run a unit of work of the command's account, and settle within it if not done before."""

        def both(unit: UnitOfWork) -> tuple[T, bool]:
            result = work(unit)
            settles = not self._is_settled and not _is_refusal(result)
            if settles:
                self._write(unit, outcome_of(result))
            return result, settles

        result, settles = self._store.transact(self._stored.command.account_id, both)
        self._is_settled = self._is_settled or settles
        return result

    def view(self, read: Callable[[UnitOfWork], T]) -> T:
        """Read one consistent state of the command's account."""
        return self._store.view(self._stored.command.account_id, read)


class _JoinedStore:
    """A `DecisionStore` of one account that settles a command with what it did."""

    def __init__(self, settling: Settling, outcome_of: Callable[[object], Outcome]) -> None:
        self._settling: Final = settling
        self._outcome_of: Final = outcome_of

    def transact(self, account_id: str, work: Callable[[UnitOfWork], T]) -> T:
        """Run a unit of work and settle the command with it."""
        return self._settling.transact(work, self._outcome_of)

    def view(self, account_id: str, read: Callable[[UnitOfWork], T]) -> T:
        """Read one consistent state."""
        return self._settling.view(read)


def _settle(unit: UnitOfWork, stored: StoredCommand, outcome: Outcome, *, at_us: int) -> None:
    command = stored.command
    settled = Settled(state=outcome.state, sentence=outcome.sentence, at_us=at_us)
    if not in_transaction(unit, lambda link: settle_command(link, stored, settled)):
        raise SettledBefore
    body: dict[str, object] = {"state": outcome.state.value, "reason": outcome.sentence}
    unit.append(_record(command, body, at_us=at_us))
    is_told = command.kind.decides and not _is_tried_again(settled, command)
    if is_told and outcome.plan is not None:
        unit.enqueue(decision_notice(stored, settled, outcome.plan))


def _stored_now(unit: UnitOfWork, key: str) -> StoredCommand:
    stored = _found(unit, key)
    assert stored is not None  # noqa: S101  it was inserted within this transaction
    return stored


def in_transaction(unit: UnitOfWork, work: Callable[[Connection], T]) -> T:
    """Run statements within a unit of work.

    Raises:
        TypeError: the unit is not one of a database.
    """
    if not isinstance(unit, SqlUnitOfWork):
        raise TypeError(f"commands cannot be stored within a {type(unit).__name__}")
    return unit.run(work)


def _place(unit: UnitOfWork, command: Command) -> tuple[str, StoredCommand | None]:
    """Return the key of a command, and what is stored under it that it cannot be done beside."""
    if not command.kind.decides:
        key = _press_key(command)
        return key, _found(unit, key)
    # A press that comes twice is one press, also if it was a rehearsal's the first time.
    for key, before in _decisions(unit, command, is_rehearsed=not is_rehearsed(command)):
        if before is not None and before.command.key == command.key:
            return key, before
    for key, before in _decisions(unit, command, is_rehearsed=is_rehearsed(command)):
        if before is None or before.command.key == command.key or not _has_decided_nothing(before):
            return key, before
    raise AssertionError("the last place of all is free")


def _decisions(
    unit: UnitOfWork, command: Command, *, is_rehearsed: bool
) -> Iterator[tuple[str, StoredCommand | None]]:
    """Yield the places of the decisions on a plan, up to the first that is free."""
    name = decision_key(command.account_id, command.subject, is_rehearsed=is_rehearsed)
    base = key = shortened(name)
    number = 1
    while (before := _found(unit, key)) is not None:
        yield key, before
        number += 1
        key = shortened(f"{base}#{number}")
    yield key, None


def _found(unit: UnitOfWork, key: str) -> StoredCommand | None:
    return in_transaction(unit, lambda connection: find_command(connection, key))


def _gives_way(stored: StoredCommand, command: Command) -> bool:
    """Return whether a waiting decision is nobody's, and a person says the opposite now."""
    is_nobodys = stored.settled is None and stored.command.actor == UNASKED
    return is_nobodys and command.actor != UNASKED and command.kind in AGAINST


def _has_decided_nothing(stored: StoredCommand) -> bool:
    return stored.settled is not None and stored.settled.state is CommandState.REFUSED


def _is_refusal(result: object) -> bool:
    return isinstance(result, Check) and not result.passed


def _is_tried_again(settled: Settled, command: Command) -> bool:
    """Return whether nobody has to be told: what no person asked for comes back at the next close."""
    return command.actor == UNASKED and settled.state is CommandState.REFUSED


def _said(command: Command) -> dict[str, object]:
    return {
        "key": command.key,
        "name": command.name,
        "at_us": command.at_us,
        "expires_us": command.expires_us,
        "arguments": dict(command.arguments),
    }


def _record(command: Command, body: dict[str, object], *, at_us: int) -> AuditDraft:
    return AuditDraft(
        kind=AuditKind.OPERATOR,
        subject=command.subject or command.account_id,
        actor=command.actor,
        at_us=at_us,
        body={"command": command.kind.value, **body},
    )


def whole(command: Command) -> Command:
    """Return a command whose texts a database can hold: no half of a surrogate pair is left."""
    arguments = {
        name: _text(value) if isinstance(value, str) else value
        for name, value in command.arguments.items()
    }
    return replace(
        command,
        key=_text(command.key),
        name=_text(command.name),
        subject=_text(command.subject),
        arguments=arguments,
    )


def _text(text: str) -> str:
    return text.encode(errors="replace").decode()
