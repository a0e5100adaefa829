"""Recorded markets made ready for trading, once for all the accounts that trade on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from snipersight.domain.profile import Profile
from snipersight.domain.units import Symbol
from snipersight.engine.backtesting.hourly_universe import HourlyUniverse
from snipersight.engine.backtesting.marking import Closes
from snipersight.engine.backtesting.observing import Observer
from snipersight.engine.recording import Recording
from snipersight.matching.outcomes.series import Series, series_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Arena:
    """Markets of one venue over one stretch of time, as one profile's timeframes see them.

    What it holds follows from the candles alone, so any number of backtests may share it, one
    after the other.

    Args:
        recordings: of every market.
        closes: that accounts are marked at: those of the trigger bars.
        series: bars that trades are walked over, the finest there are.
        observer: tells the gate of the markets.
        universe: which of them are looked at, hour by hour; None: all, always.
    """

    recordings: Mapping[Symbol, Recording]
    closes: Closes
    series: Mapping[Symbol, Series]
    observer: Observer
    universe: HourlyUniverse | None = None

    @classmethod
    def of(
        cls,
        recordings: Mapping[Symbol, Recording],
        profile: Profile,
        *,
        venue: str,
        until_ms: int,
        universe: HourlyUniverse | None = None,
    ) -> Arena:
        """Return the arena of recorded markets.

        Args:
            recordings: of every market.
            profile: its trigger timeframe.
            venue: that the candles are of.
            until_ms: no bar that closes later is looked at.
            universe: which of them are looked at, hour by hour; None: all, always.

        Raises:
            DataInvalid: finer candles do not fit the coarse ones.
        """
        trigger = profile.timeframe("trigger")
        candles = {symbol: one.bars[trigger] for symbol, one in recordings.items()}
        series = {}
        for symbol, one in recordings.items():
            finer = one.finer if one.finer.timeframe < trigger else None
            series[symbol] = series_of(candles[symbol], finer, until_ms=until_ms)
        return cls(
            recordings=recordings,
            closes=Closes(
                candles=candles,
                step_ms=trigger.duration_ms,
                finer={symbol: one.finer for symbol, one in recordings.items()},
            ),
            series=series,
            observer=Observer(venue, recordings),
            universe=universe,
        )

    def looks_at(self, symbol: Symbol, at_ms: int) -> bool:
        """Return whether a market is looked at at a moment."""
        return self.universe is None or self.universe.holds(symbol, at_ms)

    def first_look_ms(self, symbol: Symbol, *, since_ms: int, before_ms: int) -> int | None:
        """Return the first close at which a market is looked at; None where there is none.

        Args:
            symbol: of the market.
            since_ms: the first close that counts.
            before_ms: closes from then on do not count.
        """
        closes = range(since_ms, before_ms, self.closes.step_ms)
        return next((one for one in closes if self.looks_at(symbol, one)), None)
