"""SMC setups as a source of plans: detectors, gates, score and planner in one feed a symbol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from snipersight.analysis.facts import Reading
from snipersight.analysis.smc.series import NEVER_MS, SmcSeries
from snipersight.domain.candles import Candles
from snipersight.domain.decision import Candidate
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Instrument
from snipersight.domain.ports import LeaderContext, LeaderState
from snipersight.domain.profile import Profile
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import Timeframe
from snipersight.planner.outlook import describe_outlook
from snipersight.planner.setup_judging import SetupJudge
from snipersight.planner.setup_reader import SeriesFactory, SetupReader


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
        shadows_after_ms: int = NEVER_MS,
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
        return self._feed()(
            instrument,
            leader,
            profile=self.profile,
            series=self._series,
            shadows_after_ms=self._shadows_after_ms,
        )

    def _feed(self) -> type[SmcPlanFeed]:
        return SmcPlanFeed


class SmcPlanFeed:
    """Decides at every trigger close that completes a setup, from what was known then."""

    def __init__(
        self,
        instrument: Instrument,
        leader: LeaderContext | None,
        *,
        profile: Profile,
        series: SeriesFactory,
        shadows_after_ms: int = NEVER_MS,
    ) -> None:
        self._leader, self._profile = leader, profile
        self._reader = SetupReader(instrument.symbol, profile, series=series)
        self._judge = SetupJudge(
            instrument, leader, profile=profile, shadows_after_ms=shadows_after_ms
        )
        self._shifts: dict[int, Direction] = {}

    def advance(self, bars: Mapping[Timeframe, Candles], *, until_ms: int) -> Sequence[Candidate]:
        """Consume the bars closed at `until_ms`; return what their closes decided, in order."""
        decided = [self._judge.decide(one) for one in self._reader.advance(bars, until_ms=until_ms)]
        self._keep_shifts()
        return decided

    def _keep_shifts(self) -> None:
        shifts = self._shifts | self._reader.fresh_shifts()
        oldest = (self._reader.trigger.known_at_ms or 0) - self._kept_ms
        self._shifts = {at: side for at, side in shifts.items() if at >= oldest}

    @property
    def _kept_ms(self) -> int:
        bars = self._profile.setup.valid_bars + 2
        return bars * self._reader.trigger.timeframe.duration_ms

    def shifts(self) -> Mapping[int, Direction]:
        """Return the shifts of the trigger's major structure while a plan may wait."""
        return self._shifts

    @property
    def is_warm(self) -> bool:
        """Return whether all three roles may speak."""
        return self._reader.is_warm

    @property
    def regime(self) -> Regime | None:
        """Return the regime of the zone timeframe."""
        return self._reader.regime

    def readings(self) -> Mapping[str, Reading]:
        """Return what each role knows at its newest close; a role without enough history lacks."""
        return self._reader.readings()

    def outlook(self) -> str:
        """Return what is known now and what a setup still lacks, in one sentence."""
        return describe_outlook(self.readings(), self._profile)

    def leader_at(self, time_ms: int) -> LeaderState | None:
        """Return the leading market's state known then; None for the leading market itself."""
        return None if self._leader is None else self._leader.at(time_ms)


class WholePlanFeed(SmcPlanFeed):
    """Implements `KeepsShifts`."""

    def _keep_shifts(self) -> None:
        self._shifts |= self._reader.fresh_shifts()

    def every_shift(self) -> Mapping[int, Direction]:
        """Return every shift of major structure since the first bar, by the close that revealed it."""
        return self._shifts


class WholePlanSource(SmcPlanSource):
    """The same plans for whoever gives a feed all bars at once and asks for all shifts afterwards."""

    def _feed(self) -> type[SmcPlanFeed]:
        return WholePlanFeed
