"""What is written of a trade, what waits while the store is away, and what survives a crash."""

from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest

from snipersight.bot.executor import fallback
from snipersight.bot.executor.actions import Alarm, Cover, Finish, Flatten, MoveStop
from snipersight.bot.executor.alarms import tell
from snipersight.bot.executor.evidence import CancelAsked, GivenUp
from snipersight.bot.executor.gathering import OpenOrders, gather
from snipersight.bot.executor.reconciling.gaps import VenueBook, gap_of, strangers, taken
from snipersight.bot.executor.situations import holding_in
from snipersight.bot.executor.trade_file import (
    Changes,
    Cleared,
    Noted,
    Quarantined,
    TradeFile,
    after,
    judged,
)
from snipersight.bot.executor.venue_health import VenueHealth
from snipersight.domain.errors import VenueStopped
from snipersight.domain.execution import IntentState, KillSwitch, Leg, TradeState
from snipersight.domain.orders import Balance, OrderStatus, Side, VenueOrder
from snipersight.domain.units import Currency, Price, Size
from snipersight.domain.venue import Answer, Problem, ProblemClass
from tests.builders import an_instrument
from tests.builders.trades import a_booked_fill, a_trade, an_intent
from tests.fakes.executor_desk import ExecutorDesk
from tests.fakes.memory_store import a_memory_store

INTENT = an_intent(sent_us=1, state=IntentState.WORKING, updated_us=5)
FILE = TradeFile(trade=a_trade(), intents=(INTENT,))


def of(**what: object) -> Changes:
    """Return changes of the trade at moment 9."""
    return Changes(trade_id=FILE.trade.trade_id, at_us=9, **what)  # type: ignore[arg-type]


def shown(client_id: str = INTENT.client_id, **values: object) -> VenueOrder:
    """Return the order as the venue shows it."""
    order = VenueOrder(
        client_id=client_id,
        venue_id="v1",
        symbol=INTENT.request.symbol,
        side=Side.BUY,
        kind=INTENT.request.kind,
        is_reducing=False,
        size=INTENT.request.size,
        filled_size=Size(Decimal(0)),
        status=OrderStatus.WORKING,
        price=INTENT.request.price,
    )
    return replace(order, **values)  # type: ignore[arg-type]


def test_changes_that_are_seen_twice_change_nothing_more():
    new = an_intent("ss-a-S0-0", leg=Leg.STOP)
    changes = of(
        journaled=(new,),
        facts=(CancelAsked(client_id=INTENT.client_id),),
        verdicts=(MoveStop(price=Price(Decimal(95)), why="x"), Cover(is_covered=False)),
        releases_rest=True,
    )
    once = after(FILE, changes)
    assert after(once, changes) == once
    assert len(once.intents) == 2


def test_verdicts_latch():
    trade = a_trade(state=TradeState.OPEN, opened_us=1)
    exiting = judged(trade, Flatten(why="first"), at_us=2)
    again = judged(exiting, Flatten(why="second"), at_us=3)
    assert (again.state, again.exit_reason) == (TradeState.EXITING, "first")
    uncovered = judged(trade, Cover(is_covered=False), at_us=2)
    assert judged(uncovered, Cover(is_covered=False), at_us=7).uncovered_since_us == 2
    done = judged(again, Finish(why="x"), at_us=8)
    assert (done.state, done.ended_us) == (TradeState.DONE, 8)
    for late in (Finish(why="x"), Flatten(why="y"), Quarantined(why="z"), Cover(is_covered=False)):
        assert judged(done, late, at_us=9) == done


def test_a_quarantine_ends_where_it_was_or_where_it_was_to_go():
    held = judged(a_trade(state=TradeState.OPEN, opened_us=1), Quarantined(why="?"), at_us=2)
    assert held.note == "quarantined: ?"
    assert judged(held, Cleared(), at_us=3).state is TradeState.OPEN
    closing = judged(held, Flatten(why="person"), at_us=3)
    assert closing.state is TradeState.QUARANTINED
    assert judged(closing, Cleared(), at_us=4).state is TradeState.EXITING


def test_the_first_fill_opens_a_trade_once():
    opened = judged(a_trade(), Noted(opened_us=4), at_us=4)
    assert (opened.state, opened.opened_us) == (TradeState.OPEN, 4)
    assert judged(opened, Noted(opened_us=9), at_us=9).opened_us == 4


def test_what_protects_comes_back_out_of_the_fallback_journal_as_it_went_in():
    changes = of(
        journaled=(an_intent("ss-a-S0-0", leg=Leg.STOP),),
        facts=(CancelAsked(client_id=INTENT.client_id), GivenUp(client_id=INTENT.client_id)),
        verdicts=(Flatten(why="out"), Cover(is_covered=False)),
    )
    kept = fallback.changes_of(fallback.changes_record(changes))
    assert kept == replace(changes, facts=changes.facts[:1], verdicts=(Flatten(why="out"),))
    switch = KillSwitch(flatten=True, since_us=1, actor="person", reason="x")
    assert fallback.kill_of(fallback.kill_record(switch)) == switch
    assert fallback.kill_of(fallback.changes_record(changes)) is None
    assert not fallback.must_survive(of(verdicts=(Cover(is_covered=True),)))


def test_an_alarm_of_one_subject_is_told_once_and_under_its_row():
    store = a_memory_store()
    for text in ("first", "second"):
        alarm = Alarm(subject="quarantine:t1", text=text)
        store.transact("main", partial(tell, alarm=alarm, at_us=5))
    store.transact("main", lambda unit: tell(unit, Alarm(subject="odd", text="x"), at_us=5))
    told = [(one.payload["trigger"], one.payload["text"]) for one in store.queue]
    assert told == [("quarantine", "first"), ("execution", "x")]


def test_an_order_that_is_not_open_any_more_is_looked_up_once_the_answer_is_new_enough():
    gone = gather(FILE, OpenOrders(asked_us=6, orders=())).gone
    assert gone == (INTENT,)
    assert gather(FILE, OpenOrders(asked_us=4, orders=())).gone == ()
    assert gather(FILE, OpenOrders(asked_us=6, orders=(shown(),))).gone == ()


@pytest.mark.parametrize("changed", [{"size": Size(Decimal(3))}, {"price": Price(Decimal(77))}])
def test_an_entry_that_somebody_changed_is_cancelled_and_an_exit_counts_no_more(changed):
    found = gather(FILE, OpenOrders(asked_us=6, orders=(shown(**changed),)))
    assert found.to_cancel == found.altered == (INTENT,)
    assert after(FILE, of(facts=found.facts)).intents[0].state is IntentState.WORKING
    stop = TradeFile(trade=FILE.trade, intents=(replace(INTENT, leg=Leg.STOP),))
    found = gather(stop, OpenOrders(asked_us=6, orders=(shown(**changed),)))
    assert after(stop, of(facts=found.facts)).intents[0].state is IntentState.CANCELLED


def test_an_order_that_our_books_have_ended_and_that_lies_open_is_cancelled_again():
    ended = TradeFile(trade=FILE.trade, intents=(replace(INTENT, state=IntentState.CANCELLED),))
    found = gather(ended, OpenOrders(asked_us=6, orders=(shown(),)))
    assert found.to_cancel == ended.intents


def test_only_what_is_missing_on_spot_is_a_difference_because_the_rest_is_the_user_s():
    desk = ExecutorDesk(spot=True)
    trade = a_trade(symbol=desk.symbol)
    file = TradeFile(trade=trade, fills=(a_booked_fill(size="2", symbol=desk.symbol),))
    intent = an_intent("ss-a-E0-0", state=IntentState.FILLED, filled_size=Size(Decimal(2)))
    file = replace(file, intents=(intent,))
    holding = holding_in(desk.desk, file)
    spot = an_instrument(desk.symbol)

    def coins(total: str) -> VenueBook:
        balance = Balance(currency=Currency("BTC"), total=Decimal(total), free=Decimal(total))
        return VenueBook(asked_us=9, balances=(balance,))

    assert gap_of(file, holding, coins("5"), spot) is None
    assert gap_of(file, holding, coins("2"), spot) is None
    gap = gap_of(file, holding, coins("0.5"), spot)
    assert gap is not None
    assert gap.missing == Decimal("1.5")
    unsure = replace(file, intents=(replace(intent, state=IntentState.UNKNOWN),))
    assert gap_of(unsure, holding, coins("0.5"), spot) is None


def test_a_stranger_s_execution_counts_as_far_as_something_is_missing():
    mine = a_booked_fill("1", size="2")
    file = TradeFile(trade=a_trade(), fills=(mine,))
    sale = replace(
        a_booked_fill("2", leg=Leg.STOP, size="4", fee="8").fill, client_id="", venue_id="x"
    )
    ours = replace(sale, fill_id="3", client_id="ss-aaaaaaaaaaaaaaaa-S0-0")
    before = replace(sale, fill_id="4", at_us=sale.at_us - 1)
    assert strangers(file, [sale, ours, before, mine.fill]) == (sale,)
    part = taken(sale, Decimal(1))
    assert (part.size, part.fee) == (Decimal(1), Decimal(2))
    assert taken(sale, Decimal(9)) == sale


def test_a_venue_that_refuses_us_blocks_entries_until_it_takes_something_again():
    health = VenueHealth("binance")
    stop = Answer(problem=Problem(kind=ProblemClass.STOP, code="-2015", text="key"))
    (alarm,) = health.note(stop, at_us=7)
    assert alarm.subject == "venue_stopped:binance:7"
    blocked = [health.is_stopped]
    assert health.note(stop, at_us=9)[0].subject == alarm.subject  # one refusal, told once
    health.note(Answer(), at_us=10)
    assert [*blocked, health.is_stopped] == [True, False]
    health.block("money is gone")
    health.note(Answer(), at_us=11)
    assert (health.is_stopped, health.why) == (True, "money is gone")


def test_a_key_that_may_ask_and_not_trade_blocks_entries_until_a_request_is_taken():
    health = VenueHealth("binance")
    stop = Answer(problem=Problem(kind=ProblemClass.STOP, code="-2015", text="key"))
    subjects = set()
    for at_us in (7, 9):
        (alarm,) = health.note(stop, at_us=at_us)
        subjects.add(alarm.subject)
        health.note_well(at_us=at_us)
        assert health.is_stopped
    assert subjects == {"venue_stopped:binance:7"}
    health.note(Answer(), at_us=10)
    refused = VenueStopped("banned", where="binance")
    stopped = [health.is_stopped, bool(health.note_refusal(refused, at_us=11)), health.is_stopped]
    health.note_well(at_us=12)
    assert [*stopped, health.is_stopped] == [False, True, True, False]
    health.note(stop, at_us=20)
    health.note_well(at_us=20 + 900_000_000)
    assert not health.is_stopped


async def test_an_order_of_ours_that_is_filled_by_another_one_of_ours_is_booked_on_both_sides():
    desk = ExecutorDesk()
    await desk.put_on()
    desk.price("42240")
    await desk.cycles(2)
    look = await desk.executor.books.look(desk.trade.trade_id)
    (file,) = look.files
    seen = max((one.fill for one in file.fills), key=lambda fill: fill.at_us)
    middle, target = (
        next(one for one in file.intents if one.leg is leg and one.state.is_open)
        for leg in (Leg.ENTRY, Leg.TARGET)
    )
    both = [
        replace(
            seen,
            fill_id="between us",
            client_id=one.client_id,
            venue_id="",
            side=one.request.side,
            size=Size(Decimal("0.001")),
        )
        for one in (middle, target)
    ]
    assert await desk.executor._booker.book(file, heard=both) == 2


async def test_what_belongs_to_another_venue_is_left_alone():
    desk = ExecutorDesk()
    elsewhere = a_trade(venue="bybit")
    desk.store.transact("main", lambda unit: unit.book.save_trade(elsewhere))
    assert (await desk.executor.books.look()).files == ()
    assert (await desk.executor.books.look(elsewhere.trade_id)).files == ()


async def test_an_execution_that_the_ledger_cannot_take_is_told_of_once_that_goes_on():
    desk = ExecutorDesk()
    await desk.put_on()
    desk.price("42240")
    await desk.cycles(2)
    exit_of_all = next(one for one in desk.intents() if one.leg is Leg.STOP)
    odd = a_booked_fill(
        "odd", trade_id=desk.trade.trade_id, leg=Leg.STOP, size="9", symbol=desk.symbol
    )
    odd = replace(odd, client_id=exit_of_all.client_id)
    booker = desk.executor._booker
    assert not await booker.store(desk.trade, odd)
    assert "execution" not in desk.told()  # its entry may be listed late
    desk.clock.advance(25)
    for _ in range(3):
        assert not await booker.store(desk.trade, odd)
    assert desk.told().count("execution") == 1


async def test_a_booked_fill_is_in_what_is_recalled_at_once():
    desk = ExecutorDesk()
    await desk.put_on()
    desk.price("42240")
    await desk.cycle()
    books, trade_id = desk.executor.books, desk.trade.trade_id
    before = (await books.recall(trade_id)).files[0].fills
    desk.price("42000")
    await desk.executor._booker.book((await books.look(trade_id)).files[0])
    assert len((await books.recall(trade_id)).files[0].fills) > len(before) > 0
