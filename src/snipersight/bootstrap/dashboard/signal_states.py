"""Where a signal is: its real trade says so where there is one, else its candles."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snipersight.bootstrap.dashboard.views_signals import SignalState
from snipersight.bootstrap.trade_views import TradeView, views_of
from snipersight.domain.evidence import Outcome, Verdict
from snipersight.domain.execution import Mode, TradeId, TradeState
from snipersight.domain.ledger import EntryState, LedgerEntry, Origin
from snipersight.storage.ledger_rows import entries_of_plans

if TYPE_CHECKING:
    from snipersight.bootstrap.dashboard.store import DashboardStore
    from snipersight.domain.store import UnitOfWork
    from snipersight.storage.telemetry.signal_listing import ListedSignal

_TAKEN = (Origin.EXECUTED, Origin.BY_HAND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a signal is.

    Args:
        state: of its real trade, else by its candles.
        is_modelled: whether the candles alone say so: nobody trades it, or has.
        net_r: what that has brought so far, R, net of costs; None where nobody can tell.
        targets_hit: how many were filled, or would have been.
    """

    state: SignalState
    is_modelled: bool
    net_r: float | None = None
    targets_hit: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What the book holds of a plan that was traded: the newest trade of it, or what was said.

    Args:
        entry: of the ledger.
        trade: that we execute; None: it was taken by hand.
    """

    entry: LedgerEntry
    trade: TradeView | None


def standing_of(listed: ListedSignal, taken: Taken | None) -> Standing:
    """Return where a signal is.

    Evidence follows some minutes after the book: until it has told the end, the book does.

    Args:
        listed: with what evidence has of it.
        taken: what the book has of it; None: nobody traded it.
    """
    actual = listed.actual
    if actual is not None and (taken is None or actual.status.is_final):
        return _told(actual, is_modelled=False)
    if taken is not None:
        return _booked(taken)
    if listed.signal.verdict is not Verdict.APPROVED:
        return Standing(state=SignalState.REFUSED, is_modelled=False)
    if listed.modelled is None:
        return Standing(state=SignalState.WAITING, is_modelled=True)
    return _told(listed.modelled, is_modelled=True)


def newest_taken(entries: Sequence[LedgerEntry], trades: Sequence[TradeView]) -> Taken | None:
    """Return the newest trade of a plan; None: nobody trades it, or a rehearsal does.

    Args:
        entries: of the ledger, of one plan, oldest first.
        trades: executions of it.
    """
    by_id = {one.trade.trade_id: one for one in trades}
    for entry in reversed(entries):
        trade = by_id.get(TradeId(entry.entry_id))
        is_real = trade is not None and trade.trade.mode is not Mode.DRY_RUN
        if is_real or entry.origin is Origin.BY_HAND:
            return Taken(entry=entry, trade=trade)
    return None


def taken_of(
    store: DashboardStore, account_id: str, plan_ids: Collection[str]
) -> Mapping[str, Taken]:
    """Return what the book of an account has of these plans, by plan; most were never traded.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    entries = entries_of_plans(store.database, account_id, plan_ids)
    by_plan: dict[str, list[LedgerEntry]] = {}
    for entry in entries:
        if entry.origin in _TAKEN and entry.plan_id is not None:
            by_plan.setdefault(entry.plan_id, []).append(entry)
    if not by_plan:
        return {}
    wanted = [one for of_plan in by_plan.values() for one in of_plan]
    trades = store.decisions.view(account_id, lambda unit: _trades(unit, wanted))
    found = {plan: newest_taken(of_plan, trades) for plan, of_plan in by_plan.items()}
    return {plan: one for plan, one in found.items() if one is not None}


def _trades(unit: UnitOfWork, entries: Sequence[LedgerEntry]) -> tuple[TradeView, ...]:
    found = (unit.book.trade(TradeId(one.entry_id)) for one in entries)
    return views_of(unit, [one for one in found if one is not None], {}, {})


def _told(outcome: Outcome, *, is_modelled: bool) -> Standing:
    return Standing(
        state=SignalState(outcome.status.value),
        is_modelled=is_modelled,
        net_r=outcome.net_r if outcome.status.was_entered else None,
        targets_hit=outcome.targets_hit,
    )


def _booked(taken: Taken) -> Standing:
    trade, entry = taken.trade, taken.entry
    if trade is None:
        state = SignalState.OPEN if entry.state.is_live else SignalState.CLOSED
        return Standing(state=state, is_modelled=False)
    if not trade.fills:
        return Standing(state=_unfilled(trade, entry), is_modelled=False)
    is_over = trade.trade.state is TradeState.DONE
    result = trade.r_multiple
    return Standing(
        state=SignalState.CLOSED if is_over else SignalState.OPEN,
        is_modelled=False,
        net_r=None if result is None else float(result),
        targets_hit=trade.targets_hit,
    )


def _unfilled(trade: TradeView, entry: LedgerEntry) -> SignalState:
    if trade.trade.state.is_live:
        return SignalState.WAITING
    is_expired = entry.state is EntryState.EXPIRED
    return SignalState.EXPIRED if is_expired else SignalState.INVALIDATED
