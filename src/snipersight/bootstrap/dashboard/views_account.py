"""An account as the dashboard shows it: what it holds, what it may do, how far it is from its limits."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from snipersight.bootstrap.limit_words import LimitRow
from snipersight.bootstrap.loss_figures import Loss
from snipersight.bootstrap.trade_views import TradeView
from snipersight.domain.execution import KillSwitch, Mode, OrderIntent
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.standing import Cooldown, TradingState, TrippedBreaker
from snipersight.domain.units import Symbol
from snipersight.engine.usage import Used


class EngineState(StrEnum):
    """What the store tells of the processes behind it."""

    LIVE = "live"  # a process has shown within its lease that it lives
    SILENT = "silent"  # one has, and does no longer: it hangs, was killed or ended
    NONE = "none"  # none ever has, or it ended in order


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineView:
    """The engine by the signs of life it leaves in the store.

    Args:
        state: whether one lives.
        seen_ms: its newest sign of life, milliseconds UTC; None: there never was one.
        age_ms: how long ago that was when the store was read; None as above.
        last_scan_ms: the moment the newest scan spoke about; None without any.
        executor: who executes the account's trades, `host:pid`; None: nobody.
        executor_mode: how real their orders are, by their own word; None: nobody, or not said.
    """

    state: EngineState
    seen_ms: int | None
    age_ms: int | None
    last_scan_ms: int | None
    executor: str | None
    executor_mode: Mode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What the head of every page shows.

    Args:
        account_id, currency: whose.
        accounts: every account there is.
        mode: how far its orders go, a value of `Mode`: `dry-run`, `paper`, `live`; empty where
            nothing was ever executed and no engine lives.
        state: what the account may do.
        switch: the kill switch if it is pulled.
        engine: whether one lives.
        equity: marked, account currency.
        marked_ms: when it was, milliseconds UTC; None: never, and equity is the balance.
        positions: trades that hold something, those made by hand included.
        unprotected: positions of ours without a stop for all of it.
        waiting: signals that live and are not decided on or entered.
        read_ms: when the store was read.
    """

    account_id: str
    currency: str
    accounts: tuple[str, ...]
    mode: str
    state: TradingState
    switch: KillSwitch | None
    engine: EngineView
    equity: Decimal
    marked_ms: int | None
    positions: int
    unprotected: int
    waiting: int
    read_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingOrder:
    """An order of ours that waits.

    Args:
        trade_id, plan_id, symbol: of its trade.
        purpose: `entry 1`, `target 2`, `stop`, `close`.
        intent: everything stored of it (`intent.request`, `intent.state`, `intent.filled_size`).
    """

    trade_id: str
    plan_id: str
    symbol: Symbol
    purpose: str
    intent: OrderIntent


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityPoint:
    """What closed trades have brought up to a moment, account currency, net of costs."""

    at_ms: int
    realised: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BookView:
    """What an account holds.

    Args:
        account_id, currency: whose.
        trades: live ones that are executed here (`TradeView`: holding, protection, targets_hit …).
        by_hand: live entries of the ledger that no executed trade stands behind.
        reserved: live entries of the ledger of which nothing was filled yet.
        orders: of ours that wait.
        used: every limit that adds trades up, and what is taken of it.
        heat, notional, margin: of everything claimed, account currency.
        equity: marked; None where it never was.
        balance: cash, open positions not counted.
        flows: deposits less withdrawals; part of the balance, not of the curve.
        marked_ms: when equity was marked.
        curve: results of closed trades, oldest first; deposits and withdrawals play no part.
        remark: what a person should know, such as that prices are as of the newest mark.
        read_ms: when the store was read.
    """

    account_id: str
    currency: str
    trades: tuple[TradeView, ...]
    by_hand: tuple[LedgerEntry, ...]
    reserved: tuple[LedgerEntry, ...]
    orders: tuple[WorkingOrder, ...]
    used: tuple[Used, ...]
    heat: Decimal
    notional: Decimal
    margin: Decimal
    equity: Decimal | None
    balance: Decimal
    flows: Decimal
    marked_ms: int | None
    curve: tuple[EquityPoint, ...]
    remark: str
    read_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskView:
    """What an account may do, and why.

    Args:
        account_id, currency: whose.
        state: what it may do.
        switch: the kill switch if it is pulled.
        breakers: that hold.
        cooldowns: that run.
        losses: against their limits.
        loss_streak, max_loss_streak: trades lost in a row.
        used: budgets.
        limits: every limit in force.
        equity, balance, realised, flows: account currency.
        marked_ms: when equity was marked; None: never.
        policy_hash: of the limits.
        read_ms: when the store was read.
    """

    account_id: str
    currency: str
    state: TradingState
    switch: KillSwitch | None
    breakers: tuple[TrippedBreaker, ...]
    cooldowns: tuple[Cooldown, ...]
    losses: tuple[Loss, ...]
    loss_streak: int
    max_loss_streak: int
    used: tuple[Used, ...]
    limits: tuple[LimitRow, ...]
    equity: Decimal
    balance: Decimal
    realised: Decimal
    flows: Decimal
    marked_ms: int | None
    policy_hash: str
    read_ms: int
