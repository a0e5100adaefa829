"""What an account holds: positions, working orders, budgets, and what closed trades have brought."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.dashboard.accounts import status_of
from snipersight.bootstrap.dashboard.views_account import BookView, EquityPoint, WorkingOrder
from snipersight.bootstrap.loss_figures import usage_of
from snipersight.bootstrap.operating.answers_trades import purpose_of
from snipersight.bootstrap.trade_views import TradeView, views_of
from snipersight.domain.orders import Quote
from snipersight.domain.units import Price
from snipersight.domain.wording import minute_of
from snipersight.risk.breakers.equity_marks import marked_equity
from snipersight.storage.ledger_results import ended_results

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from snipersight.bootstrap.dashboard.store import DashboardStore
    from snipersight.domain.ledger import LedgerEntry
    from snipersight.domain.standing import EquityMarks
    from snipersight.domain.store import UnitOfWork
    from snipersight.domain.units import Symbol

MOST_POINTS: Final = 2_000


def book_view(store: DashboardStore, account: str | None) -> BookView:
    """Return what an account holds; see `DashboardReader.book`."""
    books = store.books(account)
    account_id, status = books.ports.account_id, status_of(books)
    marks = status.standing.marks
    trades = books.ports.store.view(account_id, lambda unit: _trades(unit, marks))
    executed = {one.trade.entry_id for one in trades}
    others = [one for one in status.entries if one.entry_id not in executed]
    total = status.total
    return BookView(
        account_id=account_id,
        currency=status.account.currency,
        trades=trades,
        by_hand=tuple(one for one in others if one.open_size > 0),
        reserved=tuple(one for one in others if one.open_size == 0),
        orders=working_orders(trades),
        used=usage_of(status),
        heat=total.risk,
        notional=total.notional,
        margin=total.margin,
        equity=None if marks is None else marked_equity(status.standing),
        balance=status.standing.balance,
        flows=status.standing.flows,
        marked_ms=None if marks is None else marks.marked_us // 1000,
        curve=_curve(store, account_id),
        remark=_remark(marks),
        read_ms=store.clock() // 1000,
    )


def working_orders(trades: Sequence[TradeView]) -> tuple[WorkingOrder, ...]:
    """Return the orders of ours that wait, by trade."""
    return tuple(
        WorkingOrder(
            trade_id=view.trade.trade_id,
            plan_id=view.trade.plan_id,
            symbol=view.trade.symbol,
            purpose=purpose_of(view, intent),
            intent=intent,
        )
        for view in trades
        for intent in view.intents
        if intent.state.is_open
    )


def _trades(unit: UnitOfWork, marks: EquityMarks | None) -> tuple[TradeView, ...]:
    live = unit.book.live_trades()
    return views_of(unit, live, {}, _marked_quotes(unit.live_entries(), marks))


def _marked_quotes(
    entries: Sequence[LedgerEntry], marks: EquityMarks | None
) -> Mapping[Symbol, Quote]:
    """Return the prices that positions were marked at: nobody here asks a venue for newer ones."""
    if marks is None:
        return {}
    prices = {one.entry_id: Price(one.price) for one in marks.prices}
    return {
        one.symbol: Quote(
            symbol=one.symbol,
            last=prices[one.entry_id],
            mark=prices[one.entry_id],
            at_us=marks.marked_us,
        )
        for one in entries
        if one.entry_id in prices
    }


def _curve(store: DashboardStore, account_id: str) -> tuple[EquityPoint, ...]:
    results = ended_results(store.database, account_id)
    sums = accumulate(result for _, result in results)
    points = [
        EquityPoint(at_ms=ended_us // 1000, realised=total)
        for (ended_us, _), total in zip(results, sums, strict=True)
    ]
    step = max(1, -(-len(points) // MOST_POINTS))
    return tuple(points[::-1][::step][::-1])  # thinned from the end, so that the newest stays


def _remark(marks: EquityMarks | None) -> str:
    if marks is None:
        return "Equity was not marked yet: a scan marks it."
    return f"Values are by the prices of {minute_of(marks.marked_us // 1000)} UTC."
