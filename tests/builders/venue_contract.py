"""What every venue promises, asked through the port alone; each venue's test inherits it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Protocol, TypeVar

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.orders import (
    ClientOrderId,
    OrderKind,
    OrderRequest,
    OrderStatus,
    TriggerSource,
    VenueOrder,
)
from snipersight.domain.units import Price, Size, Symbol
from snipersight.domain.venue import EventKind, Reason, Venue, VenueEvent

T = TypeVar("T")
PERPETUAL, SPOT = Symbol("BTC/USDT:USDT"), Symbol("BTC/USDT")
START = Decimal(50_000)
LONG, SHORT = Direction.LONG, Direction.SHORT
_PATIENCE_S = 5.0


class Desk(Protocol):
    """A venue, and the price of its market, which stands at `START`."""

    venue: Venue

    async def to(self, price: str) -> None:
        """Trade at a price now."""
        ...


def an_order(
    leg: str,
    *,
    symbol: Symbol = PERPETUAL,
    direction: Direction = LONG,
    is_reducing: bool = False,
    kind: OrderKind = OrderKind.LIMIT,
    size: str = "0.01",
    price: str | None = None,
    trigger: str | None = None,
    source: TriggerSource = TriggerSource.LAST,
    attached: str | None = None,
) -> OrderRequest:
    """Return an order of one plan; `leg` is the end of its id."""
    return OrderRequest(
        client_id=ClientOrderId(f"ss-abcdefghijklmnop-{leg}"),
        symbol=symbol,
        direction=direction,
        is_reducing=is_reducing,
        kind=kind,
        size=Size(Decimal(size)),
        price=None if price is None else Price(Decimal(price)),
        trigger_price=None if trigger is None else Price(Decimal(trigger)),
        trigger_source=source,
        attached_stop=None if attached is None else Price(Decimal(attached)),
    )


def a_stop(leg: str, *, direction: Direction = LONG, trigger: str) -> OrderRequest:
    """Return a protective stop."""
    return an_order(
        leg, direction=direction, is_reducing=True, kind=OrderKind.STOP_MARKET, trigger=trigger
    )


async def eventually(
    ask: Callable[[], Awaitable[T]], is_so: Callable[[T], bool], *, within_s: float = _PATIENCE_S
) -> T:
    """Return what was asked once it is so; an acknowledgement tells nothing of the outcome."""
    found = await ask()
    for _ in range(int(within_s / 0.05)):
        if is_so(found):
            return found
        await asyncio.sleep(0.05)
        found = await ask()
    raise AssertionError(f"never so: {found}")


async def ended(venue: Venue, request: OrderRequest, status: OrderStatus) -> VenueOrder:
    """Return an order once it has this status."""

    async def ask() -> VenueOrder | None:
        return await venue.order(
            request.symbol, request.client_id, is_conditional=request.kind.is_conditional
        )

    found = await eventually(ask, lambda order: order is not None and order.status is status)
    assert found is not None
    return found


async def entered(desk: Desk, direction: Direction) -> OrderRequest:
    """Hold a hundredth by a market order, and return it."""
    entry = an_order("E0-0", direction=direction, kind=OrderKind.MARKET)
    assert await desk.venue.submit(entry)
    await ended(desk.venue, entry, OrderStatus.FILLED)
    return entry


def away(direction: Direction, points: int) -> str:
    """Return a price on the losing side of the start."""
    return str(START - direction.sign * points)


class Ears:
    """What a venue's stream told so far."""

    def __init__(self, venue: Venue) -> None:
        self.heard: list[VenueEvent] = []
        self._task = asyncio.create_task(self._listen(venue))

    async def until(self, kind: EventKind, *, client_id: str = "") -> VenueEvent:
        async def ask() -> list[VenueEvent]:
            return [
                event for event in self.heard if event.kind is kind and _names(event, client_id)
            ]

        return (await eventually(ask, bool))[0]

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _listen(self, venue: Venue) -> None:
        async for event in venue.events():
            self.heard.append(event)


def _names(event: VenueEvent, client_id: str) -> bool:
    told = event.fill or event.order
    return not client_id or (told is not None and told.client_id == client_id)


@pytest.mark.parametrize("direction", [LONG, SHORT])
class PerpetualContract:
    """A venue of perpetuals; a subclass has the fixture `desk`."""

    async def test_a_resting_order_is_known_by_our_id_and_counts_once(self, desk, direction):
        entry = an_order("E0-0", direction=direction, price=away(direction, 500))
        assert await desk.venue.submit(entry)
        known = await ended(desk.venue, entry, OrderStatus.WORKING)
        assert (known.size, known.price, known.side) == (entry.size, entry.price, entry.side)
        assert known.filled_size == 0
        assert not known.is_reducing
        doubled = await desk.venue.submit(entry)
        assert doubled.problem is not None
        assert doubled.problem.reason is Reason.DUPLICATE
        [shown] = await desk.venue.open_orders()
        assert shown.client_id == entry.client_id

    async def test_a_cancelled_order_has_ended_and_cannot_be_cancelled_again(self, desk, direction):
        entry = an_order("E0-0", direction=direction, price=away(direction, 500))
        assert await desk.venue.submit(entry)
        await ended(desk.venue, entry, OrderStatus.WORKING)
        asked = {"symbol": PERPETUAL, "client_id": entry.client_id, "is_conditional": False}
        assert await desk.venue.cancel(**asked)
        await ended(desk.venue, entry, OrderStatus.CANCELLED)
        again = await desk.venue.cancel(**asked)
        assert again.problem is not None
        assert again.problem.reason is Reason.NOT_FOUND
        assert await desk.venue.open_orders() == ()

    @pytest.mark.parametrize("is_conditional", [False, True])
    async def test_an_id_that_was_never_sent_is_not_found(self, desk, direction, is_conditional):
        asked = {"client_id": "ss-abcdefghijklmnop-E9-9", "is_conditional": is_conditional}
        assert await desk.venue.order(PERPETUAL, **asked) is None
        answer = await desk.venue.cancel(PERPETUAL, **asked)
        assert answer.problem is not None
        assert answer.problem.reason is Reason.NOT_FOUND

    async def test_an_entry_that_is_traded_through_is_a_position_and_a_fill(self, desk, direction):
        before_us = await desk.venue.now_us() - 1_000_000
        entry = an_order("E0-0", direction=direction, price=away(direction, 500))
        assert await desk.venue.submit(entry)
        await desk.to(away(direction, 600))
        filled = await ended(desk.venue, entry, OrderStatus.FILLED)
        assert (filled.filled_size, filled.average_price) == (entry.size, entry.price)
        [position] = await desk.venue.positions()
        assert (position.direction, position.size) == (direction, entry.size)
        assert position.entry_price == entry.price
        [fill] = await desk.venue.fills(PERPETUAL, since_us=before_us)
        assert (fill.client_id, fill.size, fill.price) == (
            entry.client_id,
            entry.size,
            entry.price,
        )
        assert fill.side is entry.side

    async def test_a_stop_waits_and_closes_the_position_under_our_id(self, desk, direction):
        before_us = await desk.venue.now_us() - 1_000_000
        await entered(desk, direction)
        stop = a_stop("S0-0", direction=direction, trigger=away(direction, 1000))
        assert await desk.venue.submit(stop)
        waiting = await ended(desk.venue, stop, OrderStatus.WORKING)
        assert (waiting.kind, waiting.trigger_price) == (stop.kind, stop.trigger_price)
        assert waiting.is_reducing
        [shown] = await desk.venue.open_orders(PERPETUAL)
        assert (shown.client_id, shown.kind) == (stop.client_id, OrderKind.STOP_MARKET)
        await desk.to(away(direction, 1100))
        done = await ended(desk.venue, stop, OrderStatus.FILLED)
        assert done.filled_size == stop.size
        assert await desk.venue.positions() == ()
        assert await desk.venue.open_orders() == ()
        fills = await desk.venue.fills(PERPETUAL, since_us=before_us)
        assert fills[-1].client_id == stop.client_id

    async def test_a_waiting_stop_can_be_cancelled(self, desk, direction):
        await entered(desk, direction)
        stop = a_stop("S0-0", direction=direction, trigger=away(direction, 1000))
        assert await desk.venue.submit(stop)
        await ended(desk.venue, stop, OrderStatus.WORKING)
        assert await desk.venue.cancel(PERPETUAL, stop.client_id, is_conditional=True)
        await ended(desk.venue, stop, OrderStatus.CANCELLED)
        await desk.to(away(direction, 1100))
        assert len(await desk.venue.positions()) == 1

    async def test_a_stop_that_price_has_crossed_is_refused_as_such(self, desk, direction):
        await entered(desk, direction)
        stop = a_stop("S0-0", direction=direction, trigger=away(direction, -1000))
        answer = await desk.venue.submit(stop)
        assert answer.problem is not None
        assert answer.problem.reason is Reason.WOULD_TRIGGER

    async def test_an_exit_without_a_position_is_refused_as_such(self, desk, direction):
        flatten = an_order("X0-0", direction=direction, is_reducing=True, kind=OrderKind.MARKET)
        answer = await desk.venue.submit(flatten)
        assert answer.problem is not None
        assert answer.problem.reason is Reason.NOTHING_TO_REDUCE

    async def test_a_target_and_a_market_exit_make_a_position_smaller(self, desk, direction):
        await entered(desk, direction)
        target = an_order(
            "T0-0",
            direction=direction,
            is_reducing=True,
            size="0.004",
            price=away(direction, -700),
        )
        assert await desk.venue.submit(target)
        await desk.to(away(direction, -800))
        await ended(desk.venue, target, OrderStatus.FILLED)
        [position] = await desk.venue.positions()
        assert position.size == Decimal("0.006")
        rest = an_order(
            "X0-0", direction=direction, is_reducing=True, kind=OrderKind.MARKET, size="0.006"
        )
        assert await desk.venue.submit(rest)
        await ended(desk.venue, rest, OrderStatus.FILLED)
        assert await desk.venue.positions() == ()

    async def test_leverage_is_set_once_or_twice_with_the_same_end(self, desk, direction):
        for _ in range(2):
            answer = await desk.venue.prepare(PERPETUAL, leverage=Decimal(7))
            assert answer.problem is None or answer.problem.kind == "harmless"
        await entered(desk, direction)
        [position] = await desk.venue.positions()
        assert (position.leverage, position.is_isolated) == (7, True)

    async def test_the_stream_tells_of_order_and_fill(self, desk, direction):
        ears = Ears(desk.venue)
        try:
            await ears.until(EventKind.CONNECTED)
            entry = an_order("E0-0", direction=direction, price=away(direction, 500))
            assert await desk.venue.submit(entry)
            told = await ears.until(EventKind.ORDER, client_id=entry.client_id)
            assert told.order is not None
            await desk.to(away(direction, 600))
            fill = (await ears.until(EventKind.FILL, client_id=entry.client_id)).fill
            assert fill is not None
            assert (fill.size, fill.price) == (entry.size, entry.price)
        finally:
            await ears.close()

    async def test_prices_rules_and_money_are_told(self, desk, direction):
        quote = await desk.venue.quote(PERPETUAL)
        assert quote.last == START
        assert (await desk.venue.quotes([PERPETUAL]))[PERPETUAL].last == START
        assert PERPETUAL in await desk.venue.instruments()
        [balance] = await desk.venue.balances()
        assert balance.currency == "USDT"
        assert balance.free == balance.total > 0
        findings = await desk.venue.preflight([PERPETUAL])
        assert [finding for finding in findings if finding.level == "failed"] == []


class AttachingContract(PerpetualContract):
    """A venue that also sets a stop with an entry's fill."""

    async def test_a_stop_that_an_entry_brings_rests_with_its_fill(self, desk, direction):
        assert desk.venue.capabilities(PERPETUAL).attaches_stop
        entry = an_order(
            "E0-0",
            direction=direction,
            price=away(direction, 500),
            attached=away(direction, 1000),
        )
        assert await desk.venue.submit(entry)
        await ended(desk.venue, entry, OrderStatus.WORKING)
        await desk.to(away(direction, 600))
        await ended(desk.venue, entry, OrderStatus.FILLED)
        await desk.to(away(direction, 1100))
        await eventually(desk.venue.positions, lambda held: held == ())
        assert await desk.venue.open_orders() == ()
