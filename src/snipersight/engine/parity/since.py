"""A source of plans that begins to speak at a moment, as an account that begins to trade then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from snipersight.domain.candles import Candles
from snipersight.domain.decision import Candidate
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Instrument
from snipersight.domain.ports import LeaderContext, PlanFeed, PlanSource
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol


class PlansSince:
    """A `PlanSource` without what another one decides before the beginning of each market.

    Args:
        plans: the other one.
        start_ms: closes up to which nothing counts, by symbol, milliseconds UTC.
    """

    def __init__(self, plans: PlanSource, start_ms: Mapping[Symbol, int]) -> None:
        self._plans = plans
        self._start_ms = start_ms

    @property
    def name(self) -> str:
        """Return the other one's name."""
        return self._plans.name

    @property
    def history(self) -> Mapping[Timeframe, int]:
        """Return the warm-up that the other one needs."""
        return self._plans.history

    def open(self, instrument: Instrument, leader: LeaderContext | None) -> PlanFeed:
        """Return a feed for one market."""
        feed = self._plans.open(instrument, leader)
        return _FeedSince(feed, self._start_ms[instrument.symbol])


class _FeedSince:
    """A `PlanFeed` that keeps to itself what was decided up to a moment."""

    def __init__(self, feed: PlanFeed, start_ms: int) -> None:
        self._feed = feed
        self._start_ms = start_ms

    def advance(self, bars: Mapping[Timeframe, Candles], *, until_ms: int) -> Sequence[Candidate]:
        found = self._feed.advance(bars, until_ms=until_ms)
        return [one for one in found if one.at_ms > self._start_ms]

    def shifts(self) -> Mapping[int, Direction]:
        return self._feed.shifts()

    @property
    def is_warm(self) -> bool:
        return self._feed.is_warm

    @property
    def regime(self) -> Regime | None:
        return self._feed.regime

    def outlook(self) -> str:
        return self._feed.outlook()
