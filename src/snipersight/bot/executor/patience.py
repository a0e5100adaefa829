"""A venue that answers in time: what takes too long counts as no answer, or as an unknown outcome."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Collection, Mapping
from decimal import Decimal
from typing import Final, TypeVar

from snipersight.domain.errors import SniperSightError, VenueUnavailable
from snipersight.domain.instrument import Instrument
from snipersight.domain.orders import (
    Balance,
    Fill,
    FundingPayment,
    OrderRequest,
    Quote,
    VenueOrder,
    VenuePosition,
)
from snipersight.domain.units import Symbol
from snipersight.domain.venue import (
    Answer,
    Environment,
    Finding,
    Problem,
    ProblemClass,
    Venue,
    VenueCapabilities,
    VenueEvent,
)

T = TypeVar("T")
_SECOND_US: Final = 1_000_000


class PatientVenue:
    """Implements `Venue` by another one, and waits for nothing longer than it was told.

    Args:
        venue: answers, or does not.
        request_us: for what changes something: after it the outcome is unknown.
        question_us: for questions: after it the venue counts as unavailable.
    """

    def __init__(self, venue: Venue, *, request_us: int, question_us: int) -> None:
        self._venue: Final = venue
        self._request_s: Final = request_us / _SECOND_US
        self._question_s: Final = question_us / _SECOND_US

    @property
    def name(self) -> str:
        """Return the venue's short name."""
        return self._venue.name

    @property
    def environment(self) -> Environment:
        """Return which world it is."""
        return self._venue.environment

    def capabilities(self, symbol: Symbol) -> VenueCapabilities:
        """Return what it can do for a market."""
        return self._venue.capabilities(symbol)

    async def now_us(self) -> int:
        """Return the venue's time."""
        return await self._told(self._venue.now_us())

    async def instruments(self) -> Mapping[Symbol, Instrument]:
        """Return the markets; they may be many, and nobody hurries for them."""
        return await self._venue.instruments()

    async def preflight(self, symbols: Collection[Symbol]) -> tuple[Finding, ...]:
        """Ask everything that must hold before the first order; nobody hurries for it."""
        return await self._venue.preflight(symbols)

    async def prepare(self, symbol: Symbol, *, leverage: Decimal) -> Answer:
        """Set isolated margin and leverage."""
        return await self._done(self._venue.prepare(symbol, leverage=leverage))

    async def submit(self, request: OrderRequest) -> Answer:
        """Send one order, once."""
        return await self._done(self._venue.submit(request))

    async def submit_pair(self, target: OrderRequest, stop: OrderRequest) -> Answer:
        """Send target and stop as one list."""
        return await self._done(self._venue.submit_pair(target, stop))

    async def cancel(self, symbol: Symbol, client_id: str, *, is_conditional: bool) -> Answer:
        """Cancel one order; of a pair, both."""
        return await self._done(
            self._venue.cancel(symbol, client_id, is_conditional=is_conditional)
        )

    async def order(
        self, symbol: Symbol, client_id: str, *, is_conditional: bool
    ) -> VenueOrder | None:
        """Return an order by our id."""
        return await self._told(self._venue.order(symbol, client_id, is_conditional=is_conditional))

    async def open_orders(self, symbol: Symbol | None = None) -> tuple[VenueOrder, ...]:
        """Return every open order of the account."""
        return await self._told(self._venue.open_orders(symbol))

    async def fills(self, symbol: Symbol, *, since_us: int) -> tuple[Fill, ...]:
        """Return every execution of a market since a moment."""
        return await self._told(self._venue.fills(symbol, since_us=since_us))

    async def funding(self, symbol: Symbol, *, since_us: int) -> tuple[FundingPayment, ...]:
        """Return funding since a moment."""
        return await self._told(self._venue.funding(symbol, since_us=since_us))

    async def positions(self) -> tuple[VenuePosition, ...]:
        """Return every open position."""
        return await self._told(self._venue.positions())

    async def balances(self) -> tuple[Balance, ...]:
        """Return what the account holds."""
        return await self._told(self._venue.balances())

    async def quote(self, symbol: Symbol) -> Quote:
        """Return the prices of a market now."""
        return await self._told(self._venue.quote(symbol))

    async def quotes(self, symbols: Collection[Symbol]) -> Mapping[Symbol, Quote]:
        """Return the prices of several markets now."""
        return await self._told(self._venue.quotes(symbols))

    def events(self) -> AsyncIterator[VenueEvent]:
        """Yield what the account's stream tells."""
        return self._venue.events()

    async def close(self) -> None:
        """Release connections."""
        await self._venue.close()

    async def _told(self, question: Awaitable[T]) -> T:
        """Return the answer to a question.

        Raises:
            VenueUnavailable: it did not come in time.
        """
        try:
            async with asyncio.timeout(self._question_s):
                return await question
        except TimeoutError as error:
            raise VenueUnavailable(
                f"no answer within {self._question_s:g} s", where=self.name, next_step="try again"
            ) from error

    async def _done(self, request: Awaitable[Answer]) -> Answer:
        """Return the answer; what breaks or takes too long may have been done all the same."""
        try:
            async with asyncio.timeout(self._request_s):
                return await request
        except TimeoutError:
            return _unknown(f"no answer within {self._request_s:g} s", is_mapped=True)
        except SniperSightError as error:
            return _unknown(str(error), is_mapped=True)
        except Exception as error:  # noqa: BLE001  whatever broke, the order may have left
            return _unknown(f"{type(error).__name__} while it was sent", is_mapped=False)


def _unknown(text: str, *, is_mapped: bool) -> Answer:
    return Answer(problem=Problem(kind=ProblemClass.UNKNOWN, text=text, is_mapped=is_mapped))
