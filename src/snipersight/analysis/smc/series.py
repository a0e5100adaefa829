"""One timeframe of one symbol, read bar by bar: the detectors' state with a typed face."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np

from snipersight.analysis.facts import Reading, Setup
from snipersight.analysis.smc.decode import read_percentile, read_setup, read_state, read_trend
from snipersight.analysis.smc.layout import RING, Array, Record, new_state
from snipersight.analysis.smc.log import FACT, new_log
from snipersight.analysis.smc.machine import run
from snipersight.domain.candles import COLUMNS, Candles
from snipersight.domain.profile import SetupRules, SmcRules
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol

NEVER_MS: Final = 2**62


class SmcSeries:
    """All detectors over the closed bars of one timeframe; one pass, constant work per bar.

    Args:
        rules: definitions for this role.
        timeframe: of the bars.
        setup: which shifts complete a setup.
        facts_from_ms: facts of bars that open earlier are not kept; the default keeps none.
    """

    def __init__(
        self,
        rules: SmcRules,
        timeframe: Timeframe,
        setup: SetupRules,
        *,
        facts_from_ms: int = NEVER_MS,
    ) -> None:
        self.timeframe = timeframe
        self._states = new_state(rules, timeframe, setup, facts_from_ms=facts_from_ms)
        self._logs = new_log()
        self._facts: list[bytes] = []  # numpy copies packed records one by one, bytes at once
        self._read: tuple[int, Reading | None] = (0, None)  # after how many bars, and what

    @property
    def known_at_ms(self) -> int | None:
        """Return the close of the newest bar taken, None before the first."""
        clock = self._states["clock"][0]
        return int(clock["last_ms"]) + self.timeframe.duration_ms if clock["n"] else None

    @property
    def is_warm(self) -> bool:
        """Return whether the history reaches back far enough to say anything."""
        return int(self._states["clock"]["speaker"][0]) >= 0

    def advance(
        self, candles: Candles, *, until_ms: int, stop_at_setup: bool = False
    ) -> Setup | None:
        """Take the bars not taken yet that are closed at `until_ms`.

        Args:
            candles: history or only new bars; bars already taken are skipped.
            until_ms: no bar that closes later is looked at.
            stop_at_setup: stop after the bar that completes a setup; call again to go on.

        Returns:
            The setup that was stopped at, or the one the very last bar completed, or None.
        """
        last = self._states["clock"]["last_ms"][0]
        first = int(candles.open_time.searchsorted(last, side="right"))
        stop = candles.closed_by(until_ms)
        if first >= stop:
            return None
        columns = (candles.open_time, *(getattr(candles, name) for name in COLUMNS))
        while first < stop:
            first = run(self._states, self._logs, columns, first, stop, stop_at_setup)
            setup = self._empty_log()
            if setup is not None and (stop_at_setup or first >= stop):
                is_new = stop_at_setup or int(setup["known_at"]) == self.known_at_ms
                return read_setup(setup) if is_new else None
        return None

    def _empty_log(self) -> Record | None:
        """Keep the facts, return the newest setup's record, and make room."""
        log = self._logs[0]
        facts, setups = int(log["facts_count"]), int(log["setups_count"])
        if facts:
            self._facts.append(log["facts"][:facts].tobytes())
        log["facts_count"] = log["setups_count"] = 0
        return log["setups"][setups - 1] if setups else None

    def facts(self) -> Array:
        """Return the kept facts as one structured array (`log.FACT`), oldest first."""
        return np.frombuffer(bytearray().join(self._facts), FACT)

    def drain_facts(self) -> Array:
        """Return the kept facts as `facts` does, and forget them."""
        facts = self.facts()
        self._facts = []
        return facts

    def trend_and_regime(self) -> tuple[int, Regime | None]:
        """Return the swing trend and regime without reading everything else; (0, None) if cold."""
        return read_trend(self._states[0])

    def atr_percentile(self) -> float | None:
        """Return the share of its window that the newest ATR exceeds, 0 to 1; None if cold."""
        return read_percentile(self._states[0])

    def tail(self, symbol: Symbol, bars: int) -> Callable[[], Candles] | None:
        """Return what tells the newest `bars` bars (at most 1,024) as they are now, whenever asked.

        None while the machine that speaks has seen fewer: what is computed from the tail must not
        depend on where the history begins.
        """
        state = self._states[0]
        if not self.is_warm or state["machine"]["seen"][state["clock"]["speaker"]] < bars:
            return None
        stop = int(state["clock"]["n"])
        rows = state["bars"][np.arange(stop - bars, stop) % RING]  # a copy: bars go on
        return partial(_candles_of, rows, symbol, self.timeframe)

    def reading(self) -> Reading | None:
        """Return what is known at the newest close, or None while the history is too short."""
        taken, reading = self._read
        if taken != (count := int(self._states["clock"]["n"][0])):
            reading = read_state(self._states, self.timeframe)
            self._read = (count, reading)
        return reading


def _candles_of(rows: Array, symbol: Symbol, timeframe: Timeframe) -> Candles:
    """Return bars of a machine, which were checked before, as candles."""
    columns = {name: rows[name[0]] for name in COLUMNS}
    return Candles.checked_before(symbol, timeframe, rows["t"], columns)
