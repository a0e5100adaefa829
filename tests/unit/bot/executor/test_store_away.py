"""While the store is away: what protects and reduces goes out, what enters does not."""

import asyncio

import pytest

from snipersight.bot.executor.kept_records import KeptRecords
from snipersight.bot.executor.trades import TradeExecutor
from snipersight.domain.errors import LeaseLost, StateUnavailable
from snipersight.domain.execution import TradeState
from snipersight.domain.orders import OrderKind
from tests.fakes.executor_desk import ExecutorDesk
from tests.fakes.scripted_venue import ACCOUNT

AWAY = StateUnavailable("database is locked")


@pytest.fixture
def desk():
    return ExecutorDesk()


async def test_a_stop_goes_out_from_the_fallback_journal_and_is_stored_afterwards(desk):
    await desk.put_on()
    await desk.cycle()
    desk.store.error = AWAY
    desk.price("42240")
    await desk.cycle()
    assert desk.open_stops() == desk.position() > 0
    assert len(desk.journal.records) > 0
    desk.store.error = None
    await desk.cycle()
    assert desk.journal.records == []
    stops = [one for one in desk.intents() if one.request.kind is OrderKind.STOP_MARKET]
    assert [one.client_id for one in stops] == [
        one.client_id for one in desk.venue.engine.orders(ACCOUNT) if one.kind.is_stop
    ]
    assert desk.entry().open_size == desk.position()


async def test_a_stop_sent_while_the_store_was_away_is_known_after_a_crash(desk):
    await desk.put_on()
    await desk.cycle()
    desk.store.error = AWAY
    desk.price("42240")
    await desk.cycle()
    desk.store.error = None
    desk.restarted()
    found = await desk.executor.start()
    assert found.sentences == ()
    await desk.cycles(2)
    assert desk.open_stops() == desk.position() == desk.entry().open_size > 0
    assert len([o for o in desk.venue.engine.orders(ACCOUNT) if o.kind.is_stop]) == 1


async def test_a_disk_that_takes_nothing_at_all_leaves_no_position_naked(desk):
    await desk.put_on()
    await desk.cycle()
    desk.store.error, desk.journal.error = AWAY, AWAY
    desk.price("42240")
    await desk.cycle()
    assert desk.open_stops() == desk.position() > 0
    assert desk.executor.books.is_unjournaled


async def test_a_person_can_flatten_while_the_store_is_away(desk):
    await desk.put_on()
    desk.price("42240")
    await desk.cycles(2)
    desk.store.error = AWAY
    await desk.executor.flatten(reason="I want out")
    await desk.cycles(2)
    assert desk.position() == 0
    desk.store.error = None
    await desk.cycles(3)
    assert desk.trade.state is TradeState.DONE
    assert desk.trade.exit_reason == "I want out"


async def test_nothing_is_entered_while_the_store_is_away(desk):
    staged = desk.stage()
    desk.store.error = AWAY
    with pytest.raises(StateUnavailable):
        await desk.executor.submit_order(staged.approved, mode=staged.trade.mode)
    assert desk.venue.requests("submit") == []


async def test_an_executor_that_was_overtaken_sends_nothing_more(desk):
    await desk.put_on()
    desk.price("42240")
    desk.store.error = LeaseLost("another one has taken over")
    sent = len(desk.venue.requests("submit"))
    with pytest.raises(LeaseLost):
        await desk.cycle()
    assert len(desk.venue.requests("submit")) == sent


async def test_a_kill_that_a_second_process_could_only_journal_holds_in_the_running_one(desk):
    await desk.put_on()
    await desk.cycle()
    desk.store.error = AWAY
    desk.price("42240")
    await desk.cycle()  # its own records lie in the same journal
    beside = TradeExecutor(desk.desk, terms=desk.terms)
    await beside.kill(actor="person", flatten=True)
    desk.store.error = None
    await desk.cycles(4)
    switch = desk.ask(lambda unit: unit.book.kill_switch())
    assert switch is not None
    assert (switch.actor, switch.flatten) == ("person", True)
    assert (desk.position(), desk.journal.records) == (0, [])


async def test_a_journal_that_another_process_has_written_to_is_not_cleared_unread(desk):
    kept, beside = KeptRecords(desk.desk), KeptRecords(desk.desk)
    await kept.append({"kind": "mine"})
    await beside.append({"kind": "theirs"})
    await kept.clear(unless=lambda: False)
    assert desk.journal.records == [{"kind": "mine"}, {"kind": "theirs"}]
    assert await kept.news() == ({"kind": "theirs"},)
    await kept.clear(unless=lambda: False)
    assert desk.journal.records == []


async def test_what_comes_to_wait_while_the_journal_is_about_to_be_cleared_stays_in_it(desk):
    kept, waiting = KeptRecords(desk.desk), list[str]()
    await kept.append({"kind": "old"})
    async with kept._lock:
        clearing = asyncio.create_task(kept.clear(unless=lambda: bool(waiting)))
        await asyncio.sleep(0)
        waiting.append("new")
    await clearing
    assert desk.journal.records == [{"kind": "old"}]


async def test_a_journal_that_cannot_be_cleared_ends_nothing_and_is_cleared_later(desk):
    await desk.put_on()
    await desk.cycle()
    desk.store.error = AWAY
    desk.price("42240")
    await desk.cycle()
    desk.store.error, desk.journal.error = None, AWAY
    await desk.cycles(2)
    assert len(desk.journal.records) > 0
    desk.journal.error = None
    await desk.cycles(2)
    assert desk.journal.records == []
    assert desk.open_stops() == desk.position() == desk.entry().open_size > 0
