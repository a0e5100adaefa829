"""What is kept of every signal and of how it ended: the facts that statistics are made of.

Prices and results here are floats: they are measured and compared, never traded. R is the loss
that was planned for the whole size at the near edge, costs included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType, Protocol

from snipersight.domain.direction import Direction
from snipersight.domain.evidence_columns import EvidenceTable, FactorColumns
from snipersight.domain.instrument import MarketKind
from snipersight.domain.plan import PlanId, SetupId
from snipersight.domain.quick import quick
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol

SignalKey = NewType("SignalKey", str)  # `<account>:<plan_id>`


class Origin(StrEnum):
    """Where a signal came from; evidence of different origins is never mixed unasked."""

    LIVE = "live"  # a scan at present prices of a venue
    PRACTICE = "practice"  # a scan of the built-in market
    REPLAY = "replay"  # a recorded period read again


class Verdict(StrEnum):
    """What became of a signal before any price did."""

    APPROVED = "approved"
    REJECTED = "rejected"  # by the risk gate
    GATED = "gated"  # by a hard gate or the score, before the risk gate; planned all the same
    DECLINED = "declined"  # by the planner, after its prices were known


class OutcomeStatus(StrEnum):
    """How far a signal has come; every signal has exactly one."""

    WAITING = "waiting"  # alive, not entered
    OPEN = "open"  # entered, not closed
    CLOSED = "closed"  # entered and closed: the only ones that hit or miss
    MISSED = "missed"  # price reached the first target without an entry
    INVALIDATED = "invalidated"  # the stop was touched or structure shifted before an entry
    EXPIRED = "expired"  # nobody could enter in time
    UNKNOWN = "unknown"  # the candles that would tell do not exist

    @property
    def is_final(self) -> bool:
        """Return whether later candles cannot change it."""
        return self not in (OutcomeStatus.WAITING, OutcomeStatus.OPEN)

    @property
    def was_entered(self) -> bool:
        """Return whether a position came about."""
        return self in (OutcomeStatus.OPEN, OutcomeStatus.CLOSED)


class Ending(StrEnum):
    """What closed a position last."""

    NONE = ""  # it is not closed, or there was none
    TARGETS = "targets"  # the last target
    STOP = "stop"  # the stop of the plan
    BREAK_EVEN = "break_even"  # the stop, moved to entry plus costs
    TRAILED = "trailed"  # the stop, following price
    TIME_STOP = "time_stop"
    JUDGED = "judged"  # what was filled no longer earned its risk
    BY_HAND = "by_hand"  # of actual outcomes: a person, the kill switch, the venue


class Kind(StrEnum):
    """Whose outcome: what the model says, or what happened to real orders."""

    MODELLED = "modelled"
    ACTUAL = "actual"


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What a modelled trade pays.

    Args:
        maker, taker: fee fractions of the notional.
        slippage: how much worse than its price a market order fills, a fraction of it.
        funding_rate: paid by the position each interval, a fraction of its notional, whichever
            side it is on: no record is trusted to be in its favour. 0 on spot.
        funding_interval_ms: between two payments, at multiples of it in UTC.
    """

    maker: float
    taker: float
    slippage: float
    funding_rate: float = 0.0
    funding_interval_ms: int = 8 * 3_600_000


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class SignalTerms:
    """Everything an outcome follows from but the candles.

    Args:
        direction: side.
        near, mid, far: prices of the entry orders.
        entry_fractions: their shares of the size; they sum to 1.
        stop: price of the first stop.
        targets: price and share of each, nearest first; shares sum to 1.
        cost_per_unit: round-trip costs of the plan, quote currency per base unit.
        atr: of the plan.
        tick: price step; 0 where it is unknown.
        known_ms: close of the decision's bar or of the judgement, whichever is later; only bars
            that open then or later count.
        valid_until_ms: entries end here.
        break_even: the stop goes to average entry plus costs after the first target.
        trailing_atr: the stop follows the best price at this many ATR after it; 0: it does not.
        time_stop_ms: a position that lasted this long is closed; 0: it may last.
        min_rr: net reward to risk that a fill must still have.
        costs: what it pays.
    """

    direction: Direction
    near: float
    mid: float
    far: float
    entry_fractions: tuple[float, float, float]
    stop: float
    targets: tuple[tuple[float, float], ...]
    cost_per_unit: float
    atr: float
    tick: float
    known_ms: int
    valid_until_ms: int
    break_even: bool
    trailing_atr: float
    time_stop_ms: int
    min_rr: float
    costs: Costs

    @property
    def risk_per_unit(self) -> float:
        """Return one R per unit of the whole size: near edge to stop, and the costs of both."""
        return abs(self.near - self.stop) + self.cost_per_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRecord:
    """One signal as it is kept: a plan, its verdict, and what statistics group it by.

    The same account and plan is one signal, however often it is judged: a later approval takes
    the place of a refusal and is followed from then on, nothing takes the place of an approval.

    Args:
        key: account and plan.
        account_id, plan_id, setup_id: whose and which.
        origin: where it came from.
        context_id: the scan or replay that judged it.
        profile, profile_hash: by which thresholds.
        venue, symbol, market, timeframe, direction, trade_type: what it is.
        decided_ms: close of the bar that completed the setup.
        judged_ms: when the verdict fell.
        verdict: what became of it.
        reason: terminal reason, `approved`, `rejected:max_total`, `gated:min_score`.
        score, tier: of its confluence.
        risk_reward: planned, fraction-weighted, net of costs.
        regime: of the zone's timeframe.
        leader: regime of the leading market then; empty where unknown.
        session: session of the day of the decision, `london`; `none` outside of all.
        factors: contribution of each factor to the score, points.
        terms: what its outcome follows from.
        plan_json: the whole plan as JSON; empty where it is kept elsewhere.
    """

    key: SignalKey
    account_id: str
    plan_id: PlanId
    setup_id: SetupId
    origin: Origin
    context_id: str
    profile: str
    profile_hash: str
    venue: str
    symbol: Symbol
    market: MarketKind
    timeframe: Timeframe
    direction: Direction
    trade_type: str
    decided_ms: int
    judged_ms: int
    verdict: Verdict
    reason: str
    score: float
    tier: str
    risk_reward: float
    regime: str
    leader: str
    session: str
    factors: Mapping[str, float]
    terms: SignalTerms
    plan_json: str = ""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How far a signal has come, by closed candles up to a moment, or by real fills.

    Args:
        key: of the signal.
        kind: modelled or actual.
        status: where it is.
        ending: what closed it.
        followed_to_ms: close of the newest bar it goes by.
        resolution_ms: length of the bars it goes by.
        entered_ms: close of the bar of the first fill; 0 before.
        ended_ms: close of the bar that ended it, whatever the end; 0 while it lives.
        filled_fraction: share of the size that was entered, 0 to 1.
        targets_hit: how many.
        gross_r: result in R before any cost; 0 until something is closed.
        fees_r, slippage_r, funding_r: what it cost, R, each at least 0 when paid.
        net_r: gross less all costs; of an open position what is closed so far.
        mae_r, mfe_r: furthest move against and for the average entry while it was held, in R of
            the whole size's risk per unit, both at least 0.
        is_ambiguous: a bar touched stop and target; the worse was taken.
        missing_bars: bars that should be between the entry and the end and are not.
        planned_r: what all targets would have brought, net; for planned against actual.
        note: what a person should know; may be empty.
    """

    key: SignalKey
    kind: Kind
    status: OutcomeStatus
    ending: Ending = Ending.NONE
    followed_to_ms: int = 0
    resolution_ms: int = 0
    entered_ms: int = 0
    ended_ms: int = 0
    filled_fraction: float = 0.0
    targets_hit: int = 0
    gross_r: float = 0.0
    fees_r: float = 0.0
    slippage_r: float = 0.0
    funding_r: float = 0.0
    net_r: float = 0.0
    mae_r: float = 0.0
    mfe_r: float = 0.0
    is_ambiguous: bool = False
    missing_bars: int = 0
    planned_r: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanCount:
    """How the candidates of one scan ended; the counts add up to the candidates.

    Args:
        context_id: the scan; the same scan again replaces itself.
        account_id, origin, profile, venue: of it.
        at_ms: the moment it spoke about.
        symbols: how many were read.
        funnel: count of each terminal reason, `approved` included.
    """

    context_id: str
    account_id: str
    origin: Origin
    profile: str
    venue: str
    at_ms: int
    symbols: int
    funnel: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFilter:
    """Which signals are asked for; None: all.

    Args:
        origin, profile, symbol, account_id: equal to this.
        since_ms, until_ms: decided at or after, and before.
        kind: whose outcomes stand beside the signals.
    """

    origin: Origin | None = None
    profile: str | None = None
    symbol: str | None = None
    account_id: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None
    kind: Kind = Kind.MODELLED


class EvidenceStore(Protocol):
    """Keeps signals, their outcomes and the counts of scans. All methods raise StateUnavailable."""

    def record(self, scan: ScanCount, signals: Sequence[SignalRecord]) -> int:
        """Store a scan and its signals in one transaction; return how many signals are new.

        The same scan again changes nothing but a refusal that has become an approval, whose
        modelled outcome begins anew.
        """
        ...

    def unfinished(
        self, *, venue: str | None = None, limit: int | None = None
    ) -> Sequence[tuple[SignalRecord, Outcome | None]]:
        """Return signals whose modelled outcome is not final, oldest first, with what is known."""
        ...

    def save_outcomes(self, outcomes: Iterable[Outcome]) -> int:
        """Store outcomes, each in the place of the one before; return how many changed.

        A final outcome is not replaced by one that is not.
        """
        ...

    def signal(self, key: SignalKey) -> SignalRecord | None:
        """Return one signal."""
        ...

    def outcomes(self, key: SignalKey) -> Mapping[Kind, Outcome]:
        """Return what is known of one signal, modelled and actual."""
        ...

    def table(self, wanted: EvidenceFilter) -> EvidenceTable:
        """Return signals and outcomes as columns."""
        ...

    def factors(self, wanted: EvidenceFilter) -> FactorColumns:
        """Return what the factors added, in the order of `table`."""
        ...

    def scans(self, wanted: EvidenceFilter) -> Sequence[ScanCount]:
        """Return the counts of scans, oldest first; `symbol` and `kind` play no part."""
        ...
