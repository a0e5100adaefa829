"""What people have decided on a setup."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from snipersight.bootstrap.books import Books
from snipersight.domain.commands import Command, CommandKind, CommandState
from snipersight.domain.ledger import Origin
from snipersight.domain.plan import TradePlan
from snipersight.storage.commands import SqlCommands, StoredCommand
from snipersight.storage.database import Database

# Who leaves a plan to the process that executes, where no person has to be asked.
UNASKED: Final = "run"
_REHEARSED: Final = "rehearsed"
# By a person, who then executes it alone or not at all.
AGAINST: Final = (CommandKind.REJECT, CommandKind.TOOK)


def decision_key(account_id: str, plan_id: str, *, is_rehearsed: bool = False) -> str:
    """Return the key under which the one decision on a plan of an account is stored.

    That of a rehearsal has a key of its own: it decides nothing where orders are sent.
    """
    return f"{'rehearse' if is_rehearsed else 'decide'}:{account_id}:{plan_id}"


def as_rehearsed(command: Command) -> Command:
    """Return a command as one of a rehearsal."""
    return replace(command, arguments={**command.arguments, _REHEARSED: True})


def is_rehearsed(command: Command) -> bool:
    """Return whether a command was said to a rehearsal."""
    return command.arguments.get(_REHEARSED) is True


def rejection_of(
    database: Database, account_id: str, plan: TradePlan, *, rehearses: bool = False
) -> StoredCommand | None:
    """Return the decision by which a person rejected a plan's setup; None where nobody has.

    A later plan of the same setup is no new idea.

    Args:
        database: where decisions are stored.
        account_id: whose.
        plan: any of the setup.
        rehearses: whether decisions of rehearsals count, too.

    Raises:
        DataInvalid: a decision cannot be read.
        StateUnavailable: the store cannot be read.
    """
    return next(
        (
            one
            for one in decisions_on(database, account_id, plan, rehearses=rehearses)
            if one.command.kind is CommandKind.REJECT and not _is_refused(one)
        ),
        None,
    )


def is_kept_by_hand(books: Books, plan: TradePlan) -> bool:
    """Return whether a person rejected a plan's setup, or traded it: not to be executed unasked.

    It may block.

    Raises:
        DataInvalid: a decision cannot be read.
        StateUnavailable: the store cannot be read.
    """
    account_id = books.ports.account_id
    decided = decisions_on(books.store.database, account_id, plan)
    if any(one.command.kind in AGAINST and not _is_refused(one) for one in decided):
        return True
    entries = books.ports.store.view(account_id, lambda unit: unit.entries_of_plan(plan.plan_id))
    return any(one.origin is Origin.BY_HAND for one in entries)


def decisions_on(
    database: Database, account_id: str, plan: TradePlan, *, rehearses: bool = False
) -> tuple[StoredCommand, ...]:
    """Return what was decided on the plans of a setup, oldest first.

    Args:
        database: where decisions are stored.
        account_id: whose.
        plan: any of the setup.
        rehearses: whether decisions of rehearsals count, too.

    Raises:
        DataInvalid: a decision cannot be read.
        StateUnavailable: the store cannot be read.
    """
    commands = SqlCommands(database)
    found = [
        one
        for is_rehearsed in ((False, True) if rehearses else (False,))
        for one in commands.beginning_with(
            decision_key(account_id, f"{plan.setup_id}-", is_rehearsed=is_rehearsed)
        )
    ]
    return tuple(sorted(found, key=lambda one: one.item_id))


def _is_refused(stored: StoredCommand) -> bool:
    return stored.settled is not None and stored.settled.state is CommandState.REFUSED
