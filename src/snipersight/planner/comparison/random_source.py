"""Entries drawn by lot: everything but the entry is as the profile has it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final

import numpy as np

from snipersight.analysis.confluence import tier_of
from snipersight.domain.candles import Candles
from snipersight.domain.confluence import Confluence, Factor
from snipersight.domain.decision import Candidate
from snipersight.domain.direction import Direction
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.instrument import Instrument
from snipersight.domain.ports import LeaderContext
from snipersight.domain.profile import Profile
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Price, exact
from snipersight.planner.comparison.backdrop import Backdrops, MarketState
from snipersight.planner.comparison.bar_window import Bars, BarWindow
from snipersight.planner.comparison.draws import Draws
from snipersight.planner.comparison.plan_maker import Idea, PlanMaker
from snipersight.planner.comparison.shapes import PlanShape, typical_shapes
from snipersight.planner.comparison.tail_reading import WINDOW_BARS, atr_at

_BEST: Final = 100.0


class RandomPlanSource:
    """A plan at randomly drawn closes, shaped like the plans it is compared with.

    Whether a bar is drawn, and which shape, depends on the seed, the symbol and the bar's open
    time alone: not on other markets, nor on how the bars come. Floors, costs, validity,
    management, structure shifts and the scaling of sizes are the profile's, and no plan comes
    before all its roles may speak; gates and score play no part, for what they know is part of
    what is tested. The score is drawn too, so that plans compete for the budget by lot.

    Args:
        profile: as above.
        seed: another one draws other entries.
        rate: probability of an entry at each trigger close, above 0, at most 1. Those that the
            floors decline are among them.
        shapes: of the plans to compare with, each as likely as it occurs here, their directions
            included; empty: what is typical of the profile, both directions alike. A market that
            allows no short takes every shape as a long.
        backdrops: share them among sources that read the same candles under this profile; None:
            the source reads its own.

    Raises:
        ConfigInvalid: the rate is out of range, or the backdrops are another profile's.
        InvalidPlan: the profile has no typical shape.
    """

    def __init__(
        self,
        profile: Profile,
        *,
        seed: int,
        rate: float,
        shapes: Sequence[PlanShape] = (),
        backdrops: Backdrops | None = None,
    ) -> None:
        if not 0 < rate <= 1:
            raise ConfigInvalid(
                f"rate {rate} is no probability of an entry at a close",
                next_step="give a number above 0, at most 1",
            )
        self.backdrops = backdrops or Backdrops(profile)
        if self.backdrops.profile != profile:
            raise ConfigInvalid(
                f"backdrops of profile {self.backdrops.profile.name} cannot serve {profile.name}",
                next_step="make them of the same profile",
            )
        self.profile, self.seed, self.rate = profile, seed, rate
        self.shapes = tuple(shapes) or typical_shapes(profile)

    @property
    def name(self) -> str:
        """Return `random`."""
        return "random"

    @property
    def history(self) -> Mapping[Timeframe, int]:
        """Return the warm-up of each timeframe in milliseconds, the profile's own."""
        return self.profile.history()

    @cached_property
    def terms(self) -> str:
        """Return everything a draw depends on, in short: part of the identity of its plans."""
        digest = hashlib.sha256(repr(self.shapes).encode()).hexdigest()[:16]
        return f"random|{self.seed}|{self.rate}|{digest}"

    def open(self, instrument: Instrument, leader: LeaderContext | None) -> RandomPlanFeed:
        """Return an empty feed for one market; the leading market plays no part."""
        return RandomPlanFeed(self, instrument)


class RandomPlanFeed:
    """Draws at every trigger close whether it brings an entry, and which."""

    def __init__(self, source: RandomPlanSource, instrument: Instrument) -> None:
        self._profile, self._rate = source.profile, source.rate
        self._shapes = source.shapes
        if not instrument.allows_short:
            self._shapes = tuple(shape.facing(Direction.LONG) for shape in source.shapes)
        self._timeframe = source.profile.timeframe("trigger")
        self._window = BarWindow(self._timeframe, bars=WINDOW_BARS)
        self._backdrop = source.backdrops.of(instrument)
        self._entries, self._choices, self._ranks = (
            Draws(source.seed, instrument.symbol, purpose) for purpose in ("entry", "shape", "rank")
        )
        self._maker = PlanMaker(
            instrument,
            source.profile,
            source=source.terms,
            rationale=f"The entry was drawn by lot with the seed {source.seed}; nothing in the "
            "market speaks for it.",
        )

    def advance(self, bars: Mapping[Timeframe, Candles], *, until_ms: int) -> Sequence[Candidate]:
        """Consume the bars closed at `until_ms`; return what their closes decided, in order."""
        self._backdrop.advance(bars, until_ms=until_ms)
        fresh = self._window.take(bars[self._timeframe], until_ms=until_ms)
        warm_ms = self._backdrop.warm_ms
        if warm_ms is None:
            return []
        times = fresh.open_time[fresh.first :]
        is_drawn = (self._entries.at(times) < self._rate) & (
            times + self._timeframe.duration_ms >= warm_ms
        )
        rows = fresh.first + np.flatnonzero(is_drawn)
        choices = self._choices.at(fresh.open_time[rows]) * len(self._shapes)
        ranks = self._ranks.at(fresh.open_time[rows])
        return [
            self._decide(fresh, row, self._shapes[int(choice)], rank)
            for row, choice, rank in zip(rows.tolist(), choices, ranks, strict=True)
        ]

    def shifts(self) -> Mapping[int, Direction]:
        """Return the shifts of the trigger's major structure while a plan may wait."""
        now_ms = self._window.known_at_ms or 0
        kept_ms = (self._profile.setup.valid_bars + 2) * self._timeframe.duration_ms
        return self._backdrop.shifts(now_ms - kept_ms, now_ms)

    def every_shift(self) -> Mapping[int, Direction]:
        """Return the shifts of the trigger's major structure since the first bar."""
        return self._backdrop.shifts(0, self._window.known_at_ms or 0)

    @property
    def is_warm(self) -> bool:
        """Return whether all three roles may speak and the ATR has its bars."""
        warm_ms, now_ms = self._backdrop.warm_ms, self._window.known_at_ms
        return (
            self._window.is_full
            and warm_ms is not None
            and now_ms is not None
            and now_ms >= warm_ms
        )

    @property
    def regime(self) -> Regime | None:
        """Return the regime of the zone timeframe."""
        now_ms = self._window.known_at_ms
        state = None if now_ms is None else self._backdrop.state_at(now_ms)
        return None if state is None else state.regime

    def outlook(self) -> str:
        """Return what is waited for, in one sentence."""
        if not self.is_warm:
            return "too little history: bias, zone and trigger must be able to speak"
        return (
            f"no entry was drawn; each {self._timeframe} close brings one with a probability of "
            f"{self._rate:g}"
        )

    def _decide(self, bars: Bars, row: int, shape: PlanShape, rank: float) -> Candidate:
        open_ms = int(bars.open_time[row])
        state = self._backdrop.state_at(open_ms + self._timeframe.duration_ms)
        idea = Idea(
            shape=shape,
            open_ms=open_ms,
            close=Price(exact(float(bars.close[row]))),
            atr=Price(exact(atr_at(bars, row))),
            regime=None if state is None else state.regime,
            confluence=self._drawn(float(rank), state),
        )
        return self._maker.candidate(idea)

    def _drawn(self, rank: float, state: MarketState | None) -> Confluence:
        score = rank * _BEST
        lot = Factor(
            name="lot", value=rank, weight=_BEST, contribution=score, sentence="drawn by lot"
        )
        # Sizes shrink by this factor's value; by lot it is not, so it adds nothing to the rank.
        volatile = Factor(
            name="volatile",
            value=0.0 if state is None else state.unusual_volatility,
            weight=0.0,
            contribution=0.0,
            sentence="how unusual the volatility is, as every plan's size is scaled by it",
        )
        return Confluence(score=score, tier=tier_of(score, self._profile), factors=(lot, volatile))
