"""When funding is asked for: the question weighs much, and venues pay on the full hour."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from snipersight.bot.executor.booking import Booker
from snipersight.domain.errors import VenueStopped, VenueUnavailable
from snipersight.domain.execution import Trade, TradeId
from snipersight.domain.store import Clock

_MINUTE_US: Final = 60_000_000
_HOUR_US: Final = 60 * _MINUTE_US
_LISTED_US: Final = 3 * _MINUTE_US  # after the hour every payment is in the list
_EVERY_US: Final = 10 * _MINUTE_US


class FundingRounds:
    """Books the funding of trades, each as often as something may be new.

    Args:
        booker: asks and books.
        clock: microseconds UTC.
    """

    def __init__(self, booker: Booker, clock: Clock) -> None:
        self._booker: Final = booker
        self._clock: Final = clock
        self._asked_us: Final[dict[TradeId, int]] = {}

    async def book(self, trade: Trade) -> None:
        """Book what a trade paid and got since it was last asked for, if it is time to ask.

        What the venue does not tell now is asked for again in the next comparison.

        Raises:
            LeaseLost: another executor has taken over.
        """
        now_us = self._clock()
        if not is_due(self._asked_us.get(trade.trade_id), now_us=now_us):
            return
        with suppress(VenueUnavailable, VenueStopped):
            await self._booker.book_funding(trade)
            if trade.opened_us is not None:
                self._asked_us[trade.trade_id] = now_us
        self._forget(now_us)

    def _forget(self, now_us: int) -> None:
        for trade_id in [one for one, at_us in self._asked_us.items() if at_us < now_us - _HOUR_US]:
            del self._asked_us[trade_id]


def is_due(asked_us: int | None, *, now_us: int) -> bool:
    """Return whether funding may have been paid that was not listed when it was last asked for.

    Args:
        asked_us: when that was, microseconds UTC; None: never.
        now_us: the time.
    """
    if asked_us is None or not 0 <= now_us - asked_us < _EVERY_US:
        return True
    return asked_us < now_us - now_us % _HOUR_US + _LISTED_US
