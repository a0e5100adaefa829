"""Readers of one timeframe that are wrong on purpose: each breaks one law of the analysis.

Each changes the bars before the real detectors see them, as a detector would that looked at the
next bar, at the first bar, at everything it was given, or at one side only.
"""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from snipersight.analysis.facts import Setup
from snipersight.analysis.smc.series import SmcSeries
from snipersight.domain.candles import COLUMNS, Candles
from tests.fakes.candle_table import with_prices


class ChangedSeries(SmcSeries):
    """The real detectors over changed bars."""

    def advance(
        self, candles: Candles, *, until_ms: int, stop_at_setup: bool = False
    ) -> Setup | None:
        """Take the changed bars."""
        return super().advance(self.read(candles), until_ms=until_ms, stop_at_setup=stop_at_setup)

    @abstractmethod
    def read(self, candles: Candles) -> Candles:
        """Return what this reader makes of its bars."""


class PeekingSeries(ChangedSeries):
    """Knows every bar one bar early; at the newest one there is nothing to peek at yet."""

    def read(self, candles: Candles) -> Candles:
        early = np.minimum(np.arange(len(candles)) + 1, len(candles) - 1)
        return with_prices(candles, **{name: getattr(candles, name)[early] for name in COLUMNS})


class AnchoredSeries(ChangedSeries):
    """Counts from the history's first bar and passes over every fifth one."""

    def read(self, candles: Candles) -> Candles:
        kept = np.arange(len(candles)) % 5 != 4
        names = ("open_time", *COLUMNS)
        return with_prices(candles, **{name: getattr(candles, name)[kept] for name in names})


class RepaintingSeries(ChangedSeries):
    """Judges every bar by the mean range of all bars it was given, later ones included."""

    def read(self, candles: Candles) -> Candles:
        usual = float(np.mean(candles.high - candles.low))
        top, bottom = (
            np.maximum(candles.open, candles.close),
            np.minimum(candles.open, candles.close),
        )
        high = np.minimum(candles.high, top + usual / 2)
        low = np.maximum(candles.low, bottom - usual / 2)
        return with_prices(candles, high=high, low=low)


class OneSidedSeries(ChangedSeries):
    """Sees only half of every lower wick."""

    def read(self, candles: Candles) -> Candles:
        body = np.minimum(candles.open, candles.close)
        return with_prices(candles, low=(body + candles.low) / 2)


class CoarseSeries(ChangedSeries):
    """Knows a smallest price step, whatever the price: wicks within a quarter do not exist."""

    def read(self, candles: Candles) -> Candles:
        top, bottom = (
            np.maximum(candles.open, candles.close),
            np.minimum(candles.open, candles.close),
        )
        high = np.where(candles.high - top < 0.25, top, candles.high)
        low = np.where(bottom - candles.low < 0.25, bottom, candles.low)
        return with_prices(candles, high=high, low=low)
