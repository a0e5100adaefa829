"""The largest markets hour by hour: what `select_universe` says, of many moments at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from snipersight.domain.candles import Candles
from snipersight.domain.instrument import Instrument
from snipersight.domain.timeframe import DAY_MS
from snipersight.domain.units import Symbol
from snipersight.market.universe import DOLLARS, is_tradable, quote_group

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Times = npt.NDArray[np.int64]


def traded_in_day_before(candles: Candles, moments_ms: Times) -> Floats:
    """Return close × volume summed over the bars of the 24 hours before each moment.

    Bars count that open in these hours and are closed at the moment; 0 where there are none.

    Args:
        candles: of one market.
        moments_ms: milliseconds UTC, ascending.
    """
    worth = np.append(candles.close * candles.volume, 0.0)
    first = candles.open_time.searchsorted(moments_ms - DAY_MS, side="left")
    stop = candles.close_time.searchsorted(moments_ms, side="right")
    bounds = np.column_stack((first, np.maximum(first, stop))).ravel()
    sums = np.add.reduceat(worth, bounds)[::2]
    return np.where(stop > first, sums, 0.0)


def largest_by_moment(
    count: int,
    *,
    instruments: Mapping[Symbol, Instrument],
    volumes: Mapping[Symbol, Floats],
) -> Mapping[Symbol, Mask]:
    """Return of each market whether it is one of the largest at each of many moments.

    At every moment it is what `select_universe` returns of `top<count>` without rates.

    Args:
        count: how many are chosen, at least 1.
        instruments: every market that is listed.
        volumes: traded value of the 24 hours before each moment in the market's quote currency,
            all of one length; a market that is left out trades nothing.
    """
    bases = {one.underlying for one in instruments.values()}
    fit = sorted(one for one in volumes if is_tradable(instruments[one], bases))
    if not fit:
        return {}
    table = np.stack([volumes[one] for one in fit])
    table = np.where(_comparable([quote_group(instruments[one]) for one in fit], table), table, 0.0)
    # Equal volumes are ordered by symbol, as they lie; what trades nothing comes last.
    places = np.argsort(np.argsort(-table, axis=0, kind="stable"), axis=0, kind="stable")
    chosen = (places < count) & (table > 0)
    return {symbol: chosen[row] for row, symbol in enumerate(fit)}


def _comparable(groups: Sequence[str], volumes: Floats) -> Mask:
    """Return which markets' volumes are compared: those in dollars, else of the commonest quote."""
    names = sorted(set(groups))
    rows = [np.array([one == name for one in groups]) for name in names]
    counts = np.stack([(volumes[row] > 0).sum(axis=0) for row in rows])
    if DOLLARS in names:
        counts[names.index(DOLLARS)] *= len(groups) + 1
    found: Mask = np.stack(rows)[counts.argmax(axis=0)].T
    return found
