"""Accounts as the head of every page shows them, and the status that all their pages begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snipersight.bootstrap.account_names import default_account
from snipersight.bootstrap.dashboard.engines import engine_view, mode_of
from snipersight.bootstrap.dashboard.views_account import Overview
from snipersight.bootstrap.dashboard.views_system import Topic
from snipersight.bootstrap.trade_views import views_of
from snipersight.risk.breakers.equity_marks import marked_equity
from snipersight.risk.manager import RiskManager
from snipersight.storage.telemetry.signal_listing import count_waiting

if TYPE_CHECKING:
    from snipersight.bootstrap.books import Books
    from snipersight.bootstrap.dashboard.store import DashboardStore
    from snipersight.bootstrap.trade_views import TradeView
    from snipersight.domain.execution import KillSwitch
    from snipersight.domain.store import UnitOfWork
    from snipersight.risk.manager import RiskStatus


def account_names(store: DashboardStore) -> tuple[str, ...]:
    """Return every account, the one that is meant without a name first."""
    names = [row.account_id for row in store.accounts()]
    first = default_account(names)
    return tuple(sorted(names, key=lambda name: (name != first, name)))


def overview(store: DashboardStore, account: str | None) -> Overview:
    """Return what the head of every page shows."""
    books = store.books(account)
    account_id, status = books.ports.account_id, status_of(books)
    engine = engine_view(store, account_id)

    def read(unit: UnitOfWork) -> tuple[str, KillSwitch | None, tuple[TradeView, ...]]:
        trades = views_of(unit, unit.book.live_trades(), {}, {})
        return mode_of(store, unit, engine), unit.book.kill_switch(), trades

    mode, switch, trades = books.ports.store.view(account_id, read)
    marks = status.standing.marks
    return Overview(
        account_id=account_id,
        currency=status.account.currency,
        accounts=account_names(store),
        mode=mode,
        state=status.state,
        switch=switch,
        engine=engine,
        equity=marked_equity(status.standing),
        marked_ms=None if marks is None else marks.marked_us // 1000,
        positions=sum(one.open_size > 0 for one in status.entries),
        unprotected=sum(one.protection == "UNPROTECTED" for one in trades),
        waiting=_waiting(store, account_id),
        read_ms=store.clock() // 1000,
    )


def status_of(books: Books) -> RiskStatus:
    """Return where an account stands, as `snipersight risk status` tells it."""
    ports = books.ports
    manager = RiskManager(
        account_id=ports.account_id,
        store=ports.store,
        clock=ports.clock,
        policy=ports.policy,
    )
    return manager.status()


def _waiting(store: DashboardStore, account_id: str) -> int:
    telemetry = store.telemetry()
    if telemetry is None:
        return 0
    database = telemetry.database
    return store.kept(
        Topic.PLANS, ("waiting", account_id), lambda: count_waiting(database, account_id)
    )
