"""Signals of each side of one market, made ready for the kernels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from snipersight.domain.direction import Direction
from snipersight.domain.errors import DataInvalid
from snipersight.domain.evidence import SignalKey, SignalTerms
from snipersight.matching.outcomes.layout import BY_STOP, NEVER, STATE, TERMS, Array
from snipersight.matching.outcomes.rows import row_of
from snipersight.matching.outcomes.series import Series, ShiftTimes, Times

Signal = tuple[SignalKey, SignalTerms]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The long or the short signals among some, as the kernels read them.

    Args:
        places: where each stands among all that were asked for.
        signals: keys and terms, in this order.
        bars: `layout.BAR`, signed for the side.
        terms: `layout.TERMS`, one a signal.
        first: index of the first bar that counts for each signal.
    """

    places: Sequence[int]
    signals: Sequence[Signal]
    bars: Array
    terms: Array
    first: Times

    def new_states(self) -> Array:
        """Return a `layout.STATE` for each signal that nothing has happened to."""
        states = np.zeros(len(self.signals), dtype=STATE)
        states["stop"], states["stop_kind"] = self.terms["stop"], BY_STOP
        return states


def sides_of(
    signals: Sequence[Signal],
    series: Series,
    shifts: ShiftTimes,
    *,
    lots: Sequence[float] | None = None,
) -> Iterator[Side]:
    """Return the sides that have signals.

    Args:
        signals: keys and terms.
        series: the bars that they are followed on.
        shifts: of major structure.
        lots: size step of each as a share of its whole size, 0: exact shares; None: all exact.

    Raises:
        DataInvalid: terms contradict each other or their lot, or not every signal has a lot.
    """
    steps = [0.0] * len(signals) if lots is None else lots
    if len(steps) != len(signals):
        raise DataInvalid(f"{len(steps)} lots were given for {len(signals)} signals")
    for direction in Direction:
        places = [n for n, (_, terms) in enumerate(signals) if terms.direction is direction]
        if not places:
            continue
        mine = [signals[place] for place in places]
        terms = _terms_of(mine, shifts.against(direction), [steps[place] for place in places])
        yield Side(
            places=places,
            signals=mine,
            bars=series.seen_by(direction),
            terms=terms,
            first=np.searchsorted(series.open_ms, terms["known_ms"], side="left"),
        )


def _terms_of(signals: Sequence[Signal], shifts: Times, lots: Sequence[float]) -> Array:
    known = np.array([terms.known_ms for _, terms in signals], dtype=np.int64)
    later = np.append(shifts, NEVER)[np.searchsorted(shifts, known, side="right")]
    rows = [
        row_of(key, terms, shift_ms=int(at_ms), lot=lot)
        for (key, terms), at_ms, lot in zip(signals, later, lots, strict=True)
    ]
    return np.array(rows, dtype=TERMS)
