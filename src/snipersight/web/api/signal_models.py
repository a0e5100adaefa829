"""Answers about signals, events and charts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from snipersight.bootstrap.dashboard.views_signals import SignalState
from snipersight.domain.commands import CommandKind, CommandState
from snipersight.domain.direction import Direction
from snipersight.domain.evidence import Ending, Kind, Origin, OutcomeStatus, Verdict
from snipersight.web.api.account_models import EntryModel, TradeModel
from snipersight.web.api.values import Exact, Flat, Iso, IsoOrNever, Model, Number


class OutcomeModel(Model):
    """How far a signal has come, in R, by closed candles or by real fills."""

    kind: Kind
    status: OutcomeStatus
    ending: Ending
    entered_at: IsoOrNever = Field(validation_alias="entered_ms")
    ended_at: IsoOrNever = Field(validation_alias="ended_ms")
    followed_to: IsoOrNever = Field(validation_alias="followed_to_ms")
    filled_fraction: float
    targets_hit: int
    gross_r: Number
    fees_r: Number
    slippage_r: Number
    funding_r: Number
    net_r: Number
    mae_r: Number
    mfe_r: Number
    planned_r: Number
    is_ambiguous: bool
    missing_bars: int
    note: str


class SignalModel(Model):
    """One signal of a list."""

    account: str = Field(validation_alias="account_id")
    plan_id: str
    setup_id: str
    context_id: str
    origin: Origin
    venue: str
    symbol: str
    timeframe: str
    direction: Direction
    trade_type: str
    profile: str
    tier: str
    score: float
    risk_reward: float
    regime: str
    leader: str
    session: str
    verdict: Verdict
    reason: str
    decided_at: Iso = Field(validation_alias="decided_ms")
    judged_at: Iso = Field(validation_alias="judged_ms")
    valid_until: Iso = Field(validation_alias="valid_until_ms")
    state: SignalState = Field(
        description="Where it is: by its real trade, where there is none by its candles."
    )
    is_modelled: bool = Field(description="Whether the candles alone say so: nobody traded it.")
    net_r: Number | None = Field(description="What that has brought so far, R, net of costs.")
    targets_hit: int
    modelled: OutcomeModel | None
    actual: OutcomeModel | None
    entry_near: float
    entry_far: float
    stop: float
    targets: tuple[float, ...]


class SignalPageModel(Model):
    """Some signals of a list."""

    signals: tuple[SignalModel, ...] = Field(validation_alias="rows")
    next: str | None = Field(validation_alias="next_cursor", description="Cursor of the next page.")
    read_at: Iso = Field(validation_alias="read_ms")


class StageModel(Model):
    """How many candidates ended at a stage, of those that came as far."""

    stage: str
    name: str
    count: int
    denominator: int


class ReasonModel(Model):
    """How many candidates ended for one reason."""

    reason: str
    count: int


class FunnelModel(Flat):
    """How the candidates of scans ended, and why."""

    inside: ClassVar[Mapping[str, str]] = {
        "candidates": "funnel.candidates",
        "sentence": "funnel.sentence",
        "stages": "funnel.stages",
        "last_scan_at": "last_scan_ms",
        "read_at": "read_ms",
    }

    candidates: int
    sentence: str
    stages: tuple[StageModel, ...]
    reasons: tuple[ReasonModel, ...]
    scans: int
    symbols: int
    last_scan_at: Iso | None
    read_at: Iso


class CheckModel(Model):
    """One question of the risk gate and its answer."""

    code: str
    passed: bool
    measured: Exact | float | None
    limit: Exact | float | None
    sentence: str


class GateVerdictModel(Model):
    """The newest verdict of the risk gate on a plan."""

    is_approved: bool
    judged_at: Iso = Field(validation_alias="judged_ms")
    seq: int
    checks: tuple[CheckModel, ...]
    policy_hash: str
    is_reserved: bool
    size: Exact | None
    notional: Exact | None
    margin: Exact | None
    leverage: Exact | None
    risk: Exact | None
    risk_fraction: Exact | None


class HistoryModel(Model):
    """One thing that happened to a plan."""

    at: Iso = Field(validation_alias="at_ms")
    kind: str
    seq: int
    actor: str
    sentence: str


class EventModel(Model):
    """One stored event."""

    seq: int
    event: str = Field(validation_alias="event_type")
    at: Iso = Field(validation_alias="at_ms")
    fields: dict[str, Any]


class EventPageModel(Model):
    """Some events, newest first."""

    events: tuple[EventModel, ...] = Field(validation_alias="rows")
    next: int | None = Field(validation_alias="next_before_seq")
    read_at: Iso = Field(validation_alias="read_ms")


class SaidModel(Model):
    """Something a person said about a plan, and what became of it."""

    kind: CommandKind
    actor: str
    name: str
    at: Iso = Field(validation_alias="at_ms")
    state: CommandState
    sentence: str


class SignalDetailModel(Model):
    """Everything about one signal; `plan` as every JSON of the program shows a plan."""

    account: str = Field(validation_alias="account_id")
    plan_id: str
    signal: SignalModel | None = Field(validation_alias="row")
    plan: dict[str, Any] | None
    verdict: GateVerdictModel | None
    trades: tuple[TradeModel, ...]
    entries: tuple[EntryModel, ...]
    commands: tuple[SaidModel, ...]
    history: tuple[HistoryModel, ...]
    events: tuple[EventModel, ...]
    may: tuple[CommandKind, ...]
    closed_because: str
    read_at: Iso = Field(validation_alias="read_ms")


class ZoneModel(Model):
    """A price area from the bar that formed it; without an end it lives."""

    kind: str
    direction: Direction
    low: float
    high: float
    start: Iso = Field(validation_alias="start_ms")
    end: Iso | None = Field(validation_alias="end_ms")


class StructureModel(Model):
    """A break of structure."""

    text: str
    direction: Direction
    price: float
    start: Iso = Field(validation_alias="start_ms")
    end: Iso = Field(validation_alias="end_ms")


class SweepModel(Model):
    """A level that a wick took."""

    text: str
    direction: Direction
    price: float
    start: Iso = Field(validation_alias="start_ms")
    swept: Iso = Field(validation_alias="swept_ms")


class PoolModel(Model):
    """Liquidity that rests."""

    text: str
    price: float
    start: Iso = Field(validation_alias="start_ms")
    is_above: bool


class ChartModel(Model):
    """Closed bars as columns, oldest first, and what was known at the last close."""

    venue: str
    symbol: str
    timeframe: str
    open_ms: tuple[int, ...] = Field(description="Open times, milliseconds UTC.")
    open: tuple[float, ...]
    high: tuple[float, ...]
    low: tuple[float, ...]
    close: tuple[float, ...]
    volume: tuple[float, ...]
    zones: tuple[ZoneModel, ...]
    structure: tuple[StructureModel, ...]
    swept: tuple[SweepModel, ...]
    pools: tuple[PoolModel, ...]
    known_at: Iso | None = Field(validation_alias="known_ms")
    has_earlier: bool
    has_later: bool
    remark: str
    read_at: Iso = Field(validation_alias="read_ms")
