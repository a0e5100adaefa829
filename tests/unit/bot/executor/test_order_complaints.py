"""What users of other tools complained about (rows of the facts sheet), and what happens here."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.errors import StateUnavailable
from snipersight.domain.execution import IntentState, Leg, Mode, TradeState
from snipersight.domain.orders import ClientOrderId, OrderKind, OrderRequest
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Size, Symbol
from tests.fakes.executor_desk import ExecutorDesk
from tests.fakes.scripted_venue import ACCOUNT, Fate

LOST = [Fate.ANSWER_LOST, Fate.DROPPED, Fate.LATE]


@pytest.fixture
def desk():
    return ExecutorDesk()


def entries(desk: ExecutorDesk) -> list[IntentState]:
    """Return the states of the entries, near edge first."""
    return [one.state for one in desk.intents() if one.leg is Leg.ENTRY]


@pytest.mark.parametrize("fate", LOST)
async def test_complaint_17_a_time_out_is_looked_up_and_nothing_is_ordered_again(desk, fate):
    desk.venue.script("submit", fate)
    await desk.put_on()
    assert entries(desk)[0] is IntentState.UNKNOWN
    await desk.cycles(3)
    desk.venue.arrive()
    await desk.cycles(30)
    expected = IntentState.ABSENT if fate is Fate.DROPPED else IntentState.WORKING
    assert entries(desk)[0] is expected
    assert len(desk.venue.requests("submit")) == 3
    size = sum(one.size for one in desk.venue.engine.orders(ACCOUNT))
    assert size <= desk.trade.size
    assert desk.told() == ["order"]


async def test_complaint_18_an_accepted_order_whose_answer_was_lost_is_found_by_its_id(desk):
    desk.venue.script("submit", Fate.ANSWER_LOST)
    await desk.put_on()
    await desk.cycles(2)
    assert entries(desk) == [IntentState.WORKING] * 3
    first = desk.intents()[0].client_id
    assert desk.venue.requests("submit").count(first) == 1


async def test_complaint_19_every_order_has_an_id_that_its_plan_explains(desk):
    await desk.put_on()
    desk.price("42240")
    await desk.cycle()
    ids = [one.client_id for one in desk.venue.engine.orders(ACCOUNT, open_only=False)]
    assert {one.rsplit("-", 2)[0] for one in ids} == {desk.intents()[0].client_id[:19]}
    assert len(set(ids)) == len(ids)


async def test_complaint_20_no_stop_is_left_or_placed_after_a_close(desk):
    await desk.put_on()
    desk.price("42000")
    await desk.cycles(2)
    await desk.executor.flatten(reason="enough")
    await desk.cycles(5)
    assert desk.trade.state is TradeState.DONE
    assert desk.venue.engine.orders(ACCOUNT) == ()
    count = len(desk.venue.requests("submit"))
    await desk.cycles(5)
    assert len(desk.venue.requests("submit")) == count


async def test_complaint_21_a_stop_that_is_placed_anew_never_sells_what_is_not_ours():
    desk = ExecutorDesk(spot=True)
    theirs = OrderRequest(
        client_id=ClientOrderId("theirs"),
        symbol=Symbol(desk.symbol),
        direction=desk.plan().direction,
        is_reducing=False,
        kind=OrderKind.MARKET,
        size=Size(Decimal(1)),
    )
    desk.venue.by_hand(theirs)
    await desk.put_on()
    desk.price("42240")
    await desk.cycles(3)
    held = desk.entry().open_size
    assert 0 < desk.open_stops() <= held < Decimal("0.1")


async def test_complaint_22_conditional_orders_are_seen_with_all_others(desk):
    await desk.put_on()
    desk.price("42000")
    await desk.cycles(2)
    before = desk.venue.requests("submit")
    desk.restarted()
    await desk.executor.start()
    await desk.cycles(2)
    assert desk.venue.requests("submit") == before  # the stop was found, and not placed again


async def test_complaint_23_a_partial_fill_below_the_minimum_does_not_live_for_ever():
    rules = {"min_notional": Decimal(100)}
    desk = ExecutorDesk(spot=True, instrument=rules)
    await desk.put_on()
    desk.price("42240", size="0.001")  # 42 USDT
    await desk.cycles(2)
    desk.price("42300")
    await desk.executor.cancel_order(desk.symbol)
    await desk.cycles(4)
    assert desk.trade.state is TradeState.DONE
    assert desk.entry().open_size == 0
    assert "execution" in desk.told()


async def test_complaint_26_closing_never_opens_the_opposite_side(desk):
    await desk.put_on()
    desk.price("42000")
    await desk.cycles(2)
    held = desk.position()
    desk.venue.script("submit", *[Fate.LATE] * 3)
    await desk.executor.flatten(reason="out")
    await desk.cycles(8)
    desk.venue.arrive()
    await desk.cycles(4)
    assert held > 0
    assert desk.position() == 0


async def test_complaint_28_a_position_that_was_liquidated_is_seen_and_booked(desk):
    await desk.put_on()
    desk.price("42000")
    await desk.cycles(2)
    # The stop is gone, and price falls through the liquidation before anybody looks.
    for order in desk.venue.engine.orders(ACCOUNT):
        desk.venue.engine.cancel(
            ACCOUNT, order.symbol, client_id=order.client_id, at_us=desk.clock()
        )
    desk.venue.engine.set_leverage(ACCOUNT, Symbol(desk.symbol), Decimal(50))
    desk.price("20000")
    await desk.cycles(4)
    assert desk.position() == 0
    assert desk.trade.state is TradeState.DONE
    assert desk.entry().open_size == 0


async def test_complaint_31_a_triggered_stop_that_does_not_fill_is_followed_by_a_market_order():
    desk = ExecutorDesk(venue={"abilities": {"has_stop_market": False}})
    await desk.put_on()
    desk.price("42000")
    await desk.cycles(2)
    stop = next(one for one in desk.venue.engine.orders(ACCOUNT) if one.kind.is_stop)
    assert stop.kind is OrderKind.STOP_LIMIT
    desk.price("40000")  # through trigger and limit at once
    await desk.cycles(15)
    assert desk.position() == 0
    assert "unprotected" in desk.told() or "flattened" in desk.told()


async def test_complaint_33_funding_between_a_fill_and_its_news_is_counted_too(desk):
    await desk.put_on()
    desk.price("42240")
    desk.clock.advance(1)
    desk.venue.engine.fund(Symbol(desk.symbol), Decimal("0.0001"), at_us=desk.clock())
    await desk.cycles(3)
    assert len(desk.ask(lambda unit: unit.book.funding(desk.trade.trade_id))) == 1


async def test_complaint_33_the_ledger_has_the_venue_s_own_result_fees_and_funding_included(desk):
    await desk.put_on()
    desk.price("42000")
    await desk.cycles(2)
    desk.venue.engine.fund(Symbol(desk.symbol), Decimal("0.0001"), at_us=desk.clock())
    await desk.cycles(2)
    desk.price("43010")
    await desk.cycles(2)
    desk.venue.engine.fund(Symbol(desk.symbol), Decimal("-0.0003"), at_us=desk.clock())
    await desk.cycles(2)
    for price in ("43660", "44360"):
        desk.price(price)
        await desk.cycles(2)
    await desk.cycles(2)
    assert desk.trade.state is TradeState.DONE
    assert desk.entry().realised == desk.venue.engine.equity(ACCOUNT) - Decimal(1_000_000)
    assert len(desk.ask(lambda unit: unit.book.funding(desk.trade.trade_id))) == 2


async def test_complaint_30_a_locked_store_neither_duplicates_nor_drops_an_order(desk):
    await desk.put_on()
    for price, error in (("42240", StateUnavailable("locked")), ("42000", None)) * 3:
        desk.store.error = error
        desk.price(price)
        await desk.cycle()
    desk.store.error = None
    await desk.cycles(3)
    assert desk.open_stops() == desk.position() == desk.entry().open_size == desk.trade.size


async def test_a_stuck_request_of_one_trade_holds_no_other_up():
    desk = ExecutorDesk("BTC", "ETH")
    for symbol in desk.symbols:
        await desk.put_on(desk.plan(symbol))
    for symbol in desk.symbols:
        desk.price("42240", symbol)
    desk.venue.script("submit", Fate.HANGS)
    await asyncio.wait_for(desk.cycle(), timeout=5)
    covered = [desk.open_stops(symbol) > 0 for symbol in desk.symbols]
    assert sorted(covered) == [False, True]


async def test_a_stop_that_cannot_be_placed_in_time_is_followed_by_the_exit(desk):
    await desk.put_on()
    desk.price("42240")
    desk.venue.script("submit", *[Fate.BUSY] * 12)
    await desk.cycles(12)
    assert desk.trade.exit_reason.startswith("no working stop covered")
    await desk.cycles(6)
    assert desk.position() == 0
    assert {"unprotected"} <= set(desk.told())


async def test_a_refusal_of_keys_blocks_entries_and_is_told_while_exits_go_on(desk):
    await desk.put_on()
    desk.price("42240")
    desk.venue.script("submit", Fate.NO_KEYS)
    await desk.cycle()
    assert "venue_stopped" in desk.told()
    await desk.cycles(3)
    assert desk.open_stops() == desk.position() > 0


async def test_an_error_that_is_not_known_counts_as_unknown_and_is_told(desk):
    desk.venue.script("submit", Fate.UNMAPPED)
    await desk.put_on()
    assert entries(desk)[0] is IntentState.UNKNOWN
    assert "unmapped_error" in desk.told()
    await desk.cycles(2)
    assert entries(desk)[0] is IntentState.WORKING


async def test_an_entry_of_a_plan_is_never_executed_twice(desk):
    first = desk.stage()
    assert await desk.executor.submit_order(first.approved, mode=Mode.PAPER)
    again = await desk.executor.submit_order(first.approved, mode=Mode.PAPER)
    assert again.check.code == "plan_executed"
    assert len(desk.venue.requests("submit")) == 3
    assert desk.entry().pending_size == desk.trade.size


async def test_two_who_submit_the_same_approval_at_once_send_it_once(desk):
    staged = desk.stage()
    both = await asyncio.gather(
        *(desk.executor.submit_order(staged.approved, mode=Mode.PAPER) for _ in range(2))
    )
    assert sorted(bool(one) for one in both) == [False, True]
    assert len(desk.venue.requests("submit")) == 3


async def test_late_fills_are_booked_when_they_come_and_protection_does_not_wait(desk):
    await desk.put_on()
    desk.venue.hides_fills = True
    desk.price("42240")
    await desk.cycles(2)
    assert desk.entry().open_size == 0
    assert desk.open_stops() == desk.position() > 0
    desk.venue.hides_fills = False
    await desk.cycle()
    assert desk.entry().open_size == desk.position()
    assert desk.entry().unprotected_since_us is None


async def test_a_market_that_could_not_be_prepared_may_be_tried_again_at_once(desk):
    desk.venue.script("prepare", Fate.DROPPED)
    staged = desk.stage()
    refused = await desk.executor.submit_order(staged.approved, mode=Mode.PAPER)
    assert refused.check.code == "not_prepared"
    assert desk.venue.requests("submit") == []
    assert desk.ask(lambda unit: unit.live_entries()) == ()
    assert await desk.put_on()


async def test_a_signal_is_claimed_in_the_transaction_that_journals_its_trade(desk):
    held = []
    claim = desk.signals.claim

    def noted(*names: Any, unit: UnitOfWork, **more: Any) -> bool:
        (entry,) = unit.live_entries()  # of the open transaction: after it, nothing may be asked
        held.append(entry.entry_id)
        return bool(claim(*names, unit=unit, **more))

    desk.signals.claim = noted
    assert await desk.put_on()
    assert held == [desk.trade.entry_id]


async def test_the_same_market_and_side_is_entered_once_within_the_window(desk):
    assert await desk.put_on()
    await desk.executor.cancel_order(desk.symbol)
    await desk.cycles(2)
    again = desk.stage(desk.plan(far="42060"))
    refused = await desk.executor.submit_order(again.approved, mode=Mode.PAPER)
    assert refused.check.code == "double_fire"
    assert desk.ask(lambda unit: unit.live_entries()) == ()
