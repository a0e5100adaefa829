"""Warm markets as a running watch would hold them, made from the built-in market.

A market is one feed of the `balanced` profile (a series for each of its three timeframes, gates,
score and planner) and a 5m series beside it. Several markets may share the candles of a symbol at different dates;
each has a state of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from benchmarks.candles import BITCOIN, END_MS, FIVE_MINUTES
from benchmarks.scan_stack import new_series, shipped
from snipersight.analysis.leader import LeaderTimeline
from snipersight.analysis.smc.series import NEVER_MS, SmcSeries
from snipersight.domain.candles import Candles
from snipersight.domain.instrument import Instrument
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Symbol
from snipersight.planner.smc_source import SmcPlanFeed, SmcPlanSource
from snipersight.sandbox.market import SyntheticMarket

SYMBOLS: Final = 25
DAYS: Final = 20
_SEARCHED_DAYS: Final = 120  # for setups, which are rare
_MOST_BOUNDARIES: Final = 10

Bars = Mapping[Timeframe, Candles]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedMarket:
    """One market.

    Args:
        feed: the three roles of the profile, and everything behind them.
        fourth: the 5m series.
        bars: closed bars of the four timeframes, on both sides of the moment.
        moment_ms: the close to be measured, milliseconds UTC.
    """

    feed: SmcPlanFeed
    fourth: SmcSeries
    bars: Bars
    moment_ms: int

    def advance(self, *, until_ms: int) -> int:
        """Take the bars closed by then; return how many candidates they decided."""
        decided = self.feed.advance(self.bars, until_ms=until_ms)
        self.fourth.advance(self.bars[FIVE_MINUTES], until_ms=until_ms)
        return len(decided)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Candles of one symbol for every date that is looked at.

    Args:
        instrument: its rules.
        bars: four timeframes, with the warm-up of the first date.
        leader: BTC's state; None for BTC itself.
    """

    instrument: Instrument
    bars: Bars
    leader: LeaderTimeline | None

    def market(self, moment_ms: int, *, beyond_ms: int = 0) -> WatchedMarket:
        """Return a market that has taken everything up to ten minutes before the moment.

        Args:
            moment_ms: the close to be measured.
            beyond_ms: how much later its candles end.
        """
        market = WatchedMarket(
            feed=_feed(self),
            fourth=new_series(facts_from_ms=NEVER_MS),
            bars={
                timeframe: self.bars[timeframe].between(
                    timeframe.floor(moment_ms - warm_up_ms), moment_ms + beyond_ms
                )
                for timeframe, warm_up_ms in warm_ups().items()
            },
            moment_ms=moment_ms,
        )
        market.advance(until_ms=moment_ms - 2 * FIVE_MINUTES.duration_ms)
        return market

    def scored_moments(self) -> Iterator[int]:
        """Yield the trigger closes of four months that completed a setup which was scored."""
        for candidate in _feed(self).advance(self.bars, until_ms=END_MS):
            if candidate.confluence is not None and candidate.at_ms >= _first_searched_ms():
                yield candidate.at_ms


def warm_ups() -> dict[Timeframe, int]:
    """Return the history each of the four timeframes needs, in milliseconds."""
    return {
        **shipped("balanced").history(),
        FIVE_MINUTES: shipped("scalp").roles.trigger.warm_up_ms(FIVE_MINUTES),
    }


def boundary_ms() -> int:
    """Return the time between two moments at which all four timeframes close, in milliseconds."""
    return shipped("balanced").timeframe("bias").duration_ms


def timeframes_text() -> str:
    """Return the four timeframes, the longest first."""
    return ", ".join(str(timeframe) for timeframe in sorted(warm_ups(), reverse=True))


def first_date_ms() -> int:
    """Return the oldest date that is looked at: a midnight, milliseconds UTC."""
    return END_MS - DAYS * DAY_MS


def _first_searched_ms() -> int:
    return END_MS - _SEARCHED_DAYS * DAY_MS


def _last_ms() -> int:
    return END_MS + _MOST_BOUNDARIES * boundary_ms()


def load_histories(symbols: int = SYMBOLS) -> list[History]:
    """Return the candles of the first so many symbols of the built-in market."""
    return asyncio.run(_load_histories(symbols))


async def _load_histories(symbols: int) -> list[History]:
    source = SyntheticMarket()
    instruments = await source.instruments()
    btc = await _bars(source, BITCOIN)
    leader = LeaderTimeline(shipped("balanced"))
    leader.advance(btc[shipped("balanced").timeframe("bias")], until_ms=_last_ms())
    return [
        History(
            instrument=instruments[name],
            bars=await _bars(source, name),
            leader=None if instruments[name].underlying == "BTC" else leader,
        )
        for name in sorted(instruments)[:symbols]
    ]


async def _bars(source: SyntheticMarket, symbol: Symbol) -> Bars:
    return {
        timeframe: await source.candles(
            symbol,
            timeframe,
            start_ms=_first_searched_ms() - warm_up_ms - timeframe.duration_ms,
            end_ms=_last_ms(),
        )
        for timeframe, warm_up_ms in warm_ups().items()
    }


def _feed(history: History) -> SmcPlanFeed:
    return SmcPlanSource(shipped("balanced")).open(history.instrument, history.leader)
