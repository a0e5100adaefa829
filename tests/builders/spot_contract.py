"""What every venue of spot markets promises; each venue's test inherits it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from snipersight.domain.orders import OrderKind, OrderRequest, OrderStatus
from snipersight.domain.venue import EventKind, Reason
from tests.builders.venue_contract import SPOT, Desk, Ears, an_order, ended


class SpotContract:
    """A venue of spot markets; a subclass has the fixture `desk`."""

    async def bought(self, desk: Desk) -> None:
        """Hold a hundredth."""
        entry = an_order("E0-0", symbol=SPOT, kind=OrderKind.MARKET)
        assert await desk.venue.submit(entry)
        await ended(desk.venue, entry, OrderStatus.FILLED)

    def pair(self) -> tuple[OrderRequest, OrderRequest]:
        """Return target and stop for most of a hundredth; fees may have taken some of it."""
        size = "0.0099"
        target = an_order("T0-0", symbol=SPOT, is_reducing=True, price="51000", size=size)
        stop = an_order(
            "S0-0",
            symbol=SPOT,
            is_reducing=True,
            kind=OrderKind.STOP_MARKET,
            trigger="49000",
            size=size,
        )
        return target, stop

    @pytest.mark.parametrize(("price", "index"), [("51100", 0), ("48900", 1)])
    async def test_one_of_a_pair_is_filled_and_the_other_ends(self, desk, price, index):
        before_us = await desk.venue.now_us() - 1_000_000
        await self.bought(desk)
        pair = self.pair()
        assert await desk.venue.submit_pair(*pair)
        for request in pair:
            await ended(desk.venue, request, OrderStatus.WORKING)
        assert len(await desk.venue.open_orders(SPOT)) == 2
        await desk.to(price)
        filled = pair[index]
        done = await ended(desk.venue, filled, OrderStatus.FILLED)
        assert done.filled_size == filled.size
        assert await desk.venue.open_orders() == ()
        fills = await desk.venue.fills(SPOT, since_us=before_us)
        assert fills[-1].client_id == filled.client_id

    async def test_the_cancel_of_one_cancels_both_and_frees_the_units(self, desk):
        await self.bought(desk)
        pair = self.pair()
        assert await desk.venue.submit_pair(*pair)
        await ended(desk.venue, pair[1], OrderStatus.WORKING)
        assert await desk.venue.cancel(SPOT, pair[1].client_id, is_conditional=True)
        for request in pair:
            await ended(desk.venue, request, OrderStatus.CANCELLED)
        held = {balance.currency: balance for balance in await desk.venue.balances()}
        assert held["BTC"].free == held["BTC"].total

    async def test_a_pair_that_price_has_crossed_leaves_nothing_behind(self, desk):
        await self.bought(desk)
        await desk.to("48900")
        answer = await desk.venue.submit_pair(*self.pair())
        assert answer.problem is not None
        assert answer.problem.reason is Reason.WOULD_TRIGGER
        assert await desk.venue.open_orders() == ()

    async def test_what_is_not_held_cannot_be_sold(self, desk):
        sale = an_order("X0-0", symbol=SPOT, is_reducing=True, kind=OrderKind.MARKET)
        answer = await desk.venue.submit(sale)
        assert answer.problem is not None
        assert answer.problem.reason is Reason.FUNDS

    async def test_an_order_is_known_by_our_id_and_can_be_cancelled_once(self, desk):
        entry = an_order("E0-0", symbol=SPOT, price="49500")
        assert await desk.venue.submit(entry)
        await ended(desk.venue, entry, OrderStatus.WORKING)
        doubled = await desk.venue.submit(entry)
        assert doubled.problem is not None
        assert doubled.problem.reason is Reason.DUPLICATE
        assert await desk.venue.cancel(SPOT, entry.client_id, is_conditional=False)
        await ended(desk.venue, entry, OrderStatus.CANCELLED)
        again = await desk.venue.cancel(SPOT, entry.client_id, is_conditional=False)
        assert again.problem is not None
        assert again.problem.reason is Reason.NOT_FOUND

    async def test_the_stream_tells_of_order_and_fill(self, desk):
        ears = Ears(desk.venue)
        try:
            await ears.until(EventKind.CONNECTED)
            entry = an_order("E0-0", symbol=SPOT, price="49500")
            assert await desk.venue.submit(entry)
            await ears.until(EventKind.ORDER, client_id=entry.client_id)
            await desk.to("49400")
            fill = (await ears.until(EventKind.FILL, client_id=entry.client_id)).fill
            assert fill is not None
            assert (fill.size, fill.price) == (entry.size, entry.price)
        finally:
            await ears.close()

    async def test_nothing_must_be_prepared_and_nothing_is_a_position(self, desk):
        assert await desk.venue.prepare(SPOT, leverage=Decimal(1))
        await self.bought(desk)
        assert await desk.venue.positions() == ()
        assert await desk.venue.funding(SPOT, since_us=0) == ()
        assert desk.venue.capabilities(SPOT).pairs_exits
        findings = await desk.venue.preflight([SPOT])
        assert [finding for finding in findings if finding.level == "failed"] == []
