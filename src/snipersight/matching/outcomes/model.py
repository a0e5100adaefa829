"""Outcomes of the signals of one symbol, from candles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from snipersight.domain.evidence import Outcome, SignalKey, SignalTerms
from snipersight.matching.outcomes.layout import BY_STOP, NEVER, STATE, TERMS, Array
from snipersight.matching.outcomes.results import outcome_of
from snipersight.matching.outcomes.rows import row_of
from snipersight.matching.outcomes.series import Series, Times, series_of, shift_times
from snipersight.matching.outcomes.walk import walk_all

Signal = tuple[SignalKey, SignalTerms]


def model_outcomes(
    signals: Sequence[Signal],
    candles: Candles,
    *,
    finer: Candles | None = None,
    shifts: Mapping[int, Direction] | None = None,
    until_ms: int | None = None,
    is_delisted: bool = False,
) -> list[Outcome]:
    """Return what becomes of signals of one symbol over closed candles.

    Every signal is followed from its `known_ms`, so asking again with more candles goes on where
    it stood: a final outcome stays what it is, and bars one by one give what all at once give
    (docs/adr/0010). Where a bar leaves open what came first, the worse is told.

    Args:
        signals: keys and terms.
        candles: closed bars of one timeframe that begin no later than the oldest signal; bars
            that are missing are counted.
        finer: closed bars of a shorter timeframe for a part or all of it; each coarse bar that
            they cover whole is followed on them.
        shifts: shifts of major structure by the close that revealed them, milliseconds UTC.
        until_ms: bars that close later do not count; None: all do.
        is_delisted: no bar will ever follow: what lives at the end is unknown for good.

    Returns:
        One outcome a signal, in their order.

    Raises:
        DataInvalid: terms contradict each other, or finer candles do not fit the coarse ones.
    """
    series = series_of(candles, finer, until_ms=until_ms)
    found: list[Outcome | None] = [None] * len(signals)
    for side in Direction:
        chosen = [place for place, (_, terms) in enumerate(signals) if terms.direction is side]
        mine = [signals[place] for place in chosen]
        states = _followed(mine, series, side, shift_times(shifts or {}, side))
        for place, (key, terms), state in zip(chosen, mine, states, strict=True):
            found[place] = outcome_of(key, terms, state, is_delisted=is_delisted)
    return [one for one in found if one is not None]


def _followed(signals: Sequence[Signal], series: Series, side: Direction, shifts: Times) -> Array:
    states = np.zeros(len(signals), dtype=STATE)
    if not signals:
        return states
    rows = _rows(signals, shifts)
    states["stop"], states["stop_kind"] = rows["stop"], BY_STOP
    first = np.searchsorted(series.open_ms, rows["known_ms"], side="left")
    walk_all(series.seen_by(side), rows, states, first)
    return states


def _rows(signals: Sequence[Signal], shifts: Times) -> Array:
    known = np.array([terms.known_ms for _, terms in signals], dtype=np.int64)
    later = np.append(shifts, NEVER)[np.searchsorted(shifts, known, side="right")]
    rows = [
        row_of(key, terms, shift_ms=int(at_ms))
        for (key, terms), at_ms in zip(signals, later, strict=True)
    ]
    return np.array(rows, dtype=TERMS)
