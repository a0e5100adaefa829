"""Answers about accounts: what they hold, what they may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from snipersight.bootstrap.dashboard.views_account import EngineState
from snipersight.domain.direction import Direction
from snipersight.domain.execution import IntentState
from snipersight.domain.ledger import EntryState
from snipersight.domain.ledger import Origin as LedgerOrigin
from snipersight.domain.standing import TradingState
from snipersight.web.api.values import Exact, Flat, Iso, IsoUs, Model


class AccountsModel(Model):
    """Every account, the one that is meant without a name first."""

    accounts: tuple[str, ...]


class SwitchModel(Model):
    """The kill switch, pulled."""

    flatten: bool
    since: IsoUs = Field(validation_alias="since_us")
    actor: str
    reason: str
    done_at: IsoUs | None = Field(validation_alias="done_us")


class EngineModel(Model):
    """The engine by the signs of life it leaves in the store."""

    state: EngineState
    seen_at: Iso | None = Field(validation_alias="seen_ms")
    age_ms: int | None
    last_scan_at: Iso | None = Field(validation_alias="last_scan_ms")
    executor: str | None


class OverviewModel(Model):
    """Where an account stands, in short."""

    account: str = Field(validation_alias="account_id")
    currency: str
    accounts: tuple[str, ...]
    mode: str = Field(description="How far orders go: `dry-run`, `paper`, `live`; empty: unknown.")
    state: TradingState
    switch: SwitchModel | None
    engine: EngineModel
    equity: Exact
    marked_at: Iso | None = Field(validation_alias="marked_ms")
    positions: int
    unprotected: int
    waiting: int
    read_at: Iso = Field(validation_alias="read_ms")


class ExitModel(Model):
    """A target of a trade."""

    price: Exact
    fraction: Exact


class IntentModel(Flat):
    """One order of ours as it is stored."""

    inside: ClassVar[Mapping[str, str]] = {
        "side": "request.side",
        "kind": "request.kind",
        "size": "request.size",
        "price": "request.price",
        "trigger_price": "request.trigger_price",
        "filled": "filled_size",
        "created_at": "created_us",
    }

    client_id: str
    leg: str
    state: IntentState
    side: str
    kind: str
    size: Exact
    price: Exact | None
    trigger_price: Exact | None
    filled: Exact
    average_price: Exact | None
    created_at: IsoUs
    problem: str


class TradeModel(Flat):
    """A trade that is or was executed here."""

    inside: ClassVar[Mapping[str, str]] = {
        "trade_id": "trade.trade_id",
        "plan_id": "trade.plan_id",
        "account": "trade.account_id",
        "venue": "trade.venue",
        "environment": "trade.environment",
        "mode": "trade.mode",
        "symbol": "trade.symbol",
        "direction": "trade.direction",
        "state": "trade.state",
        "note": "trade.note",
        "exit_reason": "trade.exit_reason",
        "approved_size": "trade.size",
        "held": "holding.held",
        "average_entry": "holding.average_entry",
        "targets": "trade.exits",
        "risk": "trade.risk_quote",
        "r": "r_multiple",
        "orders": "intents",
        "created_at": "trade.created_us",
        "opened_at": "trade.opened_us",
        "ended_at": "trade.ended_us",
    }

    trade_id: str
    plan_id: str
    account: str
    venue: str
    environment: str
    mode: str
    symbol: str
    direction: Direction
    state: str
    note: str
    exit_reason: str
    approved_size: Exact
    held: Exact
    average_entry: Exact | None
    stop: Exact
    covered: Exact
    protection: str = Field(description="`protected`, `UNPROTECTED`; empty: nothing is held.")
    targets: tuple[ExitModel, ...]
    targets_hit: int
    unrealised: Exact | None
    realised: Exact
    funding: Exact
    risk: Exact
    r: Exact | None
    orders: tuple[IntentModel, ...]
    created_at: IsoUs
    opened_at: IsoUs | None
    ended_at: IsoUs | None


class EntryModel(Flat):
    """One claim on the budget."""

    inside: ClassVar[Mapping[str, str]] = {
        "risk": "amounts.risk",
        "notional": "amounts.notional",
        "margin": "amounts.margin",
        "reserved_at": "reserved_us",
        "opened_at": "opened_us",
        "ended_at": "ended_us",
    }

    entry_id: str
    plan_id: str | None
    origin: LedgerOrigin
    state: EntryState
    venue: str
    symbol: str
    underlying: str
    direction: Direction
    pending_size: Exact
    open_size: Exact
    entry_price: Exact
    fill_price: Exact | None
    stop_price: Exact
    leverage: Exact
    risk: Exact
    notional: Exact
    margin: Exact
    realised: Exact
    reserved_at: IsoUs
    opened_at: IsoUs | None
    ended_at: IsoUs | None


class OrderModel(Model):
    """An order of ours that waits."""

    trade_id: str
    plan_id: str
    symbol: str
    purpose: str
    order: IntentModel = Field(validation_alias="intent")


class UsedModel(Model):
    """One limit and what is taken of it."""

    code: str
    of: str
    used: Exact = Field(validation_alias="amount")
    limit: Exact
    left: Exact
    is_count: bool


class PointModel(Model):
    """What closed trades have brought up to a moment."""

    at: Iso = Field(validation_alias="at_ms")
    realised: Exact


class PositionsModel(Model):
    """What an account holds or waits for."""

    account: str = Field(validation_alias="account_id")
    currency: str
    trades: tuple[TradeModel, ...]
    by_hand: tuple[EntryModel, ...]
    reserved: tuple[EntryModel, ...]
    remark: str
    read_at: Iso = Field(validation_alias="read_ms")


class OrdersModel(Model):
    """Orders of an account that wait."""

    account: str = Field(validation_alias="account_id")
    orders: tuple[OrderModel, ...]
    read_at: Iso = Field(validation_alias="read_ms")


class ExposureModel(Model):
    """What an account risks, and how far it is from its limits."""

    account: str = Field(validation_alias="account_id")
    currency: str
    heat: Exact
    notional: Exact
    margin: Exact
    equity: Exact | None
    balance: Exact
    marked_at: Iso | None = Field(validation_alias="marked_ms")
    used: tuple[UsedModel, ...]
    curve: tuple[PointModel, ...]
    remark: str
    read_at: Iso = Field(validation_alias="read_ms")


class BreakerModel(Model):
    """A breaker that holds."""

    name: str
    state: TradingState
    since: IsoUs = Field(validation_alias="tripped_us")
    until: IsoUs | None = Field(validation_alias="until_us")
    measured: Exact | None
    limit: Exact | None
    sentence: str


class CooldownModel(Model):
    """No entry in a symbol and direction until a moment."""

    symbol: str
    direction: Direction
    until: IsoUs = Field(validation_alias="until_us")


class LossModel(Model):
    """One loss against its limit, both as fractions."""

    name: str
    now: Exact
    limit: Exact


class LimitModel(Model):
    """One limit in force."""

    name: str
    words: str
    value: str
    setter: str


class RiskModel(Model):
    """What an account may do, and why."""

    account: str = Field(validation_alias="account_id")
    currency: str
    state: TradingState
    switch: SwitchModel | None
    breakers: tuple[BreakerModel, ...]
    cooldowns: tuple[CooldownModel, ...]
    losses: tuple[LossModel, ...]
    loss_streak: int
    max_loss_streak: int
    used: tuple[UsedModel, ...]
    limits: tuple[LimitModel, ...]
    equity: Exact
    balance: Exact
    realised: Exact
    flows: Exact
    marked_at: Iso | None = Field(validation_alias="marked_ms")
    policy_hash: str
    read_at: Iso = Field(validation_alias="read_ms")
