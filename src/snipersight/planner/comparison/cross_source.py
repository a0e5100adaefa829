"""Crosses of two moving averages with brackets: a plain benchmark, of results and of speed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

import numpy as np

from snipersight.domain.candles import Candles, Floats
from snipersight.domain.confluence import Confluence, Tier
from snipersight.domain.decision import Candidate
from snipersight.domain.direction import Direction
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.instrument import Instrument
from snipersight.domain.ports import LeaderContext
from snipersight.domain.profile import Profile
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Price, exact
from snipersight.planner.comparison.bar_window import Bars, BarWindow
from snipersight.planner.comparison.plan_maker import Idea, PlanMaker
from snipersight.planner.comparison.shapes import PlanShape, ShapeTarget
from snipersight.planner.comparison.tail_reading import atr_and_regime_at, regime_window_bars

_UNRANKED: Final = Confluence(score=0.0, tier=Tier.C, factors=())
_SIDES: Final = {1: Direction.LONG, -1: Direction.SHORT}


class CrossPlanSource:
    """A plan at the close of every bar on which a fast average crosses a slow one.

    Entered at once, at one price; stop and targets are fixed distances. Floors, costs, validity
    and management are the profile's, its detectors and gates play no part; regime is read from
    the trigger timeframe, structure is not read at all.

    Args:
        profile: as above.
        fast, slow: bars of the two simple moving averages, 1 <= fast < slow.
        stop_atr: distance of the stop in ATR, above 0.
        targets: distance of each exit in stop distances, and the share closed there; nearest first.

    Raises:
        ConfigInvalid: the averages are out of order.
        InvalidPlan: stop or targets are.
    """

    def __init__(
        self,
        profile: Profile,
        *,
        fast: int,
        slow: int,
        stop_atr: float,
        targets: Sequence[tuple[float, Decimal]],
    ) -> None:
        if not 1 <= fast < slow:
            raise ConfigInvalid(
                f"fast {fast} and slow {slow} bars make no cross",
                next_step="let the fast average be shorter than the slow one, 1 bar at least",
            )
        self.profile, self.fast, self.slow = profile, fast, slow
        self.shape = PlanShape(
            direction=Direction.LONG,
            approach_atr=Decimal(0),
            zone_atr=Decimal(0),
            stop_atr=exact(stop_atr),
            targets=tuple(ShapeTarget(distance_r=exact(r), fraction=part) for r, part in targets),
        )

    @property
    def name(self) -> str:
        """Return `cross`."""
        return "cross"

    @property
    def history(self) -> Mapping[Timeframe, int]:
        """Return the warm-up of the trigger timeframe in milliseconds, the only one it reads."""
        timeframe = self.profile.timeframe("trigger")
        return {timeframe: self.window_bars * timeframe.duration_ms}

    @property
    def window_bars(self) -> int:
        """Return how many bars a decision looks at."""
        return max(self.slow + 1, regime_window_bars(self.profile.roles.trigger))

    def open(self, instrument: Instrument, leader: LeaderContext | None) -> CrossPlanFeed:
        """Return an empty feed for one market; the leading market plays no part."""
        return CrossPlanFeed(self, instrument)


class CrossPlanFeed:
    """Decides at every close that ends a cross, from the bars known then."""

    def __init__(self, source: CrossPlanSource, instrument: Instrument) -> None:
        self._source = source
        self._rules = source.profile.roles.trigger
        self._timeframe = source.profile.timeframe("trigger")
        self._window = BarWindow(self._timeframe, bars=source.window_bars)
        self._regime: Regime | None = None
        self._shapes = {side: source.shape.facing(side) for side in Direction}
        self._maker = PlanMaker(
            instrument,
            source.profile,
            source=f"cross|{source.fast}|{source.slow}|{source.shape}",
            rationale=f"The average of {source.fast} closes crossed that of {source.slow} on "
            f"{self._timeframe}; the entry is at the close.",
        )

    def advance(self, bars: Mapping[Timeframe, Candles], *, until_ms: int) -> Sequence[Candidate]:
        """Consume the bars closed at `until_ms`; return what their closes decided, in order."""
        fresh = self._window.take(bars[self._timeframe], until_ms=until_ms)
        if fresh.first < len(fresh.close):
            self._regime = atr_and_regime_at(fresh, len(fresh.close) - 1, self._rules)[1]
        sides = crosses(fresh.close, self._source.fast, self._source.slow)
        rows = fresh.first + np.flatnonzero(sides[fresh.first :])
        return [self._decide(fresh, row, int(sides[row])) for row in rows.tolist()]

    def shifts(self) -> Mapping[int, Direction]:
        """Return nothing: structure is not read, and an entry at the close does not wait."""
        return {}

    def every_shift(self) -> Mapping[int, Direction]:
        """Return nothing, as `shifts` does: so a recording is decided on in one piece."""
        return {}

    @property
    def is_warm(self) -> bool:
        """Return whether enough bars were consumed to speak."""
        return self._window.is_full

    @property
    def regime(self) -> Regime | None:
        """Return the regime of the trigger timeframe at the newest close."""
        return self._regime

    def outlook(self) -> str:
        """Return what is waited for, in one sentence."""
        source = self._source
        if not self.is_warm:
            return f"too little history: {source.window_bars} bars of {self._timeframe} must close"
        return (
            f"no cross of the averages of {source.fast} and {source.slow} closes on "
            f"{self._timeframe}"
        )

    def _decide(self, bars: Bars, row: int, sign: int) -> Candidate:
        atr, regime = atr_and_regime_at(bars, row, self._rules)
        idea = Idea(
            shape=self._shapes[_SIDES[sign]],
            open_ms=int(bars.open_time[row]),
            close=Price(exact(float(bars.close[row]))),
            atr=Price(exact(atr)),
            regime=regime,
            confluence=_UNRANKED,
        )
        return self._maker.candidate(idea)


def crosses(close: Floats, fast: int, slow: int) -> Floats:
    """Return +1 where the fast average ends above the slow one and was not above it before.

    -1 for the mirrored case, else 0; also 0 on the bars without a whole slow average before them.

    Args:
        close: closes, oldest first.
        fast, slow: bars of the averages.
    """
    found = np.zeros(len(close))
    if len(close) > slow:
        above = moving_average(close, fast)[slow - fast :] - moving_average(close, slow)
        now, before = above[1:], above[:-1]
        found[slow:] = ((now > 0) & (before <= 0)) * 1.0 - ((now < 0) & (before >= 0))
    return found


def moving_average(values: Floats, bars: int) -> Floats:
    """Return the means of every `bars` (at least 1) values in a row, the first ones first.

    Each mean is summed anew, oldest value first. A running sum would be quicker and would carry
    its rounding along, so that a bar's answer depended on where the history begins.
    """
    count = len(values) - bars + 1
    total = values[:count].copy()
    for lag in range(1, bars):
        total += values[lag : lag + count]
    return total / bars
