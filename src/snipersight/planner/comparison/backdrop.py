"""What a reader of setups knows of a market beside any setup: shifts, regime, warmth.

Structure shifts end waiting plans and unusual volatility shrinks them, whoever planned them. Reading
that costs far more than drawing entries, so that sources over the same candles share one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from snipersight.analysis.factors_conflict import unusual_volatility
from snipersight.analysis.smc.layout import SWING
from snipersight.analysis.smc.log import FactKind
from snipersight.analysis.smc.series import SmcSeries
from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Instrument
from snipersight.domain.profile import Profile
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol

_SIDES: Final = (Direction.LONG, Direction.SHORT)
_ROLES: Final = 3
# Facts of so many bars are held at once; those of years would fill the memory.
_PORTION_BARS: Final = 10_000
_STALE_BARS: Final = 2  # as the setups' source has it: two bars behind means a hole


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketState:
    """The zone timeframe at one close.

    Args:
        regime: of the market.
        unusual_volatility: 0 (as usual) to 1; sizes shrink by it.
    """

    regime: Regime
    unusual_volatility: float


class Backdrop:
    """One market under one profile, close by close.

    Args:
        profile: whose roles are read.
    """

    def __init__(self, profile: Profile) -> None:
        roles, setup = profile.roles, profile.setup
        trigger, zone, bias = (profile.timeframe(role) for role in ("trigger", "zone", "bias"))
        self._trigger = SmcSeries(roles.trigger, trigger, setup, facts_from_ms=0)
        self._zone = SmcSeries(roles.zone, zone, setup)
        self._bias = SmcSeries(roles.bias, bias, setup)
        self._zone_rules = roles.zone
        self._warm: dict[Timeframe, int] = {}
        self._shift_times: list[int] = []
        self._shift_sides: list[Direction] = []
        self._zone_times: list[int] = []
        self._states: list[MarketState | None] = []

    def advance(self, bars: Mapping[Timeframe, Candles], *, until_ms: int) -> None:
        """Take the bars closed at `until_ms` that were not taken yet."""
        self._read_trigger(bars[self._trigger.timeframe], until_ms=until_ms)
        self._read_zone(bars[self._zone.timeframe], until_ms=until_ms)
        self._read(self._bias, bars[self._bias.timeframe], until_ms=until_ms)

    @property
    def warm_ms(self) -> int | None:
        """Return the close from which all three roles may speak, None before it."""
        return max(self._warm.values()) if len(self._warm) == _ROLES else None

    def state_at(self, time_ms: int) -> MarketState | None:
        """Return what was known at a moment; None while unknown, or behind a hole in the bars."""
        index = bisect_right(self._zone_times, time_ms) - 1
        if index < 0:
            return None
        timeframe = self._zone.timeframe
        age_ms = timeframe.floor(time_ms) - self._zone_times[index]
        return self._states[index] if age_ms < _STALE_BARS * timeframe.duration_ms else None

    def shifts(self, from_ms: int, until_ms: int) -> dict[int, Direction]:
        """Return the shifts of major structure known in a span, both ends included, by close."""
        span = slice(
            bisect_left(self._shift_times, from_ms), bisect_right(self._shift_times, until_ms)
        )
        return dict(zip(self._shift_times[span], self._shift_sides[span], strict=True))

    def _read_trigger(self, candles: Candles, *, until_ms: int) -> None:
        portions = _new_closes(self._trigger, candles, until_ms=until_ms)[::_PORTION_BARS]
        for moment_ms in (*portions, until_ms):
            self._read(self._trigger, candles, until_ms=moment_ms)
            self._keep_shifts()

    def _read_zone(self, candles: Candles, *, until_ms: int) -> None:
        for closed_at_ms in _new_closes(self._zone, candles, until_ms=until_ms):
            self._read(self._zone, candles, until_ms=closed_at_ms)
            self._zone_times.append(closed_at_ms)
            self._states.append(self._newest_state())

    def _read(self, series: SmcSeries, candles: Candles, *, until_ms: int) -> None:
        if series.timeframe not in self._warm:
            # One by one, so that the moment is the same however the bars come.
            for closed_at_ms in _new_closes(series, candles, until_ms=until_ms):
                series.advance(candles, until_ms=closed_at_ms)
                if series.is_warm:
                    self._warm[series.timeframe] = closed_at_ms
                    break
        series.advance(candles, until_ms=until_ms)

    def _keep_shifts(self) -> None:
        facts = self._trigger.drain_facts()
        wanted = (facts["kind"] == FactKind.SHIFT) & (facts["sub"] // 4 == SWING)
        for fact in facts[wanted]:
            self._shift_times.append(int(fact["known_at"]))
            self._shift_sides.append(_SIDES[fact["side"]])

    def _newest_state(self) -> MarketState | None:
        regime, percentile = self._zone.trend_and_regime()[1], self._zone.atr_percentile()
        if regime is None or percentile is None:
            return None
        return MarketState(
            regime=regime, unusual_volatility=unusual_volatility(percentile, self._zone_rules)
        )


class Backdrops:
    """The backdrops of the markets of one recording, each read once and shared.

    Args:
        profile: whose roles are read.
    """

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._known: dict[tuple[str, Symbol], Backdrop] = {}

    def of(self, instrument: Instrument) -> Backdrop:
        """Return the backdrop of a market; always the same, whoever asks."""
        key = (instrument.venue, instrument.symbol)
        return self._known.setdefault(key, Backdrop(self.profile))


def _new_closes(series: SmcSeries, candles: Candles, *, until_ms: int) -> list[int]:
    closes = candles.close_time
    first = int(np.searchsorted(closes, series.known_at_ms or 0, side="right"))
    stop = int(np.searchsorted(closes, until_ms, side="right"))
    return list(map(int, closes[first:stop]))
