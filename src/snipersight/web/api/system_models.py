"""Answers about evidence, audit and machinery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from snipersight.bootstrap.dashboard.views_system import Topic
from snipersight.domain.commands import CommandKind, CommandState
from snipersight.domain.evidence import Origin
from snipersight.web.api.account_models import EngineModel
from snipersight.web.api.values import Flat, Iso, IsoUs, Model


class StatsModel(Model):
    """What signals have been worth, each part with its own sentence."""

    origin: Origin | None
    others: dict[str, int]
    signals: int
    approved: int
    hit_rate: dict[str, Any]
    expectancy: dict[str, Any]
    risk_rewards: dict[str, Any]
    calibration: dict[str, Any]
    tiers: dict[str, Any]
    funnel: dict[str, Any]
    groups: dict[str, list[dict[str, Any]]]
    gates: list[dict[str, Any]]
    alarms: list[dict[str, Any]]
    drifts: list[dict[str, Any]]
    read_at: Iso


class RunModel(Model):
    """A backtest that is kept."""

    run_id: str
    made_at: Iso = Field(validation_alias="made_ms")
    profile: str
    profile_hash: str
    source: str
    markets: tuple[str, ...]
    start: Iso = Field(validation_alias="start_ms")
    end: Iso = Field(validation_alias="end_ms")
    currency: str
    starting_balance: str
    random_runs: int
    trials: int
    finding: str
    sentence: str
    metrics: dict[str, float | None]


class RunsModel(Model):
    """Backtests that are kept, newest first."""

    runs: tuple[RunModel, ...]
    total: int
    next: str = Field(
        validation_alias="next_before",
        description="What `before` is for the next page; empty: this is the last.",
    )
    read_at: Iso = Field(validation_alias="read_ms")


class RecordModel(Flat):
    """One record of the audit."""

    inside: ClassVar[Mapping[str, str]] = {
        "seq": "record.seq",
        "at": "record.at_us",
        "kind": "record.kind",
        "subject": "record.subject",
        "actor": "record.actor",
        "hash": "record.hash",
        "prev_hash": "record.prev_hash",
        "body": "record.body",
    }

    seq: int
    at: IsoUs
    kind: str
    subject: str
    actor: str
    symbol: str
    sentence: str
    hash: str
    prev_hash: str
    body: str = Field(description="Canonical JSON as text: the hash is over these very letters.")


class AuditPageModel(Model):
    """Some records, newest first."""

    account: str = Field(validation_alias="account_id")
    records: tuple[RecordModel, ...] = Field(validation_alias="rows")
    next: int | None = Field(validation_alias="next_before_seq")
    head_seq: int
    read_at: Iso = Field(validation_alias="read_ms")


class VerifyModel(Model):
    """What checking a chain came to."""

    account: str = Field(validation_alias="account_id")
    is_sound: bool
    lines: tuple[str, ...]
    records: int
    first_seq: int
    last_seq: int
    signed_seq: int
    outside_seq: int
    checked_at: Iso = Field(validation_alias="checked_ms")


class ReplayModel(Model):
    """What judging one decision again came to."""

    account: str = Field(validation_alias="account_id")
    seq: int
    subject: str
    outcome: str
    is_sound: bool
    sentence: str
    policy_changes: tuple[str, ...]
    is_code_changed: bool
    checked_at: Iso = Field(validation_alias="checked_ms")


class PartModel(Model):
    """One part of a running bot."""

    name: str
    age_s: float | None
    within_s: float | None
    trouble: str
    restarts: int
    is_late: bool


class ProcessModel(Model):
    """One right that a process holds by showing signs of life."""

    name: str
    owner: str
    seen_at: Iso = Field(validation_alias="seen_ms")
    is_live: bool
    successor: str = Field(description="who does its work now that it has ended; empty: nobody")


class VenueModel(Model):
    """A venue by the newest event about it."""

    venue: str
    sentence: str
    at: Iso = Field(validation_alias="at_ms")
    is_well: bool


class LaneModel(Model):
    """What waits for one chat."""

    channel: str
    address: str
    waiting: int
    oldest_at: IsoUs = Field(validation_alias="oldest_us")
    next_at: IsoUs = Field(validation_alias="next_us")
    last_error: str | None


class TroubledModel(Model):
    """A message that a person should look at."""

    item_id: int
    key: str
    channel: str
    address: str
    state: str
    attempts: int
    is_ambiguous: bool
    created_at: IsoUs = Field(validation_alias="created_us")
    last_error: str | None


class SystemModel(Model):
    """How the machinery is."""

    engine: EngineModel
    health: str
    is_health_known: bool
    parts: tuple[PartModel, ...]
    processes: tuple[ProcessModel, ...]
    venues: tuple[VenueModel, ...]
    lanes: tuple[LaneModel, ...]
    notices_waiting: int
    troubled: tuple[TroubledModel, ...]
    commands_waiting: int
    version: str
    database: str
    read_at: Iso = Field(validation_alias="read_ms")


class LogLineModel(Model):
    """One line of the log."""

    at: str
    level: str
    message: str
    context: str
    fields: tuple[tuple[str, str], ...]
    exception: str


class LogModel(Model):
    """Lines of the newest log file, newest first."""

    lines: tuple[LogLineModel, ...]
    next: str = Field(
        validation_alias="next_before",
        description="What `before` is for the next page; empty: there is nothing older.",
    )


class ChangesModel(Model):
    """A mark for each topic: another mark, something changed."""

    marks: dict[Topic, str]
    read_at: Iso = Field(validation_alias="read_ms")


class CommandAnswerModel(Model):
    """What became of a command."""

    kind: CommandKind
    plan_id: str
    account: str
    state: CommandState
    sentence: str
    is_first: bool
