"""Signals as the dashboard shows them: a ranked list, a funnel, and everything about one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from snipersight.bootstrap.trade_views import TradeView
from snipersight.domain.commands import CommandKind, CommandState
from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.evidence import Origin, Outcome, Verdict
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.plan import TradePlan
from snipersight.domain.statistics import Funnel
from snipersight.domain.units import Money, Size, Symbol

REPLAYED: Final = "replay"  # stands for an account in the evidence of replays


class SignalState(StrEnum):
    """Where a signal is now: by its real trade, else by its candles; each has exactly one."""

    WAITING = "waiting"  # approved and alive, not entered
    OPEN = "open"  # entered, not closed
    CLOSED = "closed"
    MISSED = "missed"
    INVALIDATED = "invalidated"
    EXPIRED = "expired"
    UNKNOWN = "unknown"  # the candles that would tell do not exist
    REFUSED = "refused"  # by a gate, the planner or the risk gate; followed all the same

    @property
    def is_live(self) -> bool:
        """Return whether something can still come of it."""
        return self in (SignalState.WAITING, SignalState.OPEN)


class SignalOrder(StrEnum):
    """What a list of signals begins with."""

    RANK = "rank"  # the highest score; only of those that are alive, which are few
    NEWEST = "newest"  # the newest decision


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalFilter:
    """Which signals are asked for; None or empty: all.

    Args:
        account: whose; None: of every account.
        states: where they are; with `RANK` only `waiting` and `open` count.
        symbol, profile, tier, origin, direction: equal to this.
        text: part of a symbol, profile or reason, or the beginning of a plan's id; never a pattern.
        since_ms, until_ms: decided at or after, and before, milliseconds UTC.
        order: what comes first.
        limit: how many at most, 1 to 500.
        cursor: `next_cursor` of the page before, with everything else unchanged.
    """

    account: str | None = None
    states: frozenset[SignalState] = frozenset()
    symbol: str | None = None
    profile: str | None = None
    tier: str | None = None
    origin: Origin | None = None
    direction: Direction | None = None
    text: str = ""
    since_ms: int | None = None
    until_ms: int | None = None
    order: SignalOrder = SignalOrder.NEWEST
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRow:
    """One signal of a list.

    Args:
        account_id, plan_id, setup_id, context_id: whose, which, and of which scan.
        origin, venue, symbol, timeframe, direction, trade_type, profile: what it is.
        tier, score, risk_reward, regime, leader, session: of its confluence and time.
        verdict, reason: what became of it before any price did, `rejected:max_total`.
        decided_ms, judged_ms: close of its bar, and when the verdict fell, milliseconds UTC.
        state: where it is now: its real trade, or where there is none its model.
        is_modelled: whether the model alone says so: nobody trades it, or has.
        net_r: what that has brought so far, R, net of costs; None where nobody can tell.
        targets_hit: how many were filled, or in the model would have been.
        modelled: by closed candles; None where nobody has looked yet.
        actual: by real fills or by hand; None where nobody traded it.
        entry_near, entry_far, stop, targets: prices, quote per base unit, as kept for evidence.
        valid_until_ms: an unfilled plan ends here, milliseconds UTC.
    """

    account_id: str
    plan_id: str
    setup_id: str
    context_id: str
    origin: Origin
    venue: str
    symbol: Symbol
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
    decided_ms: int
    judged_ms: int
    state: SignalState
    is_modelled: bool
    net_r: float | None
    targets_hit: int
    modelled: Outcome | None
    actual: Outcome | None
    entry_near: float
    entry_far: float
    stop: float
    targets: tuple[float, ...]
    valid_until_ms: int

    @property
    def is_replayed(self) -> bool:
        """Return whether a replay found it: then no account stands behind it."""
        return self.account_id == REPLAYED


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalPage:
    """Some signals of a list.

    Args:
        rows: in the order that was asked for.
        next_cursor: what the next page is asked for with; None: this is the last.
        read_ms: when the store was read, milliseconds UTC.
    """

    rows: tuple[SignalRow, ...]
    next_cursor: str | None
    read_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelFilter:
    """Which scans are counted; None: all of the account."""

    account: str | None = None
    profile: str | None = None
    origin: Origin | None = None
    since_ms: int | None = None
    until_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount:
    """How many candidates ended for one reason, and in which words to say so."""

    reason: str  # `rejected:max_total`
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelView:
    """How the candidates of scans ended.

    Args:
        funnel: stages with their counts, as `snipersight stats` tells them.
        reasons: every terminal reason, the most frequent first; the counts add up.
        last_scan_ms: the moment the newest of these scans spoke about; None without any.
        scans: how many.
        symbols: read by the newest one.
        read_ms: when the store was read.
    """

    funnel: Funnel
    reasons: tuple[ReasonCount, ...]
    last_scan_ms: int | None
    scans: int
    symbols: int
    read_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GateVerdict:
    """The newest verdict of the risk gate on a plan.

    Args:
        is_approved: whether it may be traded.
        judged_ms: when, milliseconds UTC.
        seq: of its audit record.
        checks: everything that was asked, in order. A failed `Check` is falsy.
        policy_hash: of the limits.
        is_reserved: whether budget was taken for it.
        size, notional, margin, leverage: base units and quote currency; None if refused.
        risk, risk_fraction: loss at the stop, account currency, and of equity; None if refused.
    """

    is_approved: bool
    judged_ms: int
    seq: int
    checks: tuple[Check, ...]
    policy_hash: str
    is_reserved: bool
    size: Size | None = None
    notional: Decimal | None = None
    margin: Decimal | None = None
    leverage: Decimal | None = None
    risk: Money | None = None
    risk_fraction: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One thing that happened to a plan, whoever did it.

    Args:
        at_ms: when, milliseconds UTC.
        kind: of the audit record, `decision`, `order`, `filled`, `operator` …
        seq: of the audit record.
        actor: who caused it.
        sentence: in words.
    """

    at_ms: int
    kind: str
    seq: int
    actor: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One stored event.

    Args:
        seq: its place.
        event_type: what happened.
        at_ms: when, milliseconds UTC.
        fields: what belongs to it, secrets masked.
    """

    seq: int
    event_type: str
    at_ms: int
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events are asked for.

    Args:
        types: of these kinds; empty: of all.
        text: part of the event as JSON; never a pattern.
        before_seq: only older ones than this place; None: from the newest.
        limit: how many at most, 1 to 500.
    """

    types: frozenset[str] = frozenset()
    text: str = ""
    before_seq: int | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """Some events, newest first.

    Args:
        rows: the events.
        next_before_seq: what the next page is asked for with; None: this is the last.
        read_ms: when the store was read.
    """

    rows: tuple[EventRow, ...]
    next_before_seq: int | None
    read_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRow:
    """Something a person said about a plan or an account, and what became of it.

    Args:
        key: under which it is stored once.
        kind, subject, account_id: what, of which plan, of which account.
        actor, name: who said it.
        at_ms: when, milliseconds UTC.
        state: whether it is to be done, done or refused.
        sentence: in words; empty while it waits.
    """

    key: str
    kind: CommandKind
    subject: str
    account_id: str
    actor: str
    name: str
    at_ms: int
    state: CommandState
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalView:
    """Everything about one signal.

    Args:
        row: as the list shows it; None for a plan that evidence does not hold (any more).
        account_id, plan_id: whose and which.
        plan: with factors, prices and rationales (`plan.confluence.factors`); None where it was
            never stored whole.
        verdict: of the risk gate; None where a gate before it ended the candidate.
        trades: executions of it with orders and fills, oldest first.
        entries: of the ledger, taken by hand included.
        commands: what people said about it, oldest first.
        history: everything the audit holds about it, oldest first.
        events: newest first, at most fifty.
        may: what a person can usefully say about it now, whoever they are.
        closed_because: why it can no longer be decided on; empty if it can.
        read_ms: when the store was read.
    """

    row: SignalRow | None
    account_id: str
    plan_id: str
    plan: TradePlan | None
    verdict: GateVerdict | None
    trades: tuple[TradeView, ...] = ()
    entries: tuple[LedgerEntry, ...] = ()
    commands: tuple[CommandRow, ...] = ()
    history: tuple[HistoryLine, ...] = ()
    events: tuple[EventRow, ...] = ()
    may: frozenset[CommandKind] = field(default_factory=frozenset)
    closed_because: str = ""
    read_ms: int = 0

    @property
    def is_replayed(self) -> bool:
        """Return whether a replay found it: then no account stands behind it."""
        return self.account_id == REPLAYED
