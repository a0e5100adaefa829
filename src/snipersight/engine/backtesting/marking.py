"""What an account is worth over time: balance, and what is open at the newest closes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import numpy as np
import numpy.typing as npt

from snipersight.domain.candles import Candles
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.timeframe import DAY_MS
from snipersight.domain.units import Symbol
from snipersight.engine.backtesting.leeway import Floats, Leeway, Times

_ENDS: Final = 2  # the first and the last mark of a stretch are always told
_NO_TIMES: Final = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closes:
    """Closes of markets, to be looked up at any moment.

    Args:
        candles: closed bars of each market, oldest first.
        step_ms: how often an account is marked.
        finer: bars that the gate takes prices from; of a market that is left out, its candles.
    """

    candles: Mapping[Symbol, Candles]
    step_ms: int
    finer: Mapping[Symbol, Candles] = field(default_factory=dict)

    def at(self, symbol: Symbol, moments_ms: Times) -> Floats:
        """Return the newest close of a market at moments; its first one before there is any."""
        bars = self.candles[symbol]
        opened_ms = moments_ms - bars.timeframe.duration_ms
        places = np.searchsorted(bars.open_time, opened_ms, side="right") - 1
        return bars.close[np.maximum(places, 0)]

    def known(self, symbol: Symbol, moments_ms: Times) -> Floats | None:
        """Return the prices that the gate has of a market which closed at each of some moments.

        None where one of them is missing: the gate may have no price then.
        """
        bars = self.finer.get(symbol, self.candles[symbol])
        opened_ms = moments_ms - bars.timeframe.duration_ms
        places = np.maximum(bars.open_time.searchsorted(opened_ms, side="right") - 1, 0)
        return bars.close[places] if (bars.open_time[places] == opened_ms).all() else None

    def between(self, start_ms: int, end_ms: int) -> Times:
        """Return the closes after a moment and before another one."""
        first = (start_ms // self.step_ms + 1) * self.step_ms
        return np.arange(first, end_ms, self.step_ms, dtype=np.int64)


def telling_moments(
    entries: Sequence[LedgerEntry],
    closes: Closes,
    *,
    start_ms: int,
    end_ms: int,
    leeway: Leeway | None = None,
) -> list[int]:
    """Return when an account has to be marked so that no breaker misses what it would have seen.

    Marks move three things: the high-water mark, the values that days and weeks begin with, and
    the losses measured against them. So the first and last close of each UTC day count, every
    high of all that no higher one follows, and every close that is the lowest since the high or of its
    day. Where a bar is missing every close does: the gate may have no price then, and mark nothing.
    While entries wait and nothing is held, a day begins with what the account is worth before them.
    Where no close comes near a limit, only what later losses are measured from counts.

    Args:
        entries: live ones, as they are from `start_ms` to `end_ms`.
        closes: of their markets.
        start_ms, end_ms: both excluded.
        leeway: of the account at `start_ms`; None: any close may trip or end a breaker.
    """
    held = [one for one in entries if one.open_size > 0]
    moments = closes.between(start_ms, end_ms) if entries else _NO_TIMES
    if not held:
        is_new_day = np.diff(moments // DAY_MS, prepend=start_ms // DAY_MS) > 0
        return [int(one) for one in moments[is_new_day]]
    if len(moments) <= _ENDS:
        return [int(one) for one in moments]
    worth = _worth(held, closes, moments)
    if worth is None:
        return [int(one) for one in moments]
    if leeway is not None:
        equity = worth + float(leeway.balance - _paid(held))
        if leeway.is_kept_by(equity):
            return [int(one) for one in moments[leeway.telling(equity, moments)]]
    return [int(one) for one in moments[_telling(worth, moments // DAY_MS)]]


def _worth(held: Sequence[LedgerEntry], closes: Closes, moments: Times) -> Floats | None:
    """Return what positions would bring at closes, short ones below 0; None: not known at all."""
    worth = np.zeros(len(moments))
    for one in held:
        prices = closes.known(one.symbol, moments)
        if prices is None:
            return None
        worth += one.direction.sign * float(one.open_size * one.quote_rate) * prices
    return worth


def _paid(held: Sequence[LedgerEntry]) -> Decimal:
    """Return what positions were bought for, costs included, account currency; short ones below 0."""
    return sum(
        (
            (one.direction.sign * (one.fill_price or one.entry_price) + one.cost_per_unit)
            * one.open_size
            * one.quote_rate
            for one in held
        ),
        Decimal(0),
    )


def _telling(worth: Floats, days: Times) -> npt.NDArray[np.bool_]:
    # A bar that closes at midnight is marked in the new day, as the ledger dates it.
    is_first = np.concatenate(([True], days[1:] != days[:-1]))
    is_last = np.concatenate((is_first[1:], [True]))
    highs = np.maximum.accumulate(worth)
    is_higher = np.concatenate(([True], highs[1:] > highs[:-1]))
    is_peak = is_higher & np.concatenate((~is_higher[1:], [True]))
    return is_first | is_last | is_peak | _new_lows(worth, is_higher) | _new_lows(worth, is_first)


def _new_lows(worth: Floats, begins: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return which values are lower than every one before them since the newest beginning."""
    groups = np.cumsum(begins)
    # An offset that falls by more than all values differ starts the minimum anew in each group.
    apart = 2.0 * (float(np.ptp(worth)) + 1.0)
    shifted = worth - groups * apart
    lowest = np.minimum.accumulate(shifted)
    is_lower = np.concatenate(([False], shifted[1:] < lowest[:-1]))
    return is_lower & ~begins
