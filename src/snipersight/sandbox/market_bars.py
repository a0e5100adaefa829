"""From log paths to bars a venue would print: prices on the tick, volume on the lot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

import numpy as np

from snipersight.domain.candles import Floats
from snipersight.domain.instrument import MarketKind
from snipersight.sandbox.market_listing import Listing
from snipersight.sandbox.market_noise import (
    field,
    growth,
    lattice,
    lognormal_table,
    normal_table,
    octaves,
    stream,
    words,
)
from snipersight.sandbox.market_paths import (
    CHUNK_BARS,
    CHUNK_DAYS,
    CHUNK_SLOTS,
    DAY_BARS,
    SLOT_BARS,
    LogPath,
    PriceModel,
)
from snipersight.sandbox.market_skeleton import day_activity

_BASIS: Final = 0.0004  # deviation of a perpetual's log price from spot, over days
_JITTER: Final = 0.00006  # and its deviation on each bar
_TURNOVER_WAVES: Final = ((2, 0.18), (9, 0.28), (70, 0.40))  # days, log-deviation
_TURNOVER_NOISE: Final = 0.38
_QUIET_VOLUME: Final = 0.22  # share of a bar's volume that is there without any movement
_SURGE: Final = 0.14  # volume grows faster than movement: stops and breakouts feed it
_WEEKEND_VOLUME: Final = (1.0, 1.0, 1.0, 1.0, 1.0, 0.68, 0.72)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Consecutive bars as columns; `lots` is the volume as a count of lots (exact integers)."""

    open: Floats
    high: Floats
    low: Floats
    close: Floats
    lots: Floats

    def slice(self, first: int, stop: int) -> Bars:
        """Return bars `first` up to but without `stop`; views, not copies."""
        part = slice(first, stop)
        return Bars(
            open=self.open[part],
            high=self.high[part],
            low=self.low[part],
            close=self.close[part],
            lots=self.lots[part],
        )


def join(parts: Sequence[Bars]) -> Bars:
    """Return consecutive stretches of bars as one."""
    if len(parts) == 1:
        return parts[0]
    return Bars(
        open=np.concatenate([part.open for part in parts]),
        high=np.concatenate([part.high for part in parts]),
        low=np.concatenate([part.low for part in parts]),
        close=np.concatenate([part.close for part in parts]),
        lots=np.concatenate([part.lots for part in parts]),
    )


def coarsen(bars: Bars, count: int) -> Bars:
    """Return bars that each hold `count` of the given ones, which they must fill exactly."""
    if count == 1:
        return bars
    starts = np.arange(0, len(bars.open), count)
    return Bars(
        open=bars.open[::count],
        high=np.maximum.reduceat(bars.high, starts),
        low=np.minimum.reduceat(bars.low, starts),
        close=bars.close[count - 1 :: count],
        lots=np.add.reduceat(bars.lots, starts),  # whole numbers below 2**53: exact
    )


def on_grid(count: Floats, step: Decimal) -> Floats:
    """Return whole multiples of a step as the floats that its decimals name.

    0.07 is 7 / 100, correctly rounded; 7 × 0.01 would be 0.07000000000000001.
    """
    numerator, denominator = step.as_integer_ratio()
    return count * float(numerator) / float(denominator)


def build_bars(model: PriceModel, listing: Listing, *, seed: int, chunk: int) -> Bars:
    """Return 16 days of five-minute bars of one market."""
    path = _market_path(model, listing, seed=seed, chunk=chunk)
    price = growth(path.level) * listing.usual_price
    ticks = _per_step(price, listing.tick)
    opens, closes = np.maximum(np.rint(ticks[:-1]), 1.0), np.maximum(np.rint(ticks[1:]), 1.0)
    highs = np.rint(np.maximum(ticks[:-1], ticks[1:]) * (1.0 + path.upper))
    lows = np.rint(np.minimum(ticks[:-1], ticks[1:]) * (1.0 - path.lower))
    highs = np.maximum(highs, np.maximum(opens, closes))
    lows = np.maximum(np.minimum(lows, np.minimum(opens, closes)), 1.0)
    tick = listing.tick
    return Bars(
        open=on_grid(opens, tick),
        high=on_grid(highs, tick),
        low=on_grid(lows, tick),
        close=on_grid(closes, tick),
        lots=_lots(listing, path, price=price[1:], seed=seed, chunk=chunk),
    )


def _per_step(values: Floats, step: Decimal) -> Floats:
    numerator, denominator = step.as_integer_ratio()
    return values * (float(denominator) / float(numerator))


def _market_path(model: PriceModel, listing: Listing, *, seed: int, chunk: int) -> LogPath:
    path = model.log_path(listing.asset, chunk)
    level, power = path.level * listing.power, listing.power
    if listing.quoted_in is not None:
        level = level - model.log_path(listing.quoted_in, chunk).level
    if listing.instrument.kind is MarketKind.PERPETUAL:
        level = level + _basis(seed, listing.instrument.symbol, chunk)
    return LogPath(level=level, upper=path.upper * power, lower=path.lower * power)


def _basis(seed: int, symbol: str, chunk: int) -> Floats:
    """Return by how much a perpetual's log price differs from spot at each bar's ends."""
    slots = np.arange(chunk * CHUNK_SLOTS, (chunk + 1) * CHUNK_SLOTS + 1, dtype=np.int64)
    knots = _BASIS * lattice(stream(seed, "basis", symbol), slots, 4)
    fraction = np.arange(SLOT_BARS) / SLOT_BARS
    between = knots[:-1, None] + np.diff(knots)[:, None] * fraction
    slow = np.concatenate((between.ravel(), knots[-1:]))
    word = words(stream(seed, "jitter", symbol), chunk * CHUNK_BARS, CHUNK_BARS + 1)
    return slow + _JITTER * normal_table()[field(word, 0)]


def _lots(listing: Listing, path: LogPath, *, price: Floats, seed: int, chunk: int) -> Floats:
    """Return each bar's volume in lots: the hour, the day, and above all the movement."""
    usual = listing.asset.daily_move * listing.power * _typical_range()
    moved = (np.abs(np.diff(path.level)) + path.upper + path.lower) / usual
    word = words(stream(seed, "volume", listing.instrument.symbol), chunk * CHUNK_BARS, CHUNK_BARS)
    share = (_QUIET_VOLUME + moved * (0.5 + _SURGE * np.minimum(moved, 8.0))) * _volume_profile()
    share *= lognormal_table(_TURNOVER_NOISE)[field(word, 0)]
    share *= np.repeat(_day_turnover(listing, seed=seed, chunk=chunk) / DAY_BARS, DAY_BARS)
    lots = _per_step(share / price, listing.lot)
    return np.maximum(np.rint(lots), 1.0)


def _day_turnover(listing: Listing, *, seed: int, chunk: int) -> Floats:
    """Return the value expected to be traded on each day of a chunk, in quote currency."""
    days = np.arange(chunk * CHUNK_DAYS, (chunk + 1) * CHUNK_DAYS, dtype=np.int64)
    key = stream(seed, "turnover", listing.asset.name)
    weekday = np.array(_WEEKEND_VOLUME)[(days + 3) % 7]  # 1970-01-01 was a Thursday
    mood: Floats = listing.turnover * weekday * growth(octaves(key, days, _TURNOVER_WAVES))
    return mood


@cache
def _volume_profile() -> Floats:
    activity = day_activity(12)
    return np.tile(activity / float(activity.mean()), CHUNK_DAYS)


def _typical_range() -> float:
    """Return the usual range of a five-minute bar, as a share of the daily move."""
    return 1.3 / math.sqrt(DAY_BARS)
