"""The desk of a running bot, put together."""

from __future__ import annotations

from collections.abc import Callable

from snipersight.bootstrap.books import Books
from snipersight.bootstrap.operating.account_commands import Killing, said_before
from snipersight.bootstrap.operating.approving import ApprovalRules, Approving
from snipersight.bootstrap.operating.deciding_by_hand import Rejecting, Taking
from snipersight.bootstrap.operating.desk import DeskWork, OperatingDesk
from snipersight.bootstrap.operating.markets import PlanMarket
from snipersight.bootstrap.operating.trade_commands import Cancelling, Flattening
from snipersight.bootstrap.operating.trading import ExecutionTrading, Trading
from snipersight.domain.commands import CommandKind
from snipersight.domain.execution import Mode
from snipersight.domain.store import DecisionStore
from snipersight.storage.executor_lease import is_executed


def open_desk(
    books: Books, *, trading: Trading, market: PlanMarket, asks: bool = False
) -> OperatingDesk:
    """Return the desk of an account; `run` makes it work, `submit` takes what people say.

    Args:
        books: of the account, open.
        trading: sends what is approved.
        market: looks at a plan's market at the moment of its approval.
        asks: whether nothing is executed without a person's approval.
    """
    store = _fenced(books, trading)
    killing = Killing(books, trading)
    approving = Approving(
        books,
        store=store,
        trading=trading,
        market=market,
        rules=ApprovalRules(
            minutes=books.settings.approval_minutes,
            max_drift_r=books.settings.approval_max_drift_r,
            asks=asks,
        ),
    )
    work = DeskWork(
        books=books,
        store=store,
        doers={
            CommandKind.APPROVE: approving,
            CommandKind.REJECT: Rejecting(books),
            CommandKind.TOOK: Taking(books),
            CommandKind.PAUSE: said_before,
            CommandKind.RESUME: said_before,
            CommandKind.KILL: killing,
            CommandKind.CANCEL: Cancelling(books, trading),
            CommandKind.FLATTEN: Flattening(books, trading),
        },
        killing=killing,
        is_ours=_is_ours(books, trading),
        rehearses=trading.mode is Mode.DRY_RUN,
    )
    return OperatingDesk(work)


def _fenced(books: Books, trading: Trading) -> DecisionStore:
    """Return a store in which only the account's executor writes; in a dry run there is none."""
    return trading if isinstance(trading, ExecutionTrading) else books.store.decisions


def _is_ours(books: Books, trading: Trading) -> Callable[[], bool]:
    """Return what tells whose the account's commands are: a rehearsal leaves them to an executor."""
    if isinstance(trading, ExecutionTrading):
        return lambda: trading.is_here
    return lambda: not is_executed(books.store.database, books.ports.account_id)
