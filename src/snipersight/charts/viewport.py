"""Which bars a picture shows and where they and their prices lie."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from snipersight.charts.canvas import Rect
from snipersight.charts.wording import plan_prices
from snipersight.domain.annotations import PlanPicture
from snipersight.domain.candles import Candles, Floats
from snipersight.domain.units import Price, exact

_USUAL_BARS: Final = 120
_MOST_BARS: Final = 160
_FEWEST_BARS: Final = 60
_LEAD_BARS: Final = 4  # room before the oldest anchor, so that its line is seen to begin
_FEWEST_SLOTS: Final = 60  # three candles are not drawn as three bricks
_FUTURE_SHARE: Final = 0.24  # of the pane, right of the newest bar
_LEAST_PLAN_SHARE: Final = 0.15  # of the price range, else older bars are left out
_HEADROOM: Final = 0.05  # of the price range, above and below


def shown_bars(picture: PlanPicture) -> Candles:
    """Return the newest 120–160 bars: more where an anchor begins there, never fewer than exist.

    Fewer, but at least 60, where old extremes would squeeze the plan into a sliver.
    """
    candles = picture.candles
    total = len(candles)
    for count in (_wanted(picture), 100, 80, _FEWEST_BARS):
        shown = candles.slice(max(0, total - count), total)
        if _plan_span(picture) >= _LEAST_PLAN_SHARE * _range(shown):
            return shown
    return candles.slice(max(0, total - _wanted(picture)), total)


def newest_price(picture: PlanPicture) -> Price:
    """Return the close of the newest bar; the plan's own last price if none followed it."""
    candles, plan = picture.candles, picture.plan
    if candles.close_time[-1] <= plan.created_at.timestamp() * 1000:
        return plan.last_price
    return Price(exact(float(candles.close[-1])))


def _wanted(picture: PlanPicture) -> int:
    """Return how many bars reach back to the oldest anchor that is still near enough."""
    times = picture.candles.open_time
    starts = [level.start_ms for level in picture.swept]
    starts += [label.start_ms for label in picture.structure]
    backs = [len(times) - int(np.searchsorted(times, start)) + _LEAD_BARS for start in starts]
    return max([_USUAL_BARS, *(back for back in backs if back <= _MOST_BARS)])


def _plan_span(picture: PlanPicture) -> float:
    prices = plan_prices(picture.plan)
    return float(max(prices) - min(prices))


def _range(candles: Candles) -> float:
    return float(candles.high.max() - candles.low.min())


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """From bars and prices to logical pixels.

    Args:
        candles: the bars that are shown.
        pane: where prices are drawn.
        low, high: prices of its bottom and top edge.
        slot_px: distance from bar to bar.
    """

    candles: Candles
    pane: Rect
    low: float
    high: float
    slot_px: float

    def y(self, price: float) -> float:
        """Return the height of a price; outside the range it lies outside the pane."""
        share = (price - self.low) / (self.high - self.low)
        return self.pane.bottom + share * self.pane.height

    def ys(self, prices: Floats) -> Floats:
        """Return the heights of many prices."""
        return self.pane.bottom + (prices - self.low) * (self.pane.height / (self.high - self.low))

    def x(self, index: float) -> float:
        """Return the middle of the bar with an index among the shown ones."""
        return self._first_x + index * self.slot_px

    @property
    def _first_x(self) -> float:
        bars = len(self.candles)
        return self.pane.left + (max(bars, _FEWEST_SLOTS) - bars + 0.5) * self.slot_px

    def xs(self) -> Floats:
        """Return the middles of all shown bars."""
        return self._first_x + np.arange(len(self.candles), dtype=np.float64) * self.slot_px

    def index_of(self, time_ms: int) -> float:
        """Return the index of the bar that opens at a time; one after it where a bar is missing.

        Times before the first bar give a negative index, times after the last a larger one.
        """
        times, duration = self.candles.open_time, self.candles.timeframe.duration_ms
        if time_ms < times[0]:
            return float(time_ms - times[0]) / duration
        if time_ms > times[-1]:
            return len(times) - 1 + float(time_ms - times[-1]) / duration
        return float(np.searchsorted(times, time_ms))

    def clipped_x(self, time_ms: int, *, side: float = 0.0) -> float:
        """Return where a time's bar lies from left to right, kept inside the pane.

        Args:
            time_ms: open time of the bar.
            side: -0.5 for its left edge, 0 for its middle, 0.5 for its right edge.
        """
        x = self.x(self.index_of(time_ms) + side)
        return min(max(x, self.pane.left), self.pane.right)

    def clipped_y(self, price: float) -> float:
        """Return the height of a price, kept inside the pane."""
        return min(max(self.y(price), self.pane.bottom), self.pane.top)

    @property
    def future_x(self) -> float:
        """Return where the newest bar ends."""
        return self.x(len(self.candles) - 0.5)

    def decision_x(self, created_at: datetime) -> float:
        """Return the right edge of the decision's bar, which closes at `created_at`."""
        opened_ms = round(created_at.timestamp() * 1000) - self.candles.timeframe.duration_ms
        return min(self.clipped_x(opened_ms, side=0.5), self.future_x)


def projection_of(picture: PlanPicture, pane: Rect) -> Projection:
    """Return the projection that shows the newest bars and every price of the plan."""
    candles = shown_bars(picture)
    prices = [float(price) for price in (*plan_prices(picture.plan), newest_price(picture))]
    low = min(float(candles.low.min()), *prices)
    high = max(float(candles.high.max()), *prices)
    room = (high - low) * _HEADROOM
    slots = max(len(candles), _FEWEST_SLOTS)
    return Projection(
        candles=candles,
        pane=pane,
        low=low - room,
        high=high + room,
        slot_px=pane.width * (1 - _FUTURE_SHARE) / slots,
    )
