"""A recorded period read again: what would have been decided at every close of one market.

Every plan is judged at its own close by the real risk gate, on an account that holds nothing else:
what a book full of other trades would have refused is the backtest's to tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from snipersight.domain.account import AccountState
from snipersight.domain.decision import Approved, Candidate, RiskDecision, Stage, TerminalReason
from snipersight.domain.evidence import Outcome, SignalKey, SignalRecord
from snipersight.domain.plan import SetupId, TradePlan
from snipersight.domain.ports import LeaderContext
from snipersight.engine.backtesting.hourly_universe import HourlyUniverse
from snipersight.engine.evidence import Circumstances, signal_record
from snipersight.engine.outcome_following import outcomes_of
from snipersight.engine.recording import Period, Recording, decide, facts_at, warm_ms
from snipersight.planner.smc_source import WholePlanSource
from snipersight.risk.gate import judge, terminal_reason
from snipersight.risk.inputs import ExposureView, GateInputs
from snipersight.risk.policy import RiskPolicy

_REPEATED: Final = TerminalReason(stage=Stage.GATED, name="repeated")
_APPROVED: Final = TerminalReason(stage=Stage.APPROVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """By what plans are judged.

    Args:
        circumstances: account, profile and the name of the replay.
        account: holds nothing, at its starting balance.
        policy: limits of settings and profile.
    """

    circumstances: Circumstances
    account: AccountState
    policy: RiskPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What one market gave.

    Args:
        signals: every plan, refused ones and shadows included, oldest first.
        outcomes: one a signal, followed to the end of the data.
        funnel: how many candidates ended how; the counts add up to the candidates.
        warm_ms: from when on the data speaks; later than the period began where it is short.
    """

    signals: tuple[SignalRecord, ...]
    outcomes: tuple[Outcome, ...]
    funnel: Mapping[str, int]
    warm_ms: int


def replay_market(
    recording: Recording,
    leader: LeaderContext,
    period: Period,
    judging: Judging,
    *,
    universe: HourlyUniverse | None = None,
) -> Replayed:
    """Return every signal of one market in a period, and what became of it.

    Args:
        recording: the market.
        leader: the leading market's state over time.
        period: decisions that count.
        judging: account and limits.
        universe: which markets are looked at, hour by hour; None: all, always.
    """
    profile = judging.circumstances.profile
    from_ms = max(period.start_ms, warm_ms(recording, profile))
    plans = WholePlanSource(profile, shadows_after_ms=from_ms)
    decided = decide(recording, leader, plans, profile)
    book = _Book(recording, leader, judging)
    for candidate in decided.within(replace(period, start_ms=from_ms)):
        if universe is None or universe.holds(candidate.symbol, candidate.at_ms):
            book.take(candidate)
    trigger = recording.bars[profile.timeframe("trigger")]
    signals = tuple(book.signals.values())
    outcomes = outcomes_of(
        signals,
        trigger,
        finer=recording.finer if recording.finer.timeframe < trigger.timeframe else None,
        shifts=decided.shifts,
        until_ms=int(trigger.close_time[-1]),
    )
    return Replayed(
        signals=signals, outcomes=tuple(outcomes), funnel=dict(book.funnel), warm_ms=from_ms
    )


@dataclass(slots=True, kw_only=True)
class _Found:
    """How one candidate ended, with the plan that is kept of it."""

    plan: TradePlan | None
    reason: TerminalReason


@dataclass(slots=True)
class _Book:
    """Judges candidates in the order of time and keeps what comes of them."""

    recording: Recording
    leader: LeaderContext
    judging: Judging
    signals: dict[SignalKey, SignalRecord] = field(default_factory=dict)
    funnel: Counter[str] = field(default_factory=Counter)
    _seen: set[SetupId] = field(default_factory=set)

    def take(self, candidate: Candidate) -> None:
        found = self._ended(candidate)
        self.funnel[str(found.reason)] += 1
        if found.plan is None:
            return
        record = signal_record(
            found.plan,
            found.reason,
            self.judging.circumstances,
            instrument=self.recording.instrument,
            judged_ms=candidate.at_ms,
            leader=self._leader(candidate.at_ms),
        )
        self.signals.setdefault(record.key, record)

    def _ended(self, candidate: Candidate) -> _Found:
        if candidate.reason is not None:
            return _Found(plan=candidate.plan or candidate.shadow, reason=candidate.reason)
        plan = candidate.plan
        if plan is None:
            raise ValueError(f"{candidate.symbol}: neither a plan nor a terminal reason")
        if plan.setup_id in self._seen:  # as in the core: a setup is signalled once
            return _Found(plan=plan, reason=_REPEATED)
        self._seen.add(plan.setup_id)
        decision = self._judged(plan, candidate.at_ms)
        if isinstance(decision, Approved):
            return _Found(plan=plan, reason=_APPROVED)
        return _Found(plan=plan, reason=terminal_reason(decision))

    def _judged(self, plan: TradePlan, at_ms: int) -> RiskDecision:
        inputs = GateInputs(
            account=self.judging.account,
            facts=facts_at(self.recording, at_ms),
            view=ExposureView(),
            tripped=(),
            cooldowns=(),
            at_us=at_ms * 1000,
            last_us=at_ms * 1000,
            as_of_ms=at_ms,
            clock_skew_ms=0,
        )
        return judge(plan, inputs, self.judging.policy)

    def _leader(self, at_ms: int) -> str:
        regime = self.leader.at(at_ms).regime
        return "" if regime is None else regime.value
