"""Readers that are wrong on purpose: each breaks one law, and that law must catch it.

They stand wherever an `SmcSeries` can stand, so they serve the laws of the series and of the scan.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from snipersight.analysis.facts import Reading, Setup
from snipersight.analysis.smc.log import FACT, FactKind
from snipersight.analysis.smc.series import SmcSeries
from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction


class _Choosing(SmcSeries):
    """Passes on only some of the setups and facts."""

    def advance(
        self, candles: Candles, *, until_ms: int, stop_at_setup: bool = False
    ) -> Setup | None:
        self._see(candles, until_ms)
        while True:
            setup = super().advance(candles, until_ms=until_ms, stop_at_setup=stop_at_setup)
            if setup is None or self._wants(setup, candles, until_ms):
                return setup
            if not stop_at_setup:
                return None

    def _see(self, candles: Candles, until_ms: int) -> None:
        """Look at the candles before they are taken."""

    def _wants(self, setup: Setup, candles: Candles, until_ms: int) -> bool:
        """Return whether to pass a setup on."""
        return True


class PeekingSeries(_Choosing):
    """Keeps only setups and breaks that the next bar confirms: no look-ahead, says the prefix law."""

    def _see(self, candles: Candles, until_ms: int) -> None:
        self._candles = candles

    def _wants(self, setup: Setup, candles: Candles, until_ms: int) -> bool:
        return self._confirmed(setup.known_at_ms, setup.direction.sign)

    def _confirmed(self, known_at_ms: int, sign: int) -> bool:
        following = int(np.searchsorted(self._candles.open_time, known_at_ms))
        if following >= len(self._candles):
            return True
        return bool(sign * (self._candles.close[following] - self._candles.open[following]) > 0)

    def facts(self) -> Any:
        facts = super().facts()
        shifts = facts["kind"] == FactKind.SHIFT
        kept = [
            not is_shift or self._confirmed(int(row["known_at"]), 1 - 2 * int(row["side"]))
            for row, is_shift in zip(facts, shifts, strict=True)
        ]
        return facts[np.array(kept, dtype=bool)]


class RepaintingSeries(_Choosing):
    """Forgets setups that went wrong since, and calls the newest bar a swing while it can."""

    _bars: Candles | None = None

    def _see(self, candles: Candles, until_ms: int) -> None:
        self._bars = candles.known_at(until_ms)

    def _wants(self, setup: Setup, candles: Candles, until_ms: int) -> bool:
        since = candles.known_at(until_ms).between(setup.known_at_ms, until_ms)
        if setup.direction is Direction.LONG:
            return not bool((since.low < setup.close).any())
        return not bool((since.high > setup.close).any())

    def facts(self) -> Any:
        facts, bars = super().facts(), self._bars
        if bars is None or len(bars) < 2 or not self.is_warm:
            return facts
        row = np.zeros(1, FACT)
        row["kind"], row["at"], row["known_at"] = (
            FactKind.SWING,
            bars.open_time[-1],
            bars.close_time[-1],
        )
        row["low"] = row["high"] = bars.high[-1]
        return np.concatenate([facts, row])


class FirstBarSeries(_Choosing):
    """Measures every setup and trend from the history's first close: no start law."""

    _first_close: float | None = None

    def _see(self, candles: Candles, until_ms: int) -> None:
        if self._first_close is None and len(candles):
            self._first_close = float(candles.close[0])

    def _wants(self, setup: Setup, candles: Candles, until_ms: int) -> bool:
        assert self._first_close is not None
        return setup.direction.sign * (setup.close - self._first_close) > 0

    def facts(self) -> Any:
        facts = super().facts()
        if self._first_close is None:
            return facts
        return facts[(facts["kind"] != FactKind.POOL) | (facts["low"] > self._first_close)]


class OneSidedSeries(_Choosing):
    """Asks more of shorts than of longs: no mirror law."""

    def _wants(self, setup: Setup, candles: Candles, until_ms: int) -> bool:
        return setup.direction is Direction.LONG or setup.sweep.depth_atr > 0.5

    def facts(self) -> Any:
        facts = super().facts()
        is_bearish_gap = (facts["kind"] == FactKind.GAP) & (facts["side"] == 1)
        return facts[~is_bearish_gap | (facts["value"] > 0.5)]


class AbsoluteSeries(_Choosing):
    """Knows a least distance in money instead of ATR: no scale law."""

    LEAST = 2.0

    def _wants(self, setup: Setup, candles: Candles, until_ms: int) -> bool:
        return abs(setup.close - setup.origin) > self.LEAST

    def facts(self) -> Any:
        facts = super().facts()
        return facts[(facts["kind"] != FactKind.GAP) | (facts["high"] - facts["low"] > self.LEAST)]


class WholeHistorySeries(SmcSeries):
    """Takes the extremes of all history as the dealing range: no start law for readings."""

    _low, _high = float("inf"), 0.0

    def advance(
        self, candles: Candles, *, until_ms: int, stop_at_setup: bool = False
    ) -> Setup | None:
        taken = candles.known_at(until_ms)
        if len(taken):
            self._low = min(self._low, float(taken.low.min()))
            self._high = max(self._high, float(taken.high.max()))
        return super().advance(candles, until_ms=until_ms, stop_at_setup=stop_at_setup)

    def reading(self) -> Reading | None:
        found = super().reading()
        if found is None:
            return None
        return replace(found, swing_low=self._low, swing_high=self._high)
