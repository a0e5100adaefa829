"""SMC setups as a source of plans: detectors, gates, score and planner in one feed a symbol."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from snipersight.analysis.confluence import score
from snipersight.analysis.entry_zone import entry_zone
from snipersight.analysis.facts import Reading, Setup, SetupContext
from snipersight.analysis.gates import first_failed, judge_gates, judge_score
from snipersight.analysis.momentum import WINDOW_BARS, momentum_reading
from snipersight.analysis.smc.layout import SWING
from snipersight.analysis.smc.log import FactKind
from snipersight.analysis.smc.series import SmcSeries
from snipersight.domain.candles import Candles, utc_text
from snipersight.domain.confluence import Confluence
from snipersight.domain.decision import Candidate, Check, Stage, TerminalReason
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Instrument
from snipersight.domain.plan import TradePlan
from snipersight.domain.ports import LeaderContext, LeaderState
from snipersight.domain.profile import Profile, SetupRules, SmcRules
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import Timeframe
from snipersight.planner.declined import Declined
from snipersight.planner.identity import identify_setup
from snipersight.planner.outlook import describe_outlook
from snipersight.planner.planner import plan_setup

_SIDES: Final = (Direction.LONG, Direction.SHORT)
_NEVER_MS: Final = 2**62
_STALE_BARS: Final = 2  # a role's running bar is one bar old at most; two means a hole


class SeriesFactory(Protocol):
    """Makes the reader of one timeframe; the default is `SmcSeries`."""

    def __call__(
        self, rules: SmcRules, timeframe: Timeframe, setup: SetupRules, *, facts_from_ms: int
    ) -> SmcSeries:
        """Return an empty series."""
        ...


class SmcPlanSource:
    """Plans from Smart Money Concepts setups under one profile.

    Args:
        profile: every threshold.
        series: what reads a timeframe; tests put deliberately wrong readers here.
        shadows_after_ms: setups decided later than this are planned as shadows where a gate or
            the score refuses them; by default none is.
    """

    def __init__(
        self,
        profile: Profile,
        *,
        series: SeriesFactory = SmcSeries,
        shadows_after_ms: int = _NEVER_MS,
    ) -> None:
        self.profile = profile
        self._series = series
        self._shadows_after_ms = shadows_after_ms

    @property
    def name(self) -> str:
        """Return `smc`."""
        return "smc"

    @property
    def history(self) -> Mapping[Timeframe, int]:
        """Return the warm-up of each timeframe in milliseconds."""
        return self.profile.history()

    def open(self, instrument: Instrument, leader: LeaderContext | None) -> SmcPlanFeed:
        """Return an empty feed for one market; `leader` is None for BTC itself."""
        return SmcPlanFeed(
            instrument,
            leader,
            profile=self.profile,
            series=self._series,
            shadows_after_ms=self._shadows_after_ms,
        )


class SmcPlanFeed:
    """Decides at every trigger close that completes a setup, from what was known then."""

    def __init__(
        self,
        instrument: Instrument,
        leader: LeaderContext | None,
        *,
        profile: Profile,
        series: SeriesFactory,
        shadows_after_ms: int = _NEVER_MS,
    ) -> None:
        self._shadows_after_ms = shadows_after_ms
        self._instrument, self._leader, self._profile = instrument, leader, profile
        roles, setup = profile.roles, profile.setup
        make: Callable[..., SmcSeries] = series
        self._trigger = make(roles.trigger, profile.timeframe("trigger"), setup, facts_from_ms=0)
        self._zone = make(roles.zone, profile.timeframe("zone"), setup, facts_from_ms=_NEVER_MS)
        self._bias = make(roles.bias, profile.timeframe("bias"), setup, facts_from_ms=_NEVER_MS)
        self._shifts: dict[int, Direction] = {}

    def advance(self, bars: Mapping[Timeframe, Candles], *, until_ms: int) -> Sequence[Candidate]:
        """Consume the bars closed at `until_ms`; return what their closes decided, in order."""
        decided = []
        trigger = bars[self._trigger.timeframe]
        while setup := self._trigger.advance(trigger, until_ms=until_ms, stop_at_setup=True):
            self._read_roles(bars, until_ms=setup.known_at_ms)
            decided.append(self._decide(setup))
        self._read_roles(bars, until_ms=until_ms)
        self._keep_shifts()
        return decided

    def _read_roles(self, bars: Mapping[Timeframe, Candles], *, until_ms: int) -> None:
        # A bar of a higher timeframe is seen only once it has closed itself.
        self._zone.advance(bars[self._zone.timeframe], until_ms=until_ms)
        self._bias.advance(bars[self._bias.timeframe], until_ms=until_ms)

    def _keep_shifts(self) -> None:
        # Only major structure turns against a waiting plan: the return to its zone is a move the
        # other way, which breaks internal structure nearly every time.
        facts = self._trigger.drain_facts()
        wanted = (facts["kind"] == FactKind.SHIFT) & (facts["sub"] // 4 == SWING)
        for fact in facts[wanted]:
            self._shifts[int(fact["known_at"])] = _SIDES[fact["side"]]
        oldest = (self._trigger.known_at_ms or 0) - self._kept_ms
        self._shifts = {at: side for at, side in self._shifts.items() if at >= oldest}

    @property
    def _kept_ms(self) -> int:
        return (self._profile.setup.valid_bars + 2) * self._trigger.timeframe.duration_ms

    def shifts(self) -> Mapping[int, Direction]:
        """Return the shifts of the trigger's major structure while a plan may wait."""
        return self._shifts

    @property
    def is_warm(self) -> bool:
        """Return whether all three roles may speak."""
        return self._trigger.is_warm and self._zone.is_warm and self._bias.is_warm

    @property
    def regime(self) -> Regime | None:
        """Return the regime of the zone timeframe."""
        return self._zone.trend_and_regime()[1]

    def readings(self) -> Mapping[str, Reading]:
        """Return what each role knows at its newest close; a role without enough history lacks."""
        roles = {"trigger": self._trigger, "zone": self._zone, "bias": self._bias}
        found = {name: series.reading() for name, series in roles.items()}
        return {name: reading for name, reading in found.items() if reading is not None}

    def outlook(self) -> str:
        """Return what is known now and what a setup still lacks, in one sentence."""
        return describe_outlook(self.readings(), self._profile)

    def leader_at(self, time_ms: int) -> LeaderState | None:
        """Return the leading market's state known then; None for the leading market itself."""
        return None if self._leader is None else self._leader.at(time_ms)

    def _decide(self, setup: Setup) -> Candidate:
        readings = self.readings()
        tail = self._trigger.tail(self._instrument.symbol, WINDOW_BARS)
        if len(readings) < 3 or tail is None:
            return self._refused(setup, Stage.GATED, (_too_little_history(readings),))
        gap = _history_gap(readings, setup.known_at_ms)
        if gap is not None:
            return self._refused(setup, Stage.GATED, (gap,))
        return self._judge(SetupContext(setup=setup, **readings), tail)

    def _judge(self, context: SetupContext, tail: Candles) -> Candidate:
        profile, setup = self._profile, context.setup
        leader = self.leader_at(setup.known_at_ms)
        checks = judge_gates(context, leader=leader, profile=profile)
        if first_failed(checks) is not None:
            refused = self._refused(setup, Stage.GATED, checks)
            return self._with_shadow(refused, context, tail)
        confluence = score(context, momentum_reading(tail), leader, profile)
        checks = (*checks, judge_score(confluence, profile=profile))
        if first_failed(checks) is not None:
            refused = self._refused(setup, Stage.GATED, checks, confluence)
            return self._with_shadow(refused, context, tail)
        plan = self._planned(context, confluence)
        if isinstance(plan, Declined):
            return self._refused(setup, Stage.DECLINED, (*checks, plan.check), confluence)
        return Candidate(
            symbol=plan.symbol,
            at_ms=setup.known_at_ms,
            reason=None,
            setup_id=plan.setup_id,
            direction=plan.direction,
            plan=plan,
            confluence=confluence,
            checks=checks,
        )

    def _planned(self, context: SetupContext, confluence: Confluence) -> TradePlan | Declined:
        return plan_setup(
            context,
            confluence,
            instrument=self._instrument,
            profile=self._profile,
            leader=self.leader_at(context.setup.known_at_ms),
        )

    def _with_shadow(self, refused: Candidate, context: SetupContext, tail: Candles) -> Candidate:
        """Return a refused candidate with what would have been planned, as far as that is asked.

        A setup without an entry zone has neither score nor prices.
        """
        if refused.at_ms <= self._shadows_after_ms or refused.setup_id is None:
            return refused
        leader = self.leader_at(refused.at_ms)
        confluence = refused.confluence or score(
            context, momentum_reading(tail), leader, self._profile
        )
        plan = self._planned(context, confluence)
        return refused if isinstance(plan, Declined) else replace(refused, shadow=plan)

    def _refused(
        self,
        setup: Setup,
        stage: Stage,
        checks: tuple[Check, ...],
        confluence: Confluence | None = None,
    ) -> Candidate:
        """Return the candidate that the first failed check ended."""
        failed = first_failed(checks)
        if failed is None:
            raise ValueError("a refusal needs a failed check")
        zone = entry_zone(setup, self._profile.setup.zone_from)
        identity = (
            identify_setup(setup, zone, self._instrument, self._trigger.timeframe) if zone else None
        )
        return Candidate(
            symbol=self._instrument.symbol,
            at_ms=setup.known_at_ms,
            reason=TerminalReason(stage=stage, name=failed.code),
            detail=failed.sentence,
            setup_id=identity,
            direction=setup.direction,
            confluence=confluence,
            checks=checks,
        )


def _too_little_history(readings: Mapping[str, Reading]) -> Check:
    return Check(
        code="too_little_history",
        passed=False,
        sentence=f"roles that may speak: {', '.join(readings) or 'none'} (all three must); "
        f"{WINDOW_BARS} trigger bars must lie behind a decision",
    )


def _history_gap(readings: Mapping[str, Reading], decided_ms: int) -> Check | None:
    """Return a failed check where a role's newest bar lies behind a hole in its candles."""
    for name, reading in readings.items():
        bar_ms = reading.timeframe.duration_ms
        expected = reading.timeframe.floor(decided_ms)
        if expected - reading.known_at_ms >= _STALE_BARS * bar_ms:
            return Check(
                code="history_gap",
                passed=False,
                measured=utc_text(reading.known_at_ms),
                limit=utc_text(expected),
                sentence=f"the newest {reading.timeframe} bar of role {name} closed at "
                f"{utc_text(reading.known_at_ms)}: what happened since is unknown",
            )
    return None
