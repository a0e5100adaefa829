"""What a trader is told: the facts of a message before it has any wording."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from snipersight.domain.decision import RiskDecision
from snipersight.domain.instrument import Instrument
from snipersight.domain.units import Currency, Money

# New signals before what becomes of earlier ones: the first can still be acted upon.
SIGNAL_PRIORITY: Final = 25
UPDATE_PRIORITY: Final = 20


class SignalEvent(StrEnum):
    """A turn in the life of a signal; each is told once, as a reply to the signal."""

    APPROACHING = "approaching"  # price nears the zone; told quietly
    ENTERED = "entered"
    TARGET_HIT = "target_hit"
    STOP_MOVED = "stop_moved"
    CLOSED = "closed"  # the position is over; carries net R
    MISSED = "missed"  # price reached the first target without an entry
    INVALIDATED = "invalidated"  # stop touched or structure shifted before an entry
    EXPIRED = "expired"
    DECIDED = "decided"  # a person approved, rejected or traded it; `detail` says which and who

    @property
    def is_end(self) -> bool:
        """Return whether nothing more can happen to the signal."""
        return self in (
            SignalEvent.CLOSED,
            SignalEvent.MISSED,
            SignalEvent.INVALIDATED,
            SignalEvent.EXPIRED,
        )


class Severity(StrEnum):
    """How much an alert matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"  # rings in quiet hours too


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A judged plan with what a message says about it beyond the verdict.

    Args:
        decision: approval or refusal; the plan is in it.
        account_id: whose verdict.
        currency: of the account, in which risk is told.
        instrument: tick and lot of its market; None where only the plan's own digits are known.
        last_price: newest price known at the verdict, quote per base unit.
        judged_ms: when, milliseconds UTC.
        equity: of the account at the verdict; None where it is not known. Never told in public.
        evidence: what a score like this has meant so far, in one sentence.
        batch: the scan it came from; signals of one batch are summarised together.
        is_practice: its market is the built-in one.
        is_offered: people are asked whether it is executed.
    """

    decision: RiskDecision
    account_id: str
    currency: Currency
    instrument: Instrument | None
    last_price: Decimal
    judged_ms: int
    equity: Money | None = None
    evidence: str = ""
    batch: str = ""
    is_practice: bool = False
    is_offered: bool = False

    @property
    def thread(self) -> str:
        """Return the key under which its messages hang together."""
        return thread_of(self.account_id, self.decision.plan.plan_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalUpdate:
    """One event in the life of a signal that was told.

    Args:
        signal: as it was told.
        event: what happened.
        at_ms: when, milliseconds UTC: the close of the bar, or the fill.
        price: where it happened, quote per base unit; None where price has no part in it.
        target: which target was hit, 1 for the first; None for other events.
        net_r: result in R, net of costs, so far or final; None before an entry.
        is_actual: it happened to a position that is held; False: by the candles alone, nobody
            need have traded it.
        detail: the reason in one sentence; may be empty.
        is_for_audience: by the candles, of a plan that is really traded: those who see the
            position are told by the ledger instead.
    """

    signal: Signal
    event: SignalEvent
    at_ms: int
    price: Decimal | None = None
    target: int | None = None
    net_r: Decimal | None = None
    is_actual: bool = False
    detail: str = ""
    is_for_audience: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something about the system that a person should know.

    Args:
        trigger: name of a row of the table of alerts, `breaker`, `venue_down`.
        severity: how much it matters.
        title: a few words.
        text: what happened, where, and what to do next.
        subject: what it is about (account, venue, symbol); one alert of a trigger and subject is
            told within its window.
        at_ms: when, milliseconds UTC.
    """

    trigger: str
    severity: Severity
    title: str
    text: str
    subject: str = ""
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanSummary:
    """What one scan found, for the batch summary.

    Args:
        batch: the scan.
        profile, venue: what it scanned with and where.
        as_of_ms: the moment it speaks of, milliseconds UTC.
        signals: approved now and told for the first time, best first.
        funnel: how often each terminal reason occurred, `approved` included, most frequent first.
        scanned: symbols looked at.
        regimes: symbols in each regime; `unknown` included.
        is_practice: its market is the built-in one.
    """

    batch: str
    profile: str
    venue: str
    as_of_ms: int
    signals: tuple[Signal, ...]
    funnel: tuple[tuple[str, int], ...]
    scanned: int
    regimes: Mapping[str, int]
    is_practice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What a day brought: to signals by the candles, and apart from that to what was traded.

    Args:
        day: the UTC day, `2026-11-22`.
        account_id: whose.
        currency: of the account.
        told: signals told that day.
        events: how often each event occurred that day, by the candles.
        net_r: sum of the net R of signals closed that day; None if none closed.
        hits: closed that day with net R above zero.
        open_positions: held at the end of the day, and still open when it is told.
        equity: at the end of the day; never told in public. None if not known.
        change: of equity over the day without deposits and withdrawals; None if not known.
        trades: positions closed that day that were really held; never told in public.
        trades_net_r: sum of their net R; None if not known.
        is_practice: the account trades the built-in market.
    """

    day: str
    account_id: str
    currency: Currency
    told: int
    events: Mapping[SignalEvent, int]
    net_r: Decimal | None
    hits: int
    open_positions: int
    equity: Money | None = None
    change: Money | None = None
    trades: int = 0
    trades_net_r: Decimal | None = None
    is_practice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainText:
    """A message in the sender's own words, Markdown.

    Args:
        markdown: CommonMark; what a user typed is escaped before it gets here.
        title: a few words for channels that have a subject line.
    """

    markdown: str
    title: str = "SniperSight"


Notice = Signal | SignalUpdate | Alert | ScanSummary | Digest | PlainText


def thread_of(account_id: str, plan_id: str) -> str:
    """Return the key of a signal: of its notice, and of the thread its updates reply in."""
    return f"signal:{account_id}:{plan_id}"


def lane_of_signal(account_id: str, plan_id: str) -> str:
    """Return the lane that a signal and what becomes of it are worded in, one after the other.

    A signal may wait for its picture: its plan is entered meanwhile, and nobody is told so first.
    """
    return f"told:{hashlib.sha256(thread_of(account_id, plan_id).encode()).hexdigest()[:32]}"


def update_key(
    account_id: str,
    plan_id: str,
    event: SignalEvent,
    *,
    target: int | None = None,
    is_actual: bool = False,
) -> str:
    """Return the key under which an event in the life of a signal is told once.

    What happened to a real position is told apart from what the candles alone say.
    """
    which = f":{target}" if target is not None else ""
    return f"update:{account_id}:{plan_id}:{event.value}{which}{':actual' if is_actual else ''}"
