"""What the gate is told of recorded markets at a moment: nothing that closed later."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from snipersight.analysis.resampling import resample
from snipersight.domain.observations import Correlations, Observations
from snipersight.domain.units import Currency, Symbol
from snipersight.engine.backtesting.leeway import Floats
from snipersight.engine.correlating import HISTORY_MS, MIN_OVERLAP, RETURNS, TIMEFRAME, WINDOW
from snipersight.engine.recording import Recording, facts_at
from snipersight.risk.exposure.correlation import AlignedCloses, Closes


@dataclass(slots=True)
class Observer:
    """Observes recorded markets as a scan observes its venue.

    Args:
        venue: its name.
        markets: recordings by symbol.
    """

    venue: str
    markets: Mapping[Symbol, Recording]
    _aligned: AlignedCloses = field(init=False)
    _tables: dict[int, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the closes that correlations are told from, once."""
        found: dict[Currency, Closes] = {}
        for symbol in sorted(self.markets):
            recording = self.markets[symbol]
            if recording.finer.timeframe <= TIMEFRAME:
                bars = resample(recording.finer, TIMEFRAME)
                closes = Closes(open_times_ms=bars.open_time, prices=bars.close)
                found.setdefault(recording.instrument.underlying, closes)
        self._aligned = AlignedCloses.of(found)

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
            correlations=self._correlations(at_ms, chosen) if is_related else Correlations(),
            clock_skew_ms=0,
        )

    def _correlations(self, at_ms: int, symbols: Collection[Symbol]) -> Correlations:
        """Return how the assets of markets moved together, among all that there are."""
        closed_ms = TIMEFRAME.floor(at_ms)
        table = self._tables.get(closed_ms)
        if table is None:
            # The same until the next bar closes, for every run over the same markets.
            table = self._tables[closed_ms] = self._aligned.coefficients(
                returns=RETURNS,
                min_overlap=MIN_OVERLAP,
                since_ms=closed_ms - HISTORY_MS,
                before_ms=closed_ms,
            )
        assets = {self.markets[one].instrument.underlying for one in symbols}
        return self._aligned.correlations(table, window=WINDOW, among=assets)
