"""The kill switch: latched first, entries cancelled at once, done only when the venue shows it."""

import asyncio
import time
from dataclasses import replace

import pytest

from snipersight.bot.executor.client_ids import parse_client_id
from snipersight.bot.executor.decide import decide
from snipersight.bot.executor.trades import TradeExecutor
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.execution import IntentState, KillSwitch, Leg, TradeId, TradeState
from snipersight.domain.standing import BreakerName
from tests.builders.hand_orders import by_hand
from tests.fakes.executor_desk import ExecutorDesk
from tests.fakes.risk_desk import ASSETS
from tests.fakes.scripted_venue import ACCOUNT, Fate


@pytest.fixture
def desk():
    return ExecutorDesk()


def open_entries(desk: ExecutorDesk) -> int:
    """Return how many entries of ours the venue has."""
    parts = [parse_client_id(one.client_id) for one in desk.venue.engine.orders(ACCOUNT)]
    return sum(one is not None and one.leg is Leg.ENTRY for one in parts)


async def test_killing_cancels_every_entry_and_is_done_once_the_venue_shows_none(desk):
    await desk.put_on()
    switch = await desk.executor.kill(actor="person", reason="news")
    assert open_entries(desk) == 0
    assert (switch.actor, switch.done_us) == ("person", None)
    await desk.cycle()
    assert desk.ask(lambda unit: unit.book.kill_switch()).done_us is not None
    assert desk.trade.state is TradeState.DONE


async def test_a_killed_position_keeps_its_stop_unless_it_is_flattened_too(desk):
    await desk.put_on()
    desk.price("42240")
    await desk.cycle()
    await desk.executor.kill(actor="person")
    await desk.cycles(2)
    assert open_entries(desk) == 0
    assert desk.position() == desk.open_stops() > 0
    await desk.executor.kill(actor="person", flatten=True)
    await desk.cycles(3)
    assert desk.position() == 0
    assert desk.trade.exit_reason == "kill switch"
    assert desk.ask(lambda unit: unit.book.kill_switch()).done_us is not None


async def test_killing_twice_is_killing_once(desk):
    first = await desk.executor.kill(actor="person", reason="one")
    second = await desk.executor.kill(actor="other", reason="two")
    assert first == second
    kinds = [one.kind for one in desk.store.records(ACCOUNT)]
    assert kinds.count("kill") == 1


async def test_a_killed_account_enters_nothing_until_it_is_re_armed(desk):
    staged = desk.stage()
    await desk.executor.kill(actor="person")
    refused = await desk.executor.submit_order(staged.approved, mode=staged.trade.mode)
    assert not refused
    assert refused.check.code == "killed"
    assert desk.venue.requests("submit") == []
    standing = desk.ask(lambda unit: unit.account.standing)
    assert [one.name for one in standing.tripped] == [BreakerName.OPERATOR]
    assert await desk.executor.rearm(actor="person")
    assert desk.ask(lambda unit: unit.account.standing).tripped == ()
    desk.restarted()
    assert await desk.put_on()


async def test_a_kill_goes_on_after_a_restart(desk):
    await desk.put_on()
    desk.venue.script("cancel", *[Fate.DROPPED] * 3)
    await desk.executor.kill(actor="person")
    assert open_entries(desk) == 3
    desk.restarted()
    await desk.executor.start()
    await desk.cycles(4)
    assert open_entries(desk) == 0
    assert desk.ask(lambda unit: unit.book.kill_switch()).done_us is not None


async def test_while_the_store_is_away_a_kill_is_held_by_the_fallback_journal(desk):
    await desk.put_on()
    desk.store.error = StateUnavailable("away")
    await desk.executor.kill(actor="person")
    assert open_entries(desk) == 0
    assert desk.journal.records[0]["kind"] == "kill"
    desk.store.error = None
    desk.restarted()
    await desk.executor.start()
    assert desk.ask(lambda unit: unit.book.kill_switch()) is not None
    assert desk.journal.records == []


async def test_with_neither_books_nor_file_the_entries_at_the_venue_are_cancelled_by_prefix(desk):
    await desk.put_on()
    desk.restarted()
    desk.store.error = StateUnavailable("away")
    desk.journal.error = StateUnavailable("disk full")
    with pytest.raises(StateUnavailable, match="disk full"):
        await desk.executor.kill(actor="person")
    assert open_entries(desk) == 0


async def test_the_first_cancel_leaves_within_a_quarter_of_a_second_and_none_waits_for_another():
    desk = ExecutorDesk(*ASSETS[:5], desk={"in_thread": asyncio.to_thread})
    for symbol in desk.symbols:
        assert await desk.put_on(desk.plan(symbol))
    desk.venue.script("cancel", Fate.HANGS)
    begun = time.perf_counter()
    task = asyncio.create_task(desk.executor.kill(actor="person"))
    while not desk.venue.requests("cancel"):  # noqa: ASYNC110  the venue tells nobody
        await asyncio.sleep(0)
    assert time.perf_counter() - begun < 0.25
    await task
    assert len(desk.venue.requests("cancel")) == 15
    assert open_entries(desk) == 1


async def test_a_kill_does_not_wait_for_a_trade_whose_round_is_stuck(desk):
    await desk.put_on()
    desk.venue.script("open_orders", Fate.HANGS)
    stuck = asyncio.create_task(desk.executor.cycle())
    await asyncio.sleep(0.01)
    await desk.executor.kill(actor="person")
    assert open_entries(desk) == 0
    stuck.cancel()


async def test_a_switch_pulled_while_an_entry_is_decided_keeps_it_from_being_journaled():
    desk = ExecutorDesk()
    desk.venue.script("submit", *[Fate.BUSY] * 3)
    await desk.put_on()
    sent = len(desk.venue.requests("submit"))
    pulled = KillSwitch(flatten=False, since_us=1, actor="other process")

    def decide_while_somebody_pulls(situation):
        desk.store.transact(ACCOUNT, lambda unit: unit.book.save_kill_switch(pulled))
        return decide(situation)

    desk.executor = TradeExecutor(
        desk.desk, terms=desk.terms, decide=decide_while_somebody_pulls, reconcile_every=99
    )
    await desk.cycle(seconds=5)
    assert len(desk.venue.requests("submit")) == sent
    assert len([one for one in desk.intents() if one.leg is Leg.ENTRY]) == 3


async def test_a_switch_pulled_while_a_market_is_prepared_keeps_everything_from_being_sent(desk):
    staged = desk.stage()
    prepare = desk.venue.prepare

    async def prepare_while_somebody_pulls(symbol, *, leverage):
        pulled = KillSwitch(flatten=False, since_us=1, actor="other process")
        desk.store.transact(ACCOUNT, lambda unit: unit.book.save_kill_switch(pulled))
        return await prepare(symbol, leverage=leverage)

    desk.venue.prepare = prepare_while_somebody_pulls
    refused = await desk.executor.submit_order(staged.approved, mode=staged.trade.mode)
    assert refused.check.code == "killed"
    assert desk.venue.requests("submit") == []
    assert desk.trades == ()
    assert desk.ask(lambda unit: unit.live_entries()) == ()


async def test_a_kill_is_not_done_while_the_venue_shows_an_entry_that_no_book_knows(desk):
    orphan = by_hand("ss-aaaaaaaaaaaaaaaa-E0-0", "0.01", price="40000")
    desk.venue.by_hand(orphan)
    desk.venue.script("cancel", Fate.DROPPED)
    await desk.executor.kill(actor="person")
    await desk.cycle()
    assert desk.ask(lambda unit: unit.book.kill_switch()).done_us is None
    await desk.cycles(2)
    assert desk.ask(lambda unit: unit.book.kill_switch()).done_us is not None


async def test_an_acknowledged_cancel_is_not_taken_for_an_end_but_looked_up_at_once(desk):
    await desk.put_on()
    desk.venue.script("cancel", *[Fate.SILENT_WELL] * 3)
    await desk.executor.kill(actor="person")
    assert [one.state for one in desk.intents()] == [IntentState.CANCELLED] * 3
    assert len(desk.venue.requests("order")) == 3


async def test_a_kill_is_not_done_while_a_trade_at_another_venue_is_not(desk):
    await desk.put_on()
    elsewhere = replace(desk.trade, trade_id=TradeId("elsewhere"), venue="bybit")
    desk.store.transact(ACCOUNT, lambda unit: unit.book.save_trade(elsewhere))
    await desk.executor.kill(actor="person", flatten=True)
    await desk.cycles(3)
    assert {one.venue for one in desk.trades if one.state.is_live} == {"bybit"}
    assert desk.ask(lambda unit: unit.book.kill_switch()).done_us is None
    over = replace(elsewhere, state=TradeState.DONE, ended_us=1)
    desk.store.transact(ACCOUNT, lambda unit: unit.book.save_trade(over))
    await desk.cycle()
    assert desk.ask(lambda unit: unit.book.kill_switch()).done_us is not None
