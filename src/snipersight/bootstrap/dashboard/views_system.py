"""Evidence, audit and machinery as the dashboard shows them, and what has changed since a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from snipersight.bootstrap.dashboard.views_account import EngineView
from snipersight.domain.audit import AuditRecord
from snipersight.domain.evidence import Kind, Origin
from snipersight.domain.statistics import (
    Alarm,
    Calibration,
    Drift,
    Expectancy,
    Funnel,
    GateWorth,
    GroupStats,
    HitRate,
    RiskRewards,
    TierComparison,
)
from snipersight.storage.kept_runs import KeptRun
from snipersight.storage.kept_sweeps import KeptSweep
from snipersight.storage.outbox_view import LaneView, TroubledItem


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRequest:
    """Which signals are asked about; None: all. Origins are never mixed."""

    account: str | None = None
    origin: Origin | None = None
    profile: str | None = None
    symbol: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None
    kind: Kind = Kind.MODELLED


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceView:
    """What signals have been worth, net of costs, as `snipersight stats` tells it.

    Args:
        origin: of the signals; None without any.
        others: how many signals of other origins would match; they play no part.
        signals, approved: how many.
        hit_rate, expectancy, risk_rewards, calibration, tiers: each with its own sentence.
        by_tier, by_profile, by_regime, by_direction, by_symbol, by_factor: groups.
        gates: what each gate's refused signals would have brought.
        funnel: of the scans.
        alarms, drifts: what a person should look at.
        read_ms: when the store was read.
    """

    origin: Origin | None
    others: tuple[tuple[Origin, int], ...]
    signals: int
    approved: int
    hit_rate: HitRate
    expectancy: Expectancy
    risk_rewards: RiskRewards
    calibration: Calibration
    tiers: TierComparison
    by_tier: tuple[GroupStats, ...]
    by_profile: tuple[GroupStats, ...]
    by_regime: tuple[GroupStats, ...]
    by_direction: tuple[GroupStats, ...]
    by_symbol: tuple[GroupStats, ...]
    by_factor: tuple[GroupStats, ...]
    gates: tuple[GateWorth, ...]
    funnel: Funnel
    alarms: tuple[Alarm, ...]
    drifts: tuple[Drift, ...]
    read_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsRequest:
    """Which backtests are asked for.

    Args:
        limit: how many at most.
        before: only those made before this run; empty, or one that is gone: from the newest.
        is_alone: only those that no sweep made.
        sweep: this sweep with all of its runs; empty: the newest sweeps.
        chosen: ids of runs to be compared.
    """

    limit: int = 200
    before: str = ""
    is_alone: bool = False
    sweep: str = ""
    chosen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepView:
    """A sweep with those of its runs that are still kept.

    Args:
        sweep: what was varied, and what the best is worth.
        runs: with the values of each, the highest Sharpe ratio first.
    """

    sweep: KeptSweep
    runs: tuple[tuple[KeptRun, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsView:
    """Backtests that are kept, newest first (`KeptRun`: metrics by name, finding, sentence, returns).

    Args:
        runs: at most as many as were asked for.
        total: how many there are of all.
        next_before: what the next page is asked for with; empty: this is the last.
        sweeps: newest first; at most a few, or the one that was asked for.
        others: sweeps that are not among them, newest first.
        chosen: of the runs to be compared those that are kept, as they were named.
        read_ms: when they were read.
    """

    runs: tuple[KeptRun, ...]
    total: int
    next_before: str
    sweeps: tuple[SweepView, ...]
    others: tuple[KeptSweep, ...]
    chosen: tuple[KeptRun, ...]
    read_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which records are asked for; None or empty: all.

    Args:
        account: whose; None: `main` where it exists, else `practice`.
        kinds: of these kinds.
        subject: how the plan's or entry's id begins.
        symbol: how the symbol begins, in large or small letters.
        verdict: `approved` or `rejected`.
        actor: how whoever did it begins, in large or small letters.
        since_us, until_us: at or after, and before, microseconds UTC.
        limit: how many at most, 1 to 500.
        before_seq: only older ones than this; None: from the newest.
    """

    account: str | None = None
    kinds: tuple[str, ...] = ()
    subject: str | None = None
    symbol: str | None = None
    verdict: str | None = None
    actor: str | None = None
    since_us: int | None = None
    until_us: int | None = None
    limit: int = 50
    before_seq: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One record.

    Args:
        record: as it is stored; `body` is canonical JSON.
        sentence: what it tells, in words.
        symbol: it is about; empty for none.
    """

    record: AuditRecord
    sentence: str
    symbol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Some records, newest first.

    Args:
        account_id: whose.
        rows: the records.
        next_before_seq: what the next page is asked for with; None: this is the last.
        head_seq: number of the newest record of all.
        read_ms: when the store was read.
    """

    account_id: str
    rows: tuple[AuditRow, ...]
    next_before_seq: int | None
    head_seq: int
    read_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyView:
    """What checking a chain came to.

    Args:
        account_id: whose.
        is_sound: nothing was found.
        lines: what was checked, found, and cannot be excluded, in words.
        records, first_seq, last_seq, signed_seq, outside_seq: how far it reaches.
        checked_ms: when, milliseconds UTC.
    """

    account_id: str
    is_sound: bool
    lines: tuple[str, ...]
    records: int
    first_seq: int
    last_seq: int
    signed_seq: int
    outside_seq: int
    checked_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayView:
    """What judging one decision again came to.

    Args:
        account_id, seq, subject: which decision.
        outcome: `agrees`, `differs`, `unknown`.
        is_sound: nothing differs.
        sentence: in words.
        policy_changes: limits that are others today.
        is_code_changed: the judging code is another one.
        checked_ms: when, milliseconds UTC.
    """

    account_id: str
    seq: int
    subject: str
    outcome: str
    is_sound: bool
    sentence: str
    policy_changes: tuple[str, ...]
    is_code_changed: bool
    checked_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessView:
    """One right that processes hold by showing signs of life.

    Args:
        name: of the right, `executor:main`, a part of the scanned symbols, the sender.
        owner: who holds it, `host:pid:…`.
        seen_ms: its newest sign of life.
        is_live: whether its time has not run out.
        successor: who does its work now that it has ended; empty: nobody, or it lives.
    """

    name: str
    owner: str
    seen_ms: int
    is_live: bool
    successor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartView:
    """One part of a running bot, as it tells of itself at `RUN_LISTEN`."""

    name: str
    age_s: float | None
    within_s: float | None
    trouble: str
    restarts: int
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueView:
    """A venue by the newest events that tell of it.

    Args:
        venue: short name.
        sentence: what was told last.
        at_ms: when.
        is_well: False: the newest event tells of trouble.
    """

    venue: str
    sentence: str
    at_ms: int
    is_well: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of the newest log file; secrets are masked when it is written and when it is read.

    Args:
        place: where in the file it begins, bytes.
        at, level, message: as they were written; empty time and level: the line is no JSON.
        context: of the scan it belongs to, else the stage.
        fields: what else it holds, by name, in the line's order; lists and objects as JSON.
        exception: lines and names of where something failed; empty: nothing did.
    """

    place: int
    at: str
    level: str
    message: str
    context: str
    fields: tuple[tuple[str, str], ...] = ()
    exception: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """Some lines of the newest log file, newest first.

    Args:
        lines: that match.
        next_before: what the next page is asked for with; empty: there is nothing older in the file.
        read_ms: when it was read.
    """

    lines: tuple[LogLine, ...]
    next_before: str
    read_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemView:
    """How the machinery is.

    Args:
        engine: by its signs of life.
        health: one sentence of the bot at `RUN_LISTEN`; why it is not known, if it is not.
        is_health_known: whether the bot answered.
        parts: of that bot.
        processes: by the rights they hold.
        venues: by their newest events.
        lanes: chats that something waits for.
        notices_waiting: messages that are not worded yet.
        troubled: messages that a person should look at.
        commands_waiting: that nobody has done yet.
        version: of SniperSight.
        database: where, never with a password.
        read_ms: when the store was read.
    """

    engine: EngineView
    health: str
    is_health_known: bool
    parts: tuple[PartView, ...]
    processes: tuple[ProcessView, ...]
    venues: tuple[VenueView, ...]
    lanes: tuple[LaneView, ...]
    notices_waiting: int
    troubled: tuple[TroubledItem, ...]
    commands_waiting: int
    version: str
    database: str
    read_ms: int


class Topic(StrEnum):
    """What can change."""

    PLANS = "plans"  # signals and their outcomes
    DECISIONS = "decisions"
    ORDERS = "orders"
    POSITIONS = "positions"
    EXPOSURE = "exposure"  # ledger, standing, breakers, kill switch
    EVENTS = "events"
    AUDIT = "audit"
    STATS = "stats"
    EVIDENCE = "evidence"  # kept backtests
    COMMANDS = "commands"
    SYSTEM = "system"  # signs of life, outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """A mark for each topic: another mark, something changed.

    Args:
        marks: opaque; equal marks mean that nothing of the topic changed.
        read_ms: when the store was read.
    """

    marks: Mapping[Topic, str]
    read_ms: int

    def since(self, before: Changes | None) -> frozenset[Topic]:
        """Return the topics that changed; all of them if there was nothing before."""
        if before is None:
            return frozenset(self.marks)
        return frozenset(
            topic for topic, mark in self.marks.items() if before.marks.get(topic) != mark
        )
