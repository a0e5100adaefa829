"""What the gate is told of recorded markets at a moment: nothing that closed later."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from snipersight.analysis.resampling import resample
from snipersight.domain.observations import Correlations, Observations
from snipersight.domain.units import Currency, Symbol
from snipersight.engine.correlating import HISTORY_MS, MIN_OVERLAP, RETURNS, TIMEFRAME, WINDOW
from snipersight.engine.recording import Recording, facts_at
from snipersight.risk.exposure.correlation import Closes, correlate


@dataclass(slots=True)
class Observer:
    """Observes recorded markets as a scan observes its venue.

    Args:
        venue: its name.
        markets: recordings by symbol.
    """

    venue: str
    markets: Mapping[Symbol, Recording]
    _closes: dict[Currency, Closes] = field(default_factory=dict)
    _told: dict[int, Correlations] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the closes that correlations are told from, once."""
        for symbol in sorted(self.markets):
            recording = self.markets[symbol]
            if recording.finer.timeframe <= TIMEFRAME:
                bars = resample(recording.finer, TIMEFRAME)
                closes = Closes(open_times_ms=bars.open_time, prices=bars.close)
                self._closes.setdefault(recording.instrument.underlying, closes)

    def at(self, at_ms: int, symbols: Collection[Symbol], *, is_judging: bool) -> Observations:
        """Return what is known of some markets at a moment.

        Args:
            at_ms: milliseconds UTC.
            symbols: markets that plans or positions are in.
            is_judging: plans are to be judged, which takes knowing what is traded of each market and
                how assets move together.
        """
        chosen = sorted(set(symbols))
        is_related = is_judging and len(chosen) > 1
        return Observations(
            venue=self.venue,
            as_of_ms=at_ms,
            markets={
                one: facts_at(self.markets[one], at_ms, has_volume=is_judging) for one in chosen
            },
            correlations=self._correlations(at_ms) if is_related else Correlations(),
            clock_skew_ms=0,
        )

    def _correlations(self, at_ms: int) -> Correlations:
        """Return how all assets moved together; the same until the next bar of them closes."""
        closed_ms = TIMEFRAME.floor(at_ms)
        if closed_ms not in self._told:
            closes = {asset: _before(one, closed_ms) for asset, one in self._closes.items()}
            self._told[closed_ms] = correlate(
                closes, returns=RETURNS, min_overlap=MIN_OVERLAP, window=WINDOW
            )
        return self._told[closed_ms]


def _before(closes: Closes, closed_ms: int) -> Closes:
    """Return the bars that had closed by a boundary, as far back as correlations look."""
    times = np.asarray(closes.open_times_ms)
    first = int(np.searchsorted(times, closed_ms - HISTORY_MS, side="left"))
    stop = int(np.searchsorted(times, closed_ms, side="left"))
    return Closes(open_times_ms=times[first:stop], prices=np.asarray(closes.prices)[first:stop])
