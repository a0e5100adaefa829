"""What an account may do: breakers, losses, budgets and limits as the commands tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snipersight.bootstrap.dashboard.accounts import status_of
from snipersight.bootstrap.dashboard.views_account import RiskView
from snipersight.bootstrap.limit_words import limit_rows
from snipersight.bootstrap.loss_figures import losses_of, usage_of
from snipersight.risk.breakers.equity_marks import marked_equity

if TYPE_CHECKING:
    from snipersight.bootstrap.dashboard.store import DashboardStore


def risk_view(store: DashboardStore, account: str | None) -> RiskView:
    """Return what an account may do; see `DashboardReader.risk`."""
    books = store.books(account)
    account_id, status = books.ports.account_id, status_of(books)
    switch = books.ports.store.view(account_id, lambda unit: unit.book.kill_switch())
    standing = status.standing
    return RiskView(
        account_id=account_id,
        currency=status.account.currency,
        state=status.state,
        switch=switch,
        breakers=standing.tripped,
        cooldowns=standing.cooldowns,
        losses=losses_of(status),
        loss_streak=standing.loss_streak,
        max_loss_streak=status.policy.max_loss_streak,
        used=usage_of(status),
        limits=tuple(limit_rows(status.policy, None)),
        equity=marked_equity(standing),
        balance=standing.balance,
        realised=standing.realised,
        flows=standing.flows,
        marked_ms=None if standing.marks is None else standing.marks.marked_us // 1000,
        policy_hash=status.policy.hash,
        read_ms=store.clock() // 1000,
    )
