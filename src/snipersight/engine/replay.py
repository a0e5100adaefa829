"""A recorded period read again: what would have been decided at every close of one market.

Every plan is judged at its own close by the real risk gate, on an account that holds nothing else:
what a book full of other trades would have refused is the backtest's to tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import numpy as np

from snipersight.domain.account import AccountState
from snipersight.domain.candles import Candles
from snipersight.domain.decision import Approved, Candidate, RiskDecision, Stage, TerminalReason
from snipersight.domain.direction import Direction
from snipersight.domain.evidence import Outcome, SignalKey, SignalRecord
from snipersight.domain.instrument import Instrument
from snipersight.domain.observations import MarketFacts, ReferencePrice
from snipersight.domain.plan import SetupId, TradePlan
from snipersight.domain.ports import LeaderContext
from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Price, exact
from snipersight.engine.evidence import Circumstances, signal_record
from snipersight.engine.outcome_following import outcomes_of
from snipersight.planner.smc_source import SmcPlanSource
from snipersight.risk.gate import judge, terminal_reason
from snipersight.risk.inputs import ExposureView, GateInputs
from snipersight.risk.policy import RiskPolicy

_REPEATED: Final = TerminalReason(stage=Stage.GATED, name="repeated")
_APPROVED: Final = TerminalReason(stage=Stage.APPROVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One recorded market, as far as a profile needs it.

    Args:
        instrument: its rules.
        bars: closed bars of every timeframe that plays a role, warm-up included, to the end of
            the data.
        finer: bars that order what one of the trigger leaves open, and that prices and traded
            value are taken from.
        is_leading: it is the leading market itself, which has no leader.
        quote_rate: account currency for one unit of the quote currency; None where unknown.
    """

    instrument: Instrument
    bars: Mapping[Timeframe, Candles]
    finer: Candles
    quote_rate: Decimal | None
    is_leading: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Which decisions count.

    Args:
        start_ms, end_ms: closes later than the one and not later than the other.
    """

    start_ms: int
    end_ms: int


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
    recording: Recording, leader: LeaderContext, period: Period, judging: Judging
) -> Replayed:
    """Return every signal of one market in a period, and what became of it.

    Args:
        recording: the market.
        leader: the leading market's state over time.
        period: decisions that count.
        judging: account and limits.
    """
    profile = judging.circumstances.profile
    warm_ms = max(period.start_ms, _warm_ms(recording.bars, profile))
    candidates, shifts = _decide(recording, leader, profile, after_ms=warm_ms)
    kept = [one for one in candidates if warm_ms < one.at_ms <= period.end_ms]
    book = _Book(recording, leader, judging)
    for candidate in kept:
        book.take(candidate)
    trigger = recording.bars[profile.timeframe("trigger")]
    signals = tuple(book.signals.values())
    outcomes = outcomes_of(
        signals,
        trigger,
        finer=recording.finer if recording.finer.timeframe < trigger.timeframe else None,
        shifts=shifts,
        until_ms=int(trigger.close_time[-1]),
    )
    return Replayed(
        signals=signals, outcomes=tuple(outcomes), funnel=dict(book.funnel), warm_ms=warm_ms
    )


def _warm_ms(bars: Mapping[Timeframe, Candles], profile: Profile) -> int:
    """Return from when on what a profile says does not depend on where the data begins."""
    history = profile.history()
    return max(int(bars[one].open_time[0]) + warm_up_ms for one, warm_up_ms in history.items())


def _decide(
    recording: Recording, leader: LeaderContext, profile: Profile, *, after_ms: int
) -> tuple[list[Candidate], Mapping[int, Direction]]:
    """Return what was decided, and every shift of major structure.

    A feed keeps shifts as long as a plan may wait, so they are taken that often.
    """
    plans = SmcPlanSource(profile, shadows_after_ms=after_ms)
    feed = plans.open(recording.instrument, None if recording.is_leading else leader)
    trigger = recording.bars[profile.timeframe("trigger")]
    step_ms = profile.setup.valid_bars * trigger.timeframe.duration_ms
    end_ms = int(trigger.close_time[-1])
    decided: list[Candidate] = []
    shifts: dict[int, Direction] = {}
    for moment_ms in range(int(trigger.open_time[0]) + step_ms, end_ms + step_ms, step_ms):
        decided += feed.advance(recording.bars, until_ms=min(moment_ms, end_ms))
        shifts.update(feed.shifts())
    return decided, shifts


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


def facts_at(recording: Recording, at_ms: int) -> MarketFacts:
    """Return what was known of a market at a moment: its newest close, its value traded in a day.

    What no bar of the 24 hours before tells stays unknown, and unknown approves nothing.
    """
    bars = recording.finer
    stop = int(np.searchsorted(bars.close_time, at_ms, side="right"))
    first = int(np.searchsorted(bars.open_time, at_ms - DAY_MS, side="left"))
    if first >= stop:
        return MarketFacts(
            instrument=recording.instrument,
            quote_rate=recording.quote_rate,
            reference=None,
            quote_volume=None,
        )
    day = slice(first, stop)
    return MarketFacts(
        instrument=recording.instrument,
        quote_rate=recording.quote_rate,
        reference=ReferencePrice(
            price=Price(exact(float(bars.close[stop - 1]))),
            at_ms=int(bars.close_time[stop - 1]),
            step_ms=bars.timeframe.duration_ms,
            source="the newest recorded close",
        ),
        quote_volume=exact(float(np.dot(bars.close[day], bars.volume[day]))),
    )
