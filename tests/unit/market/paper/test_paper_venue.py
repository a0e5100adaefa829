from decimal import Decimal

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.errors import DataInvalid
from snipersight.domain.orders import OrderKind, OrderStatus
from snipersight.domain.units import Currency, Symbol
from snipersight.domain.venue import Environment, EventKind, FindingLevel, Reason, StopRests
from snipersight.market.paper.venue import PaperVenue
from snipersight.market.paper.world import begin_world, origin_of
from tests.builders.candles import rows
from tests.builders.paper import (
    PERPETUAL,
    SPOT,
    START_MS,
    STEP_MS,
    PaperBench,
    an_order,
    played,
)

FALLING_THEN_RISING = rows("""
    100 100   98 99    # 00:00
     99 100   97 99    # 00:05
     99 106   99 105   # 00:10
    105 111  105 110   # 00:15
""")


@pytest.fixture
def bench(tmp_path) -> PaperBench:
    return PaperBench(folder=tmp_path, rows=FALLING_THEN_RISING)


async def test_an_order_at_the_beginning_of_a_bar_is_filled_by_that_bar(bench):
    venue = await bench.open()
    assert await venue.submit(an_order(price="98.5"))
    assert await played(venue, START_MS + STEP_MS) == [START_MS + STEP_MS] * 2
    fills = await venue.fills(PERPETUAL, since_us=0)
    assert [(fill.price, fill.size) for fill in fills] == [(Decimal("98.5"), Decimal(1))]


async def test_an_order_in_the_middle_of_a_bar_is_not_filled_by_what_that_bar_had_been(bench):
    venue = await bench.open()
    await played(venue, START_MS + 60_000)
    assert await venue.submit(an_order(price="98.5"))
    await played(venue, START_MS + STEP_MS)
    assert await venue.fills(PERPETUAL, since_us=0) == ()
    await played(venue, START_MS + 2 * STEP_MS)
    [fill] = await venue.fills(PERPETUAL, since_us=0)
    assert START_MS + STEP_MS < fill.at_us // 1000 <= START_MS + 2 * STEP_MS


async def test_what_waits_for_its_bar_is_open_cannot_be_doubled_and_can_be_cancelled(bench):
    venue = await bench.open(now_ms=START_MS + 60_000)
    order = an_order(price="98.5")
    answer = await venue.submit(order)
    assert answer.order is not None
    assert answer.order.status is OrderStatus.WORKING
    [shown] = await venue.open_orders()
    assert (shown.client_id, shown.price) == (order.client_id, order.price)
    doubled = await venue.submit(order)
    assert doubled.problem is not None
    assert doubled.problem.reason is Reason.DUPLICATE
    again = await bench.open()  # the process was killed here
    cancelled = await again.cancel(PERPETUAL, order.client_id, is_conditional=False)
    assert cancelled
    found = await again.order(PERPETUAL, order.client_id, is_conditional=False)
    assert found is not None
    assert found.status is OrderStatus.CANCELLED
    await played(again, START_MS + 4 * STEP_MS)
    assert await again.fills(PERPETUAL, since_us=0) == ()


async def test_what_the_venue_would_refuse_is_refused_though_it_would_have_to_wait(bench):
    venue = await bench.open(now_ms=START_MS + 60_000)
    answer = await venue.submit(an_order(price="98.5", size="100000"))
    assert answer.problem is not None
    assert answer.problem.reason is Reason.FUNDS
    assert await venue.open_orders() == ()


async def test_funds_that_waiting_orders_need_are_not_there_for_another(bench):
    venue = await bench.open(now_ms=START_MS + 60_000)
    await venue.prepare(PERPETUAL, leverage=Decimal(1))
    assert await venue.submit(an_order("ss-abcdefghijklmnop-E0-0", price="98", size="60"))
    answer = await venue.submit(an_order("ss-abcdefghijklmnop-E1-0", price="98", size="60"))
    assert answer.problem is not None
    assert answer.problem.reason is Reason.FUNDS


async def test_a_leverage_that_is_set_already_is_as_wanted(bench):
    venue = await bench.open()
    for _ in range(2):
        answer = await venue.prepare(PERPETUAL, leverage=Decimal(3))
        assert answer.problem is None
    answer = await venue.prepare(PERPETUAL, leverage=Decimal(1000))
    assert answer.problem is not None


async def test_margin_that_cannot_be_isolated_refuses_the_entry(bench):
    venue = await bench.open()
    assert await venue.submit(an_order(price="98.5"))  # at the cross margin of a new account
    answer = await venue.prepare(PERPETUAL, leverage=Decimal(3))
    assert answer.problem is not None


async def test_a_market_order_does_not_wait(bench):
    venue = await bench.open(now_ms=START_MS + 60_000)
    assert await venue.submit(an_order(kind=OrderKind.MARKET))
    [position] = await venue.positions()
    assert position.size == 1


async def test_the_stop_that_an_entry_brings_counts_on_the_bar_of_the_entry(tmp_path):
    bench = PaperBench(folder=tmp_path, rows=rows("100 101 95 100"))
    venue = await bench.open()
    await venue.submit(an_order(price="98", stop="96"))
    await played(venue, START_MS + STEP_MS)
    assert await venue.positions() == ()
    entry, stop = await venue.fills(PERPETUAL, since_us=0)
    assert entry.price == Decimal(98)
    assert stop.price <= Decimal(96)
    assert venue.capabilities(PERPETUAL).stop_rests is StopRests.WITH_FILL
    assert venue.nameless_fills == 1


async def test_the_stop_that_came_along_goes_once_one_of_ours_covers_everything(tmp_path):
    bench = PaperBench(folder=tmp_path, rows=rows("100 101 97.5 100 \n 100 100 97 98"))
    venue = await bench.open()
    await venue.submit(an_order(price="98", size="2", stop="96"))
    await played(venue, START_MS + STEP_MS)
    for number, size in enumerate(("1", "2")):
        stop = an_order(
            f"ss-abcdefghijklmnop-S0-{number}",
            is_reducing=True,
            kind=OrderKind.STOP_MARKET,
            size=size,
            trigger="96",
        )
        before = [one.client_id for one in await venue.open_orders()]
        assert await venue.submit(stop)
        assert ("" in before) is True
    assert [one.client_id for one in await venue.open_orders()] == [
        "ss-abcdefghijklmnop-S0-0",
        "ss-abcdefghijklmnop-S0-1",
    ]
    assert venue.nameless_fills == 0


async def test_time_that_was_played_is_not_played_again(bench):
    venue = await bench.open()
    await venue.submit(an_order(price="97.5"))
    await played(venue, START_MS + 3 * STEP_MS)
    before = await venue.fills(PERPETUAL, since_us=0)
    assert await played(venue, START_MS) == [START_MS + 3 * STEP_MS]
    again = await bench.open()
    await played(again, START_MS + 3 * STEP_MS)
    assert await again.fills(PERPETUAL, since_us=0) == before
    assert len(before) == 1


async def lived(bench: PaperBench, *, restarts: bool) -> PaperVenue:
    """Enter, place a stop and a target after the fill, and live to the end."""
    venue = await bench.open()
    await venue.submit(an_order(price="98.5"))
    for bar in range(1, 5):
        async for _ in venue.advance(START_MS + bar * STEP_MS):
            if await venue.positions() and len(await venue.open_orders()) == 0:
                await venue.submit(
                    an_order(
                        "ss-abcdefghijklmnop-S0-0",
                        is_reducing=True,
                        kind=OrderKind.STOP_MARKET,
                        trigger="96",
                    )
                )
                await venue.submit(
                    an_order("ss-abcdefghijklmnop-T0-0", is_reducing=True, price="104")
                )
        if restarts:
            venue = await bench.open()
    return venue


async def test_a_restart_after_every_bar_changes_nothing(bench, tmp_path):
    other = PaperBench(folder=tmp_path / "other", rows=FALLING_THEN_RISING)
    whole, cut = await lived(other, restarts=False), await lived(bench, restarts=True)
    assert await cut.fills(PERPETUAL, since_us=0) == await whole.fills(PERPETUAL, since_us=0)
    assert await cut.balances() == await whole.balances()
    assert cut.clock_us == whole.clock_us == (START_MS + 4 * STEP_MS) * 1000
    assert [fill.price for fill in await cut.fills(PERPETUAL, since_us=0)] == [
        Decimal("98.5"),
        Decimal(104),
    ]
    total = (await cut.balances())[0].total
    assert total == Decimal("10005.5")


async def test_an_order_that_the_venue_refuses_by_the_time_it_counts_is_rejected(tmp_path):
    bench = PaperBench(folder=tmp_path, rows=rows("100 101 90 92 \n 92 93 91 92"))
    venue = await bench.open()
    await venue.submit(an_order(kind=OrderKind.MARKET))
    await played(venue, START_MS + 60_000)
    stop = an_order(
        "ss-abcdefghijklmnop-S0-0",
        is_reducing=True,
        kind=OrderKind.STOP_MARKET,
        trigger="95",
    )
    assert await venue.submit(stop)
    await played(venue, START_MS + 2 * STEP_MS)
    found = await venue.order(PERPETUAL, stop.client_id, is_conditional=True)
    assert found is not None
    assert (found.status, bool(found.text)) == (OrderStatus.REJECTED, True)


async def test_a_position_pays_funding_every_eight_hours_on_either_side(tmp_path):
    quiet = [(100.0, 100.0, 100.0, 100.0)] * 100
    for direction in Direction:
        bench = PaperBench(folder=tmp_path / direction, rows=quiet)
        venue = await bench.open()
        await venue.submit(an_order(direction=direction, kind=OrderKind.MARKET))
        await played(venue, START_MS + 100 * STEP_MS)
        [payment] = await venue.funding(PERPETUAL, since_us=0)
        assert payment.amount == Decimal("-0.01")
        assert payment.at_us // 1000 == START_MS + 96 * STEP_MS


async def test_a_spot_list_ties_up_the_units_and_one_fill_ends_the_other(tmp_path):
    bench = PaperBench(folder=tmp_path, rows=FALLING_THEN_RISING, symbol=SPOT)
    venue = await bench.open()
    assert venue.capabilities(SPOT).pairs_exits
    assert await venue.submit(an_order(symbol=SPOT, kind=OrderKind.MARKET, size="2"))
    target = an_order(
        "ss-abcdefghijklmnop-T0-0", symbol=SPOT, is_reducing=True, size="2", price="105.5"
    )
    stop = an_order(
        "ss-abcdefghijklmnop-S0-0",
        symbol=SPOT,
        is_reducing=True,
        kind=OrderKind.STOP_MARKET,
        size="2",
        trigger="90",
    )
    assert await venue.submit_pair(target, stop)
    assert len(await venue.open_orders(SPOT)) == 2
    await played(venue, START_MS + 3 * STEP_MS)
    assert await venue.open_orders() == ()
    held = {one.currency: one.total for one in await venue.balances()}
    assert held.get(Currency("BTC"), Decimal(0)) == 0


async def test_two_markets_are_played_side_by_side(tmp_path):
    other = Symbol("ETH/USDT:USDT")
    bench = PaperBench(folder=tmp_path, rows=FALLING_THEN_RISING, more={other: FALLING_THEN_RISING})
    venue = await bench.open()
    await venue.submit(an_order(price="97.5"))
    await venue.submit(an_order("ss-qqqqqqqqqqqqqqqq-E0-0", symbol=other, price="98.5"))
    seen = [
        (moment, len(await venue.positions()))
        async for moment in venue.advance(START_MS + 3 * STEP_MS)
    ]
    steps = [START_MS + bar * STEP_MS for bar in (1, 2, 3)]
    assert [moment for moment, _ in seen] == [*steps, steps[-1]]
    assert [count for _, count in seen] == [1, 2, 2, 2]


async def test_what_happens_is_told_to_whoever_listens(bench):
    venue = await bench.open()
    events = venue.events()
    assert (await anext(events)).kind is EventKind.CONNECTED
    await venue.submit(an_order(price="98.5"))
    await played(venue, START_MS + STEP_MS)
    await venue.close()
    told = [event async for event in events]
    assert [event.fill.price for event in told if event.fill is not None] == [Decimal("98.5")]
    assert {EventKind.ORDER, EventKind.FILL} <= {event.kind for event in told}


async def test_a_market_nobody_lists_is_refused_and_found_beforehand(bench):
    venue = await bench.open()
    nowhere = Symbol("DOGE/USDT")
    assert not await venue.submit(an_order(symbol=nowhere, price="1"))
    assert not await venue.prepare(nowhere, leverage=Decimal(1))
    findings = {one.name: one.level for one in await venue.preflight([nowhere, PERPETUAL])}
    assert findings["filters"] is FindingLevel.FAILED
    assert venue.environment is Environment.SIMULATED


@pytest.mark.parametrize(
    ("account", "origin", "part"),
    [
        ("desk", "a table", "the paper account main's"),
        ("main", "market 8", "at the prices of a table, and these are market 8"),
    ],
)
async def test_the_file_of_another_account_or_market_is_refused(bench, account, origin, part):
    venue = await bench.open()
    await venue.submit(an_order(price="98.5"))
    assert origin_of(bench.file) == "a table"
    with pytest.raises(DataInvalid, match=part):
        begin_world(
            account_id=account,
            origin=origin,
            instruments=await bench.source().instruments(),
            file=bench.file,
            balances={},
            now_us=0,
        )


async def test_a_market_that_was_listed_later_can_be_traded_too(bench):
    venue = await bench.open()
    await venue.submit(an_order(price="97.5"))
    other = Symbol("ETH/USDT:USDT")
    later = PaperBench(
        folder=bench.folder, rows=FALLING_THEN_RISING, more={other: FALLING_THEN_RISING}
    )
    again = await later.open()
    assert await again.submit(an_order("ss-qqqqqqqqqqqqqqqq-E0-0", symbol=other, price="98.5"))
    assert len(await again.open_orders()) == 2


async def test_what_happened_is_in_the_file_before_anybody_hears_of_it(bench):
    venue = await bench.open()
    await venue.submit(an_order(price="98.5"))
    async for _ in venue.advance(START_MS + STEP_MS):
        again = await bench.open()  # killed right after the bar
        assert len(await again.fills(PERPETUAL, since_us=0)) == 1
        break


async def test_a_bar_that_closed_as_the_order_was_sent_does_not_fill_it(bench):
    venue = await bench.open(now_ms=START_MS + STEP_MS)  # the bar before had a low of 98
    assert await venue.submit(an_order(price="96.5"))
    assert await venue.submit(an_order("ss-abcdefghijklmnop-E1-0", price="98.2", size="2"))
    assert await played(venue, START_MS + STEP_MS) == [START_MS + STEP_MS]
    assert await venue.fills(PERPETUAL, since_us=0) == ()
