"""The executor's life of an order, over the matching engine and a store in memory."""

from decimal import Decimal

import pytest

from snipersight.bot.notifications.notices.payload_kinds import UpdatePayload
from snipersight.bot.notifications.notices.payloads import decode_payload
from snipersight.domain.errors import OrderRefused
from snipersight.domain.execution import IntentState, Leg, Mode, TradeState
from snipersight.domain.ledger import EntryState
from tests.fakes.executor_desk import ExecutorDesk
from tests.fakes.scripted_venue import Fate


@pytest.fixture
def desk():
    return ExecutorDesk()


async def test_submitting_journals_and_sends_the_entries_of_an_approval(desk):
    submission = await desk.put_on()
    assert submission, submission.check
    entries = [one for one in desk.intents() if one.leg is Leg.ENTRY]
    assert [one.state for one in entries] == [IntentState.WORKING] * 3
    assert sum(one.request.size for one in entries) == desk.trade.size
    assert len(desk.venue.engine.orders("main")) == 3


@pytest.mark.parametrize(
    ("where", "why"), [("stop", "touched the stop"), ("target", "touched the first target")]
)
async def test_a_plan_that_price_has_voided_meanwhile_is_not_entered(desk, where, why):
    plan = desk.plan()
    price = plan.stop_loss.price if where == "stop" else plan.targets[0].price
    desk.price(str(price))
    submission = await desk.put_on(plan)
    assert (submission.check.code, why in submission.check.sentence) == ("void", True)
    assert not desk.venue.requests("submit")
    assert desk.ask(lambda unit: unit.live_entries()) == ()


async def test_a_fill_is_booked_and_covered_by_a_stop_of_its_size(desk):
    await desk.put_on()
    desk.price("42240")
    await desk.cycle()
    trade = desk.trade
    assert trade.state is TradeState.OPEN
    assert desk.position() > 0
    assert desk.open_stops() == desk.position() == desk.entry().open_size
    assert trade.uncovered_since_us is None


async def test_a_trade_that_is_stopped_out_ends_with_its_loss_in_the_ledger(desk):
    await desk.put_on()
    desk.price("42000")
    await desk.cycles(2)
    assert desk.position() == desk.trade.size
    desk.price("41740")
    await desk.cycles(3)
    assert desk.trade.state is TradeState.DONE
    entry = desk.entry()
    assert entry.state is EntryState.CLOSED
    change = desk.venue.engine.equity("main") - Decimal(1_000_000)
    assert entry.realised == change < 0
    assert desk.venue.engine.orders("main") == ()


async def test_every_target_reached_ends_the_trade_with_its_gain(desk):
    await desk.put_on()
    desk.price("42000")
    await desk.cycles(2)
    for price in ("43001", "43651", "44351"):
        desk.price(price)
        await desk.cycles(2)
    await desk.cycles(3)
    assert desk.trade.state is TradeState.DONE
    assert desk.entry().realised == desk.venue.engine.equity("main") - Decimal(1_000_000) > 0
    assert desk.venue.engine.orders("main") == ()


async def test_only_an_approval_with_a_reservation_is_submitted(desk):
    desk.stage()
    rejected = desk.executor.stage_order(desk.plan(), Mode.PAPER)
    assert not rejected
    with pytest.raises(OrderRefused, match="is no approval"):
        await desk.executor.submit_order(rejected, mode=Mode.PAPER)
    assert desk.venue.requests("submit") == []


async def test_since_when_a_position_lacks_its_stop_is_in_the_ledger_until_it_has_one(desk):
    await desk.put_on()
    desk.price("42240")
    desk.venue.script("submit", Fate.BUSY)
    await desk.cycle()
    assert desk.entry().unprotected_since_us == desk.trade.uncovered_since_us is not None
    await desk.cycles(2)
    assert desk.entry().unprotected_since_us is None


async def test_a_fill_that_is_booked_late_finds_the_ledger_told_of_its_missing_stop(desk):
    await desk.put_on()
    desk.venue.hides_fills = True
    desk.price("42240")
    desk.venue.script("submit", Fate.BUSY)
    await desk.cycle()
    assert desk.entry().open_size == 0
    desk.venue.hides_fills = False
    await desk.cycle(seconds=0.1)
    assert desk.entry().unprotected_since_us == desk.trade.uncovered_since_us is not None


async def test_a_stop_that_was_moved_is_where_the_ledger_says(desk):
    await desk.put_on()
    desk.price("42000")
    await desk.cycles(2)
    desk.price("43010")
    await desk.cycles(3)
    assert desk.entry().stop_price == desk.trade.stop_price > desk.trade.initial_stop
    (stop,) = [one for one in desk.venue.engine.orders("main") if one.kind.is_stop]
    assert stop.trigger_price == desk.trade.stop_price


async def test_each_target_that_was_filled_is_told_once_with_its_number_before_the_end():
    desk = ExecutorDesk()
    await desk.put_on()
    desk.price("42000")
    await desk.cycles(2)
    exits = desk.trade.exits
    for number, one in enumerate(exits):
        desk.price(str(one.price + 1), size="0.001")
        await desk.cycles(2)
        assert sum(it.payload.get("event") == "target_hit" for it in desk.store.queue) == number
        desk.price(str(one.price + 10))
        await desk.cycles(4)
    told = [one.payload for one in desk.store.queue if one.payload["kind"] == "update"]
    events = [(one["event"], one.get("target")) for one in told]
    hits = [("target_hit", number + 1) for number in range(len(exits))]
    assert [one for one in events if one[0] == "target_hit"] == hits
    assert events[-1] == ("closed", None)
    assert all(one["actual"] for one in told)
    read = [decode_payload(one) for one in told]
    assert [one.target for one in read if isinstance(one, UpdatePayload) and one.target] == [
        1,
        2,
        3,
    ]
