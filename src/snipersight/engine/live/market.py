"""One symbol between closes: its bars, the feed that has read them, what it decided lately."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from snipersight.domain.candles import Candles
from snipersight.domain.decision import Candidate
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Instrument
from snipersight.domain.ports import LeaderContext, PlanFeed, PlanSource
from snipersight.domain.timeframe import Timeframe
from snipersight.engine.live.missed import ended_unseen
from snipersight.engine.live.windows import BarWindow


@dataclass(slots=True, kw_only=True)
class LiveMarket:
    """A feed that goes on from close to close; no input, no output.

    Args:
        instrument: the market's rules.
        trigger: timeframe at whose closes is decided.
        windows: bars of every timeframe the plan source needs, with their whole warm-up.
        valid_ms: how long a plan may wait.
        delivered_ms: what was decided up to here was handed over before, milliseconds UTC.
        looked_ms: when its candles were asked for last.
        feed: has read the bars up to `fed_ms`; None before it has read any, and where it is to
            read all of them anew.
        decided: within the time a plan may live, oldest first.
    """

    instrument: Instrument
    trigger: Timeframe
    windows: Mapping[Timeframe, BarWindow]
    valid_ms: int
    delivered_ms: int
    looked_ms: int
    feed: PlanFeed | None = None
    decided: tuple[Candidate, ...] = ()
    fed_ms: dict[Timeframe, int] = field(default_factory=dict)
    began_ms: Mapping[Timeframe, int] = field(default_factory=dict)

    def newest_ms(self) -> dict[Timeframe, int]:
        """Return the close of the newest bar of each timeframe, milliseconds UTC."""
        return {timeframe: window.newest_ms for timeframe, window in self.windows.items()}

    def bars(self) -> dict[Timeframe, Candles]:
        """Return the bars of every timeframe."""
        return {timeframe: window.candles() for timeframe, window in self.windows.items()}

    def follow_rules(self, instrument: Instrument) -> None:
        """Take the market's rules as they are now; plans are made anew where they have changed."""
        if instrument != self.instrument:
            self.instrument = instrument
            self.rewind()

    def rewind(self) -> None:
        """Have everything that is held decided anew, and forget what was decided."""
        self.feed, self.decided = None, ()
        self.fed_ms, self.began_ms = {}, {}

    def rewind_if_since(self, closed_ms: int) -> None:
        """Rewind where something was decided at a close or later that rested on other facts."""
        if any(candidate.at_ms >= closed_ms for candidate in self.decided):
            self.rewind()

    def rewind_if_late(self) -> None:
        """Rewind where a bar of another role came after the decision that it belongs to."""
        for timeframe, window in self.windows.items():
            fed_ms = self.fed_ms.get(timeframe)
            if timeframe == self.trigger or fed_ms is None or window.newest_ms == fed_ms:
                continue
            self.rewind_if_since(int(window.candles(after_ms=fed_ms).close_time[0]))

    def advance(
        self, as_of_ms: int, *, plans: PlanSource, leader: LeaderContext | None
    ) -> tuple[Candidate, ...]:
        """Read what has come and decide; return what had ended before anybody looked.

        Args:
            as_of_ms: the moment to come to; nothing later is looked at.
            plans: opens the feed, should there be none.
            leader: the leading market's state; None for that market itself.
        """
        feed = self._opened(plans, leader)
        expired_ms = as_of_ms - self.valid_ms
        unread = {
            timeframe: window.candles(after_ms=self.fed_ms.get(timeframe))
            for timeframe, window in self.windows.items()
        }
        found: list[Candidate] = []
        shifts: dict[int, Direction] = {}
        for moment_ms in self._moments(unread[self.trigger], as_of_ms):
            found += feed.advance(unread, until_ms=moment_ms)
            shifts.update(feed.shifts())
        known = (*self.decided, *found)
        self.decided = tuple(one for one in known if one.at_ms > expired_ms)
        old = [one for one in found if self.delivered_ms < one.at_ms <= expired_ms]
        self.fed_ms = self.newest_ms()
        self.delivered_ms = max(self.delivered_ms, as_of_ms)
        return ended_unseen(self.instrument.symbol, old, unread[self.trigger], shifts)

    def forget(self, starts_ms: Mapping[Timeframe, int]) -> None:
        """Let go of the bars that open before the moments from which a scan would read."""
        for timeframe, start_ms in starts_ms.items():
            self.windows[timeframe].forget(start_ms)

    def is_like_new(self, starts_ms: Mapping[Timeframe, int]) -> bool:
        """Return whether a feed that had read only what a scan would read now said the same.

        What is said does not depend on bars before the warm-up; but where the warm-up begins with
        a hole, a scan has less of it than this feed has.
        """
        return all(
            window.first_ms in (starts_ms[timeframe], self.began_ms[timeframe])
            for timeframe, window in self.windows.items()
        )

    def _opened(self, plans: PlanSource, leader: LeaderContext | None) -> PlanFeed:
        if self.feed is None:
            self.feed = plans.open(self.instrument, leader)
            self.began_ms = {each: window.first_ms for each, window in self.windows.items()}
        return self.feed

    def _moments(self, trigger: Candles, as_of_ms: int) -> Iterator[int]:
        """Yield the moments to advance to, the last of which is `as_of_ms`.

        A feed keeps shifts as long as a plan may wait: what ended before can be told only if
        they are taken that often.
        """
        if self.delivered_ms < as_of_ms - self.valid_ms and len(trigger):
            first_ms = int(trigger.close_time[0]) + self.valid_ms
            yield from range(first_ms, as_of_ms, self.valid_ms)
        yield as_of_ms
