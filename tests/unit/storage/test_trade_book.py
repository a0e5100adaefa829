"""Trades, orders, fills and funding in the store, on both kinds of database."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from snipersight.domain.direction import Direction
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.execution import (
    BookedFill,
    IntentState,
    KillSwitch,
    Leg,
    OrderIntent,
    Trade,
    TradeBook,
    TradeId,
    TradeState,
)
from snipersight.domain.orders import Side
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Currency, Price, Size
from snipersight.domain.venue import Environment, Reason
from snipersight.storage.decision_store import SqlDecisionStore
from tests.builders.trades import a_booked_fill, a_payment, a_trade, an_intent

USDT = Currency("USDT")
FIRST = TradeId("trade-1")
Question = Callable[[TradeBook], Any]


@pytest.fixture
def store(database):
    """Return a store with the accounts `main` and `other`."""
    opened = SqlDecisionStore(database, clock=lambda: 7)
    for name in ("main", "other"):
        opened.create_account(name, USDT, Decimal(10_000), at_us=5)
    return opened


def save(store: SqlDecisionStore, *values: Trade | OrderIntent, account: str = "main") -> None:
    """Save trades and intents in one transaction."""

    def work(unit: UnitOfWork) -> None:
        for one in values:
            if isinstance(one, Trade):
                unit.book.save_trade(one)
            else:
                unit.book.save_intent(one)

    store.transact(account, work)


def ask(store: SqlDecisionStore, question: Question, account: str = "main") -> Any:
    return store.view(account, lambda unit: question(unit.book))


def book(store: SqlDecisionStore, question: Question, account: str = "main") -> Any:
    return store.transact(account, lambda unit: question(unit.book))


def book_fill(store: SqlDecisionStore, fill: BookedFill) -> bool:
    return store.transact("main", lambda unit: unit.book.book_fill(fill))


def save_switch(store: SqlDecisionStore, switch: KillSwitch | None) -> None:
    store.transact("main", lambda unit: unit.book.save_kill_switch(switch))


def test_a_trade_comes_back_as_it_was_saved(store):
    trade = a_trade(
        direction=Direction.SHORT,
        size=Size(Decimal("1E-8")),
        stop_price=Price(Decimal("90.10")),
        best_price=Price(Decimal("101.123456789")),
        opened_us=3,
        note='what a person should know: ü \u0000 "',
    )
    save(store, trade)
    assert ask(store, lambda it: it.trade(FIRST)) == trade
    assert str(ask(store, lambda it: it.trade(FIRST)).stop_price) == "90.10"
    assert ask(store, lambda it: it.trade(FIRST), account="other") is None


def test_trades_are_listed_newest_first_and_live_ones_oldest_first(store):
    done = a_trade("b", "ETH/USDT", created_us=2, state=TradeState.DONE, ended_us=9)
    one, two = a_trade("c", "SOL/USDT", created_us=3), a_trade("a", "XRP/USDT", created_us=1)
    save(store, done, one, two)
    assert ask(store, lambda it: it.trades()) == (one, done, two)
    assert ask(store, lambda it: it.trades(limit=1)) == (one,)
    assert ask(store, lambda it: it.live_trades()) == (two, one)


def test_a_market_has_one_live_trade_of_an_account(store):
    save(store, a_trade())
    with pytest.raises(ValueError, match="trade-1 is live in BTC/USDT:USDT on sandbox"):
        save(store, a_trade("second"))
    save(store, replace(a_trade("second"), venue="binance"))
    save(store, replace(a_trade("third"), account_id="other"), account="other")
    save(store, a_trade(state=TradeState.DONE, ended_us=9))
    save(store, a_trade("second-there"))
    assert len(ask(store, lambda it: it.live_trades())) == 2


def test_a_live_trade_is_kept_apart_by_the_database_itself(store, database):
    save(store, a_trade(), a_trade("ended", state=TradeState.DONE, ended_us=9))
    revived = text("UPDATE trade SET is_live = true WHERE trade_id = 'ended'")
    with pytest.raises(StateUnavailable, match="contradicts what it holds"):
        database.write(lambda it: it.execute(revived))


def test_nothing_of_another_account_is_saved(store):
    with pytest.raises(ValueError, match="belongs to account other"):
        save(store, replace(a_trade(), account_id="other"))
    save(store, replace(a_trade(), account_id="other"), account="other")
    with pytest.raises(ValueError, match="another account"):
        save(store, a_trade())
    with pytest.raises(ValueError, match="belongs to account other"):
        save(store, replace(an_intent(), account_id="other"))
    with pytest.raises(ValueError, match="has no trade trade-1"):
        save(store, an_intent())


def test_intents_come_back_oldest_first_and_open_ones_across_trades(store):
    save(store, a_trade(), a_trade("t2", "ETH/USDT:USDT"))
    first = an_intent("ss-a-E0-0", state=IntentState.FILLED, filled_size=Size(Decimal("9.90")))
    second = an_intent("ss-a-S0-9", leg=Leg.STOP, generation=9)
    third = an_intent("ss-a-S0-10", leg=Leg.STOP, generation=10, pair_id="ss-a-S0-9")
    other = an_intent("ss-b-E0-0", "t2", created_us=1, reason=Reason.FILTER, may_retry=True)
    save(store, third, other, second, first)
    assert ask(store, lambda it: it.intents(FIRST)) == (first, second, third)
    assert ask(store, lambda it: it.open_intents()) == (other, second, third)
    assert ask(store, lambda it: it.intent("ss-b-E0-0")) == other
    assert ask(store, lambda it: it.intent("ss-c-E0-0")) is None
    save(store, replace(other, state=IntentState.ABSENT))
    assert ask(store, lambda it: it.open_intents()) == (second, third)


def test_a_fill_is_stored_once_whatever_trade_it_is_told_of(store):
    save(store, a_trade(state=TradeState.DONE, ended_us=9), a_trade("t2"))
    fill = a_booked_fill("12", size="0.100")
    assert book_fill(store, fill)
    assert not book_fill(store, fill)
    assert not book_fill(store, replace(fill, trade_id=TradeId("t2")))
    assert ask(store, lambda it: it.fills(FIRST)) == (fill,)
    assert ask(store, lambda it: it.fills(TradeId("t2"))) == ()
    with pytest.raises(ValueError, match="has no trade t3"):
        book_fill(store, replace(fill, trade_id=TradeId("t3")))


def test_one_id_is_another_fill_on_the_other_side_in_another_market_and_another_world(store):
    real = a_trade("real", "ETH/USDT:USDT", environment=Environment.LIVE)
    save(store, a_trade(), real)
    fills = (
        a_booked_fill("12"),
        a_booked_fill("12", side=Side.SELL),
        a_booked_fill("12", symbol="SOL/USDT:USDT"),
        a_booked_fill("12", trade_id="real"),
    )
    for one in fills:
        assert book_fill(store, one)


def test_fills_are_ordered_by_time_and_growing_id(store):
    save(store, a_trade())
    fills = [a_booked_fill(name, at_us=at) for name, at in (("9", 5), ("10", 5), ("8", 6))]
    for one in reversed(fills):
        book_fill(store, one)
    assert ask(store, lambda it: it.fills(FIRST)) == tuple(fills)


def test_funding_is_stored_once_in_an_account(store):
    save(store, a_trade(state=TradeState.DONE, ended_us=9), a_trade("t2"))
    late, early = a_payment("f2", at_us=9), a_payment("f1", at_us=8)
    assert book(store, lambda it: it.book_funding(FIRST, late))
    assert book(store, lambda it: it.book_funding(FIRST, early))
    assert not book(store, lambda it: it.book_funding(TradeId("t2"), late))
    assert ask(store, lambda it: it.funding(FIRST)) == (early, late)
    with pytest.raises(ValueError, match="has no trade"):
        book(store, lambda it: it.book_funding(TradeId("t3"), late))


def test_the_kill_switch_is_pulled_done_and_armed_again(store):
    pulled = KillSwitch(flatten=True, since_us=5, actor="cli", reason="enough")
    assert ask(store, lambda it: it.kill_switch()) is None
    for switch in (pulled, replace(pulled, done_us=6), None):
        save_switch(store, switch)
        assert ask(store, lambda it: it.kill_switch()) == switch
    save_switch(store, pulled)
    assert ask(store, lambda it: it.kill_switch(), account="other") is None


def test_a_book_that_only_reads_or_has_ended_changes_nothing(store):
    with pytest.raises(RuntimeError, match="only reads"):
        ask(store, lambda it: it.save_trade(a_trade()))
    kept = store.transact("main", lambda unit: unit.book)
    with pytest.raises(RuntimeError, match="has ended"):
        kept.trades()


def test_work_that_raises_leaves_nothing_in_the_book(store):
    save(store, a_trade())

    def work(unit):
        unit.book.save_intent(an_intent())
        unit.book.book_fill(a_booked_fill())
        unit.book.book_funding(FIRST, a_payment())
        unit.book.save_kill_switch(KillSwitch(flatten=False, since_us=1, actor="cli"))
        assert unit.book.intents(FIRST)
        raise KeyError("crash")

    with pytest.raises(KeyError):
        store.transact("main", work)
    assert ask(store, lambda it: (it.intents(FIRST), it.fills(FIRST), it.funding(FIRST))) == (
        (),
        (),
        (),
    )
    assert ask(store, lambda it: it.kill_switch()) is None


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("trade", "body = '{}'"),
        ("trade", "is_live = false"),
        ("trade", 'body = replace(body, \'"size":"10"\', \'"size":"ten"\')'),
        ("order_intent", "is_open = false"),
        ("order_intent", "body = 'x'"),
        ("order_fill", "body = '[]'"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused(store, database, table, change):
    save(store, a_trade(), an_intent())
    book_fill(store, a_booked_fill())
    database.write(lambda it: it.execute(text(f"UPDATE {table} SET {change}")))

    def everything(it):
        return it.trade(FIRST), it.intents(FIRST), it.fills(FIRST)

    with pytest.raises(StateUnavailable, match="makes no sense"):
        ask(store, everything)
