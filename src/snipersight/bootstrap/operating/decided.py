"""What people have decided on a setup."""

from __future__ import annotations

from typing import Final

from snipersight.bootstrap.books import Books
from snipersight.domain.commands import CommandKind, CommandState
from snipersight.domain.ledger import Origin
from snipersight.domain.plan import TradePlan
from snipersight.storage.commands import SqlCommands, StoredCommand
from snipersight.storage.database import Database

# Who leaves a plan to the process that executes, where no person has to be asked.
UNASKED: Final = "run"
_AGAINST: Final = (CommandKind.REJECT, CommandKind.TOOK)


def decision_key(account_id: str, plan_id: str) -> str:
    """Return the key under which the one decision on a plan of an account is stored."""
    return f"decide:{account_id}:{plan_id}"


def rejection_of(database: Database, account_id: str, plan: TradePlan) -> StoredCommand | None:
    """Return the decision by which a person rejected a plan's setup; None where nobody has.

    A later plan of the same setup is no new idea.

    Raises:
        DataInvalid: a decision cannot be read.
        StateUnavailable: the store cannot be read.
    """
    return next(
        (
            one
            for one in decisions_on(database, account_id, plan)
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
    if any(one.command.kind in _AGAINST and not _is_refused(one) for one in decided):
        return True
    entries = books.ports.store.view(account_id, lambda unit: unit.entries_of_plan(plan.plan_id))
    return any(one.origin is Origin.BY_HAND for one in entries)


def decisions_on(database: Database, account_id: str, plan: TradePlan) -> tuple[StoredCommand, ...]:
    """Return what was decided on the plans of a setup, oldest first.

    Raises:
        DataInvalid: a decision cannot be read.
        StateUnavailable: the store cannot be read.
    """
    prefix = decision_key(account_id, f"{plan.setup_id}-")
    return SqlCommands(database).beginning_with(prefix)


def _is_refused(stored: StoredCommand) -> bool:
    return stored.settled is not None and stored.settled.state is CommandState.REFUSED
