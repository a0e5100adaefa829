"""Markets that are not listed any more while something is held in them: said, until it is over."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.running.supervising import pause
from snipersight.domain.errors import StateUnavailable, VenueUnavailable

if TYPE_CHECKING:
    from snipersight.bootstrap.running.opening import OpenRun
    from snipersight.domain.execution import Trade

MARKETS: Final = "markets"  # the part, as vitals know it
_LOOK_S: Final = 5.0


class HeldMarkets:
    """Looks whether every market is still listed that the account has a trade in.

    A scan leaves out what is not listed, and nobody would hear of the position.

    Args:
        run: open.
        look_s: between two looks, real seconds.
    """

    def __init__(self, run: OpenRun, *, look_s: float = _LOOK_S) -> None:
        self._run: Final = run
        self._look_s: Final = look_s
        self._told = ""

    async def watch(self, stop: asyncio.Event) -> None:
        """Look again and again, until it is stopped."""
        while not stop.is_set():
            with suppress(StateUnavailable, VenueUnavailable):  # the scans meet it too, and tell
                await self.look()
            await pause(self._look_s, stop=stop)

    async def look(self) -> None:
        """Say what has changed since the last look.

        Raises:
            StateUnavailable: the store cannot be read.
            VenueUnavailable: the source does not tell what it lists.
        """
        gone = await self._gone()
        told = "; ".join(map(_sentence, gone))
        if told == self._told:
            return
        self._told = told
        if told:
            self._run.vitals.trouble(MARKETS, told)
            self._run.say(f"warning: {told}")
        else:
            self._run.vitals.well(MARKETS)
            self._run.say("Every market that something is held in is listed, or nothing is held.")

    async def _gone(self) -> list[Trade]:
        ports, source = self._run.books.ports, self._run.session.source
        live = await asyncio.to_thread(
            ports.store.view, ports.account_id, lambda unit: unit.book.live_trades()
        )
        here = [one for one in live if one.venue == source.venue]
        listed = await source.instruments() if here else {}
        return [one for one in here if one.symbol not in listed]


def _sentence(trade: Trade) -> str:
    return (
        f"{trade.symbol} is not listed any more, and a {trade.direction} trade is live in it "
        f"(plan {trade.plan_id}): its stop stays at the venue; `snipersight flatten "
        f"{trade.plan_id}` closes it as soon as the venue lets it"
    )
