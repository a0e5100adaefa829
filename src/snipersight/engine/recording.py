"""A recorded market, and what was known of it and decided at each of its closes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from snipersight.domain.candles import Candles
from snipersight.domain.decision import Candidate
from snipersight.domain.direction import Direction
from snipersight.domain.funding import FundingRecord
from snipersight.domain.instrument import Instrument
from snipersight.domain.observations import MarketFacts, ReferencePrice
from snipersight.domain.ports import LeaderContext, PlanSource
from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Price, exact
from snipersight.planner.comparison.keeping import KeepsShifts


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One recorded market, as far as a profile needs it.

    Args:
        instrument: its rules.
        bars: closed bars of every timeframe that plays a role, warm-up included, to the end of
            the data.
        finer: bars that order what one of the trigger leaves open, and that prices and traded
            value are taken from.
        is_leading: it is the leading market itself, which has no leader.
        quote_rate: account currency for one unit of the quote currency; None where unknown.
        funding: its recorded rates; None: what is taken where nothing is known.
    """

    instrument: Instrument
    bars: Mapping[Timeframe, Candles]
    finer: Candles
    quote_rate: Decimal | None
    is_leading: bool = False
    funding: FundingRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Which decisions count.

    Args:
        start_ms, end_ms: closes later than the one and not later than the other.
    """

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What a plan source decided over a recorded market.

    Args:
        candidates: in the order of time.
        shifts: every shift of major structure, by the close that revealed it.
    """

    candidates: tuple[Candidate, ...]
    shifts: Mapping[int, Direction]

    def within(self, period: Period) -> tuple[Candidate, ...]:
        """Return what was decided in a period."""
        start_ms, end_ms = period.start_ms, period.end_ms
        return tuple(one for one in self.candidates if start_ms < one.at_ms <= end_ms)


def warm_ms(recording: Recording, profile: Profile) -> int:
    """Return from when on what a profile says does not depend on where the data begins."""
    history = profile.history()
    return max(
        int(recording.bars[one].open_time[0]) + warm_up_ms for one, warm_up_ms in history.items()
    )


def decide(
    recording: Recording, leader: LeaderContext, plans: PlanSource, profile: Profile
) -> Decided:
    """Return everything that a source decides over a recorded market.

    A feed keeps shifts as long as a plan may wait, so they are taken that often; one that keeps
    every shift takes all bars at once.

    Args:
        recording: the market.
        leader: the leading market's state over time.
        plans: decides.
        profile: its trigger timeframe, and how long a plan may wait.
    """
    feed = plans.open(recording.instrument, None if recording.is_leading else leader)
    trigger = recording.bars[profile.timeframe("trigger")]
    step_ms = profile.setup.valid_bars * trigger.timeframe.duration_ms
    end_ms = int(trigger.open_time[-1]) + trigger.timeframe.duration_ms
    if isinstance(feed, KeepsShifts):
        found = tuple(feed.advance(recording.bars, until_ms=end_ms))
        return Decided(candidates=found, shifts=feed.every_shift())
    candidates: list[Candidate] = []
    shifts: dict[int, Direction] = {}
    for moment_ms in range(int(trigger.open_time[0]) + step_ms, end_ms + step_ms, step_ms):
        candidates += feed.advance(recording.bars, until_ms=min(moment_ms, end_ms))
        shifts.update(feed.shifts())
    return Decided(candidates=tuple(candidates), shifts=shifts)


def facts_at(recording: Recording, at_ms: int, *, has_volume: bool = True) -> MarketFacts:
    """Return what was known of a market at a moment: its newest close, its value traded in a day.

    What no bar of the 24 hours before tells stays unknown, and unknown approves nothing.

    Args:
        recording: the market.
        at_ms: milliseconds UTC.
        has_volume: whether the value traded is told; valuing what is open does not need it.
    """
    bars = recording.finer
    stop = bars.closed_by(at_ms)
    first = int(bars.open_time.searchsorted(at_ms - DAY_MS, side="left"))
    if first >= stop:
        return MarketFacts(
            instrument=recording.instrument,
            quote_rate=recording.quote_rate,
            reference=None,
            quote_volume=None,
        )
    day = slice(first, stop)
    return MarketFacts(
        instrument=recording.instrument,
        quote_rate=recording.quote_rate,
        reference=ReferencePrice(
            price=Price(exact(float(bars.close[stop - 1]))),
            at_ms=int(bars.open_time[stop - 1]) + bars.timeframe.duration_ms,
            step_ms=bars.timeframe.duration_ms,
            source="the newest recorded close",
        ),
        # Summed as a source sums it: the gate's limits go by the last digit.
        quote_volume=exact(math.fsum(bars.close[day] * bars.volume[day])) if has_volume else None,
    )
