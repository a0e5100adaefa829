"""BTC's state as it was known at any moment: the context of every other symbol."""

from __future__ import annotations

from bisect import bisect_right

from snipersight.analysis.smc.series import SmcSeries
from snipersight.domain.candles import Candles
from snipersight.domain.ports import LeaderState
from snipersight.domain.profile import Profile
from snipersight.domain.regime import Regime


class LeaderTimeline:
    """Trend and regime of the leading market's bias timeframe, close by close.

    Args:
        profile: whose bias role is read.
    """

    def __init__(self, profile: Profile) -> None:
        self._series = SmcSeries(profile.roles.bias, profile.timeframe("bias"), profile.setup)
        self._known_at_ms: list[int] = []
        self._states: list[tuple[int, Regime | None]] = []

    def advance(self, candles: Candles, *, until_ms: int) -> None:
        """Take the bars closed at `until_ms` that were not taken yet."""
        last = self._series.known_at_ms or 0
        for closed_at_ms in candles.close_time:
            if last < closed_at_ms <= until_ms:
                self._series.advance(candles, until_ms=int(closed_at_ms))
                self._known_at_ms.append(int(closed_at_ms))
                self._states.append(self._series.trend_and_regime())

    def at(self, time_ms: int) -> LeaderState:
        """Return the state known at `time_ms`; nothing is known before the first warm bar."""
        index = bisect_right(self._known_at_ms, time_ms) - 1
        if index < 0 or self._states[index][1] is None:
            return LeaderState(trend=0, regime=None, known_at_ms=None)
        trend, regime = self._states[index]
        return LeaderState(trend=trend, regime=regime, known_at_ms=self._known_at_ms[index])

    def forget(self, before_ms: int) -> None:
        """Let go of what was known before a moment; nobody asks about it any more."""
        count = bisect_right(self._known_at_ms, before_ms - 1)
        del self._known_at_ms[:count], self._states[:count]
