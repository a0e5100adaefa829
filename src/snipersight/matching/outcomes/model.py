"""Outcomes of the signals of one symbol, from candles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from snipersight.domain.evidence import Outcome
from snipersight.matching.outcomes.results import outcome_of
from snipersight.matching.outcomes.series import ShiftTimes, series_of
from snipersight.matching.outcomes.sides import Signal, sides_of
from snipersight.matching.outcomes.walk import walk_all


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
    for side in sides_of(signals, series, ShiftTimes(shifts)):
        states = side.new_states()
        walk_all(side.bars, side.terms, states, side.first)
        for place, (key, terms), state in zip(side.places, side.signals, states, strict=True):
            found[place] = outcome_of(key, terms, state, is_delisted=is_delisted)
    return [one for one in found if one is not None]
