"""The universe of a live scan: chosen as a scan does, the largest markets anew every hour."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from snipersight.domain.errors import DataInvalid, VenueUnavailable
from snipersight.domain.timeframe import HOUR_MS
from snipersight.domain.units import Symbol
from snipersight.engine.context import Ports, ScanContext
from snipersight.engine.universe_stage import select_symbols
from snipersight.market.universe import is_ranked

Mine = Callable[[Sequence[Symbol]], Sequence[Symbol]]


class LiveUniverse:
    """Chooses what is looked at.

    Named symbols and watch-lists are resolved at every close. What was traded in a day is asked
    for once an hour, at its first close; until the next the largest markets stay those that they
    were then.

    Args:
        mine: returns those of some symbols that this process looks at, in their order.
    """

    def __init__(self, mine: Mine) -> None:
        self._mine = mine
        self._largest: ScanContext | None = None

    async def select(self, context: ScanContext, ports: Ports) -> ScanContext:
        """Stage of a live scan: choose the universe, and keep what is ours of it."""
        choose = self._ranked if is_ranked(context.request.symbols) else select_symbols
        chosen = await choose(context, ports)
        mine = tuple(self._mine(chosen.universe))
        if mine == chosen.universe:
            return chosen
        # A part is a look of its own: its evidence must not take the place of another's.
        part = hashlib.sha256(" ".join(mine).encode()).hexdigest()[:4]
        return replace(chosen, universe=mine, context_id=f"{chosen.context_id}_{part}")

    async def _ranked(self, context: ScanContext, ports: Ports) -> ScanContext:
        last = self._largest
        if last is None or last.as_of_ms // HOUR_MS != context.as_of_ms // HOUR_MS:
            try:
                last = await select_symbols(context, ports)
            except (DataInvalid, VenueUnavailable) as error:
                if last is None:
                    raise
                fields = {"of": "volumes", "what": str(error)}
                ports.sink.emit("observation_missing", fields)
            else:
                self._largest = last
        return await self._as_before(last, context, ports)

    async def _as_before(
        self, last: ScanContext, context: ScanContext, ports: Ports
    ) -> ScanContext:
        """Return what was chosen, without markets that the venue has ceased to list."""
        listed = await ports.source.instruments()
        gone = tuple((one, "no longer listed") for one in last.universe if one not in listed)
        return replace(
            context,
            instruments=listed,
            universe=tuple(symbol for symbol in last.universe if symbol in listed),
            dropped=(*last.dropped, *gone),
        )
