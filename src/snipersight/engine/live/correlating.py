"""Closes that correlations look at, kept until the next bar of their timeframe has closed."""

from __future__ import annotations

from snipersight.domain.units import Symbol
from snipersight.engine.context import Ports, ScanContext
from snipersight.engine.correlating import TIMEFRAME, read_closes
from snipersight.risk.exposure.correlation import Closes


class LiveCloses:
    """Reads the closes of a market once for each bar of their timeframe.

    A scan at any moment between two of their closes would read the same. What has not come yet,
    or cannot be read, is asked for again at the next look.
    """

    def __init__(self) -> None:
        self._closed_ms = 0
        self._held: dict[Symbol, Closes] = {}

    async def read(self, symbol: Symbol, context: ScanContext, ports: Ports) -> Closes | None:
        """Return a market's closes as of a scan's moment; None where they cannot be read."""
        closed_ms = TIMEFRAME.floor(context.as_of_ms)
        if closed_ms != self._closed_ms:
            self._closed_ms, self._held = closed_ms, {}
        held = self._held.get(symbol)
        if held is not None:
            return held
        found = await read_closes(symbol, context, ports)
        if found is not None and _reaches(found, closed_ms) and closed_ms == self._closed_ms:
            self._held[symbol] = found
        return found


def _reaches(closes: Closes, closed_ms: int) -> bool:
    """Return whether the newest bar of a moment is among some."""
    times = closes.open_times_ms
    return len(times) > 0 and int(times[-1]) + TIMEFRAME.duration_ms >= closed_ms
