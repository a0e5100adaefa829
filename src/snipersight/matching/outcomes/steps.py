"""What happened to modelled trades, bar by bar: for accounts that are kept from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from snipersight.domain.evidence import Ending, Outcome, OutcomeStatus, SignalKey
from snipersight.domain.quick import quick
from snipersight.matching.outcomes.layout import STATE, Array
from snipersight.matching.outcomes.results import ENDINGS, STATUSES, outcome_of
from snipersight.matching.outcomes.series import Series, ShiftTimes, Times, series_of
from snipersight.matching.outcomes.sides import Side, Signal, sides_of
from snipersight.matching.outcomes.stepping import walk_logged

_ROOM: Final = 16  # steps that most trades get by with; where they do not, all are followed again


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class TradeStep:
    """What one bar did to a trade.

    Sizes are shares of the trade's whole size. Money is quote currency per unit of the whole size:
    times the size in base units, it is what moved. Prices are as they are, on both sides.

    Args:
        at_ms: close of the bar, milliseconds UTC.
        entered: share that was entered in it.
        entry_value: share times price, over these entries.
        closed: share that was closed in it.
        proceeds: share times the price that was got (a short: paid) for it, slippage included.
        fees: paid in it, at least 0.
        entry_fees: of them, what entries paid.
        funding: paid in it; what was due before it while bars are missing counts too.
        slippage: what of `proceeds` was lost to slippage, at least 0; it is in there already.
        held: share that is held after it.
        stop: where the stop lies after it, at the end where it lay.
        status: after it.
        ending: what closed the trade; NONE before.
        targets_hit: how many by then.
        resting: share that rests at each place for a target after it, nearest first.
    """

    at_ms: int
    entered: float
    entry_value: float
    closed: float
    proceeds: float
    fees: float
    funding: float
    slippage: float
    held: float
    stop: float
    status: OutcomeStatus
    ending: Ending
    targets_hit: int
    resting: tuple[float, ...] = ()
    entry_fees: float = 0.0


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class TradePath:
    """A signal's way from being known to where it is by the newest bar.

    Args:
        key: of the signal.
        steps: bars that did something to it, oldest first: moved size, money or the stop, or
            ended it. None of them while nothing did.
        outcome: what the steps amount to.
    """

    key: SignalKey
    steps: tuple[TradeStep, ...]
    outcome: Outcome


class PathFinder:
    """Tells what happened when to trades of one symbol, over bars that were made ready once.

    For signals that come one after the other; `trade_paths` does for those known beforehand.

    Args:
        series: bars, of `series_of`.
        shifts: shifts of major structure by the close that revealed them; None: there are none.
        is_delisted: as of `model_outcomes`.
    """

    def __init__(
        self,
        series: Series,
        shifts: Mapping[int, Direction] | None = None,
        *,
        is_delisted: bool = False,
    ) -> None:
        self._series, self._shifts = series, ShiftTimes(shifts)
        self._is_delisted = is_delisted

    def paths(
        self, signals: Sequence[Signal], *, lots: Sequence[float] | None = None
    ) -> list[TradePath]:
        """Return what happened when to the trades of signals.

        They are followed as `model_outcomes` follows them, and without lots have its very
        outcomes. Later candles add steps and change none.

        To take back what waits for an entry at some moment (a tripped breaker, a budget that went
        elsewhere) ask again with that moment as `valid_until_ms` of the terms: no bar that closes
        later enters anything, what is held is managed on, and the steps until then stay as told.

        Args:
            signals: keys and terms; with a lot, `entry_fractions` are whole lots.
            lots: size step of each signal as a share of its whole size, above 0 and at most 1:
                what targets close is rounded down to it, and the last one closes the rest; 0:
                shares are exact. None: all are. Other minimums of a venue are not looked at.

        Returns:
            One path a signal, in their order.

        Raises:
            DataInvalid: terms contradict each other or their lot, or there are not as many lots
                as signals.
        """
        found: list[TradePath | None] = [None] * len(signals)
        for side in sides_of(signals, self._series, self._shifts, lots=lots):
            states, steps = _followed(side)
            told = zip(side.places, side.signals, states, steps, strict=True)
            for place, (key, terms), state, mine in told:
                outcome = outcome_of(key, terms, state, is_delisted=self._is_delisted)
                found[place] = TradePath(key=key, steps=mine, outcome=outcome)
        return [one for one in found if one is not None]


def trade_paths(
    signals: Sequence[Signal],
    candles: Candles,
    *,
    finer: Candles | None = None,
    shifts: Mapping[int, Direction] | None = None,
    until_ms: int | None = None,
    is_delisted: bool = False,
    lots: Sequence[float] | None = None,
) -> list[TradePath]:
    """Return what happened when to the trades of signals of one symbol: see `PathFinder`.

    Args:
        signals, lots: as of `PathFinder.paths`.
        candles, finer, shifts, until_ms, is_delisted: as of `model_outcomes`.

    Raises:
        DataInvalid: terms contradict each other or their lot, there are not as many lots as
            signals, or finer candles do not fit the coarse ones.
    """
    series = series_of(candles, finer, until_ms=until_ms)
    return PathFinder(series, shifts, is_delisted=is_delisted).paths(signals, lots=lots)


def _followed(side: Side) -> tuple[Array, list[tuple[TradeStep, ...]]]:
    """Return the states that signals come to, and their steps."""
    room = _ROOM * len(side.signals)
    states, log, ends = _logged(side, room)
    if ends[-1] > room:
        states, log, ends = _logged(side, int(ends[-1]))
    sign = side.signals[0][1].direction.sign
    rows = _Row.all_of(log[: ends[-1]])
    return states, [
        tuple(_steps_of(rows[one:end], sign)) for one, end in pairwise((0, *ends.tolist()))
    ]


def _logged(side: Side, room: int) -> tuple[Array, Array, Times]:
    states, log = side.new_states(), np.empty(room, dtype=STATE)
    ends: Times = walk_logged(side.bars, side.terms, states, side.first, log)
    return states, log, ends


class _Row(NamedTuple):
    """What a state of the log tells a step, in plain numbers; prices signed."""

    followed_ms: int
    entered: float
    entry_value: float
    held: float
    proceeds: float
    slippage: float
    fees: float
    entry_fees: float
    funding: float
    stop: float
    status: int
    ending: int
    done: list[float]
    rest: list[float]

    @classmethod
    def all_of(cls, log: Array) -> list[_Row]:
        return [cls(*row) for row in zip(*(log[one].tolist() for one in cls._fields), strict=True)]


_NOTHING: Final = _Row(0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0, [], [])


def _steps_of(rows: Sequence[_Row], sign: int) -> Iterator[TradeStep]:
    """Yield one step a state of a signal: what was added since the state before."""
    for before, now in pairwise((_NOTHING, *rows)):
        entered = now.entered - before.entered
        slippage = now.slippage - before.slippage
        yield TradeStep(
            at_ms=now.followed_ms,
            entered=entered,
            entry_value=_unsigned(now.entry_value - before.entry_value, sign),
            closed=entered - (now.held - before.held),
            proceeds=_unsigned(now.proceeds - before.proceeds - slippage, sign),
            fees=now.fees - before.fees,
            entry_fees=now.entry_fees - before.entry_fees,
            funding=now.funding - before.funding,
            slippage=slippage,
            held=now.held,
            stop=_unsigned(now.stop, sign),
            status=STATUSES[now.status],
            ending=ENDINGS[now.ending],
            targets_hit=sum(done > 0 for done in now.done),
            resting=tuple(now.rest),
        )


def _unsigned(value: float, sign: int) -> float:
    return sign * value + 0.0  # a short's nothing is 0, not -0
