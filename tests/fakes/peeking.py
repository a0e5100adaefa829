"""Plans of a source that looks ahead where it can: what parity with a run must catch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from snipersight.bootstrap.evidence.parity_run import smc_plans
from snipersight.domain.candles import Candles
from snipersight.domain.decision import Candidate
from snipersight.domain.instrument import Instrument
from snipersight.domain.ports import LeaderContext, PlanFeed, PlanSource
from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import Timeframe


def peeking_plans(profile: Profile, since_ms: int) -> PlanSource:
    """Return plans that go by the bar after the one that decides, where it is known."""
    return PeekingPlans(smc_plans(profile, since_ms), profile.timeframe("trigger"))


class PeekingPlans:
    """A `PlanSource` whose plans are not those of the moment if the bars hold what comes."""

    def __init__(self, plans: PlanSource, trigger: Timeframe) -> None:
        self._plans, self._trigger = plans, trigger
        self.name, self.history = plans.name, plans.history

    def open(self, instrument: Instrument, leader: LeaderContext | None) -> PlanFeed:
        return PeekingFeed(self._plans.open(instrument, leader), self._trigger)


class PeekingFeed:
    """A `PlanFeed` that withholds every plan whose next bar is there to be looked at."""

    def __init__(self, feed: PlanFeed, trigger: Timeframe) -> None:
        self._feed, self._trigger = feed, trigger
        self.shifts, self.outlook = feed.shifts, feed.outlook

    @property
    def is_warm(self) -> bool:
        return self._feed.is_warm

    @property
    def regime(self):
        return self._feed.regime

    def advance(self, bars: Mapping[Timeframe, Candles], *, until_ms: int) -> Sequence[Candidate]:
        trigger = bars[self._trigger]
        found = self._feed.advance(bars, until_ms=until_ms)
        return [one for one in found if trigger.closed_by(one.at_ms) == len(trigger)]
