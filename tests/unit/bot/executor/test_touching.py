"""A range of prices ends what waits if it holds the first target."""

from decimal import Decimal

from snipersight.bot.executor.touching import touched
from snipersight.domain.units import Price
from tests.fakes.executor_desk import ExecutorDesk

FAR = Price(Decimal(1))


async def test_what_waits_is_touched_at_its_first_target_and_not_before():
    desk = ExecutorDesk()
    await desk.put_on()
    trade, look = desk.trade, await desk.executor.cycle()
    target, since_us = trade.exits[0].price, trade.created_us

    def told(high: Decimal, *, since_us: int = since_us) -> list[str]:
        found = touched(look, trade.symbol, low=FAR, high=Price(high), since_us=since_us)
        return [one.trade_id for one in found]

    assert told(target) == [trade.trade_id]
    assert told(target - Decimal("0.01")) == []
    # What happened before it was sent is not held against it.
    assert told(target, since_us=since_us - 1) == []


async def test_what_holds_a_position_is_not_touched():
    desk = ExecutorDesk()
    await desk.put_on()
    desk.price(str(desk.trade.entry_near - 1))
    look = await desk.executor.cycle()
    (file,) = look.files
    assert file.trade.opened_us is not None
    high = Price(file.trade.exits[0].price)
    assert touched(look, file.trade.symbol, low=FAR, high=high, since_us=2**60) == ()
