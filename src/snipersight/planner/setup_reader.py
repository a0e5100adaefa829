"""The setups of one market, with what the three roles of a profile know as each is complete."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final, Protocol

from snipersight.analysis.facts import Reading, Setup
from snipersight.analysis.momentum import WINDOW_BARS, Momentum, momentum_reading
from snipersight.analysis.smc.layout import SWING
from snipersight.analysis.smc.log import FactKind
from snipersight.analysis.smc.series import NEVER_MS, SmcSeries
from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from snipersight.domain.profile import Profile, SetupRules, SmcRules
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.planner.setup_judging import SeenSetup

_SIDES: Final = (Direction.LONG, Direction.SHORT)


class SeriesFactory(Protocol):
    """Makes the reader of one timeframe; the default is `SmcSeries`."""

    def __call__(
        self, rules: SmcRules, timeframe: Timeframe, setup: SetupRules, *, facts_from_ms: int
    ) -> SmcSeries:
        """Return an empty series."""
        ...


class SetupReader:
    """Reads the bars of a market through the detectors of a profile.

    Args:
        symbol: of the market.
        profile: its timeframes, the detectors of each role, and what completes a setup; nothing
            else of it plays a part.
        series: what reads a timeframe.
    """

    def __init__(
        self, symbol: Symbol, profile: Profile, *, series: SeriesFactory = SmcSeries
    ) -> None:
        self._symbol = symbol
        roles, setup = profile.roles, profile.setup
        make: Callable[..., SmcSeries] = series
        self.trigger = make(roles.trigger, profile.timeframe("trigger"), setup, facts_from_ms=0)
        self._zone = make(roles.zone, profile.timeframe("zone"), setup, facts_from_ms=NEVER_MS)
        self._bias = make(roles.bias, profile.timeframe("bias"), setup, facts_from_ms=NEVER_MS)

    def advance(self, bars: Mapping[Timeframe, Candles], *, until_ms: int) -> Iterator[SeenSetup]:
        """Consume the bars closed at `until_ms`; yield each setup as it is complete, in order.

        All bars are consumed once the last one was taken.
        """
        trigger = bars[self.trigger.timeframe]
        while setup := self.trigger.advance(trigger, until_ms=until_ms, stop_at_setup=True):
            self._read_roles(bars, until_ms=setup.known_at_ms)
            yield self._seen(setup)
        self._read_roles(bars, until_ms=until_ms)

    def _read_roles(self, bars: Mapping[Timeframe, Candles], *, until_ms: int) -> None:
        # A bar of a higher timeframe is seen only once it has closed itself.
        self._zone.advance(bars[self._zone.timeframe], until_ms=until_ms)
        self._bias.advance(bars[self._bias.timeframe], until_ms=until_ms)

    def _seen(self, setup: Setup) -> SeenSetup:
        tail = self.trigger.tail(self._symbol, WINDOW_BARS)
        return SeenSetup(
            setup=setup,
            readings=self.readings(),
            momentum=None if tail is None else partial(_momentum_of, tail),
        )

    def fresh_shifts(self) -> dict[int, Direction]:
        """Return the shifts of the trigger's major structure since this was asked last."""
        # Only major structure turns against a waiting plan: the return to its zone is a move the
        # other way, which breaks internal structure nearly every time.
        facts = self.trigger.drain_facts()
        wanted = (facts["kind"] == FactKind.SHIFT) & (facts["sub"] // 4 == SWING)
        return {int(fact["known_at"]): _SIDES[fact["side"]] for fact in facts[wanted]}

    @property
    def is_warm(self) -> bool:
        """Return whether all three roles may speak."""
        return self.trigger.is_warm and self._zone.is_warm and self._bias.is_warm

    @property
    def regime(self) -> Regime | None:
        """Return the regime of the zone timeframe."""
        return self._zone.trend_and_regime()[1]

    def readings(self) -> Mapping[str, Reading]:
        """Return what each role knows at its newest close; a role without enough history lacks."""
        roles = {"trigger": self.trigger, "zone": self._zone, "bias": self._bias}
        found = {name: series.reading() for name, series in roles.items()}
        return {name: reading for name, reading in found.items() if reading is not None}


def _momentum_of(tail: Callable[[], Candles]) -> Momentum | None:
    return momentum_reading(tail())
