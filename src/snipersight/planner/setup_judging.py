"""Whether a setup becomes a plan: gates, score and planner under one profile.

What was known at a setup's close follows from the candles and the profile's detectors alone; what
is made of it follows from the rest of the profile. They are apart so that profiles with the same
detectors can share the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from snipersight.analysis.confluence import score
from snipersight.analysis.entry_zone import entry_zone
from snipersight.analysis.facts import Reading, Setup, SetupContext
from snipersight.analysis.gates import first_failed, judge_gates, judge_score
from snipersight.analysis.momentum import WINDOW_BARS, Momentum
from snipersight.analysis.smc.series import NEVER_MS
from snipersight.domain.candles import utc_text
from snipersight.domain.confluence import Confluence
from snipersight.domain.decision import Candidate, Check, Stage, TerminalReason
from snipersight.domain.instrument import Instrument
from snipersight.domain.plan import TradePlan
from snipersight.domain.ports import LeaderContext, LeaderState
from snipersight.domain.profile import Profile
from snipersight.planner.declined import Declined
from snipersight.planner.identity import identify_setup
from snipersight.planner.planner import plan_setup

_STALE_BARS: Final = 2  # a role's running bar is one bar old at most; two means a hole


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSetup:
    """A setup with what was known at its close, whatever is made of it.

    Args:
        setup: itself.
        readings: by role; one without enough history lacks.
        momentum: tells that of the trigger timeframe; None where too few bars lie behind it.
    """

    setup: Setup
    readings: Mapping[str, Reading]
    momentum: Callable[[], Momentum | None] | None


class SetupJudge:
    """Decides on the setups of one market.

    Args:
        instrument: the market.
        leader: the leading market's state over time; None for the leading market itself.
        profile: gates, weights and planner.
        shadows_after_ms: setups decided later are planned as shadows where they are refused.
    """

    def __init__(
        self,
        instrument: Instrument,
        leader: LeaderContext | None,
        *,
        profile: Profile,
        shadows_after_ms: int = NEVER_MS,
    ) -> None:
        self._shadows_after_ms = shadows_after_ms
        self._instrument, self._leader, self._profile = instrument, leader, profile
        self._timeframe = profile.timeframe("trigger")

    def decide(self, seen: SeenSetup) -> Candidate:
        """Return what comes of a setup."""
        setup, readings = seen.setup, seen.readings
        if len(readings) < 3 or seen.momentum is None:
            return self._refused(setup, Stage.GATED, (_too_little_history(readings),))
        gap = _history_gap(readings, setup.known_at_ms)
        if gap is not None:
            return self._refused(setup, Stage.GATED, (gap,))
        return self._judge(SetupContext(setup=setup, **readings), seen.momentum)

    def _leader_at(self, time_ms: int) -> LeaderState | None:
        return None if self._leader is None else self._leader.at(time_ms)

    def _judge(self, context: SetupContext, momentum: Callable[[], Momentum | None]) -> Candidate:
        profile, setup = self._profile, context.setup
        leader = self._leader_at(setup.known_at_ms)
        checks = judge_gates(context, leader=leader, profile=profile)
        if first_failed(checks) is not None:
            refused = self._refused(setup, Stage.GATED, checks)
            return self._with_shadow(refused, context, momentum)
        confluence = score(context, momentum(), leader, profile)
        checks = (*checks, judge_score(confluence, profile=profile))
        if first_failed(checks) is not None:
            refused = self._refused(setup, Stage.GATED, checks, confluence)
            return self._with_shadow(refused, context, momentum)
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
            leader=self._leader_at(context.setup.known_at_ms),
        )

    def _with_shadow(
        self,
        refused: Candidate,
        context: SetupContext,
        momentum: Callable[[], Momentum | None],
    ) -> Candidate:
        """Return a refused candidate with what would have been planned, as far as that is asked.

        A setup without an entry zone has neither score nor prices.
        """
        if refused.at_ms <= self._shadows_after_ms or refused.setup_id is None:
            return refused
        leader = self._leader_at(refused.at_ms)
        confluence = refused.confluence or score(context, momentum(), leader, self._profile)
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
        identity = identify_setup(setup, zone, self._instrument, self._timeframe) if zone else None
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
