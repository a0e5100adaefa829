"""The book in the database against the one in memory: every step answers the same in both."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from snipersight.bootstrap.preview_book import MemoryTradeBook
from snipersight.domain.execution import IntentState, KillSwitch, TradeId, TradeState
from snipersight.domain.orders import Side
from snipersight.domain.units import Currency, Size
from snipersight.domain.venue import Environment
from snipersight.storage.database import Database
from snipersight.storage.decision_store import SqlDecisionStore
from tests.builders.trades import a_booked_fill, a_payment, a_trade, an_intent
from tests.unit.storage.test_outbox_machine import ClockedDatabase

NAMES = st.sampled_from(["a", "b", "c"])
SYMBOLS = st.sampled_from(["BTC/USDT:USDT", "ETH/USDT:USDT"])
SMALL = st.integers(1, 3)
SIZES = st.decimals("0.00000001", "1000", allow_nan=False, places=8)


class BookMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        database = cast("Database", ClockedDatabase())
        self.store = SqlDecisionStore(database, clock=lambda: 1)
        self.store.create_account("main", Currency("USDT"), Decimal(100), at_us=1)
        self.model = MemoryTradeBook("main")

    def both(self, step: Any) -> None:
        """Take a step in both; the answers, errors too, are the same."""
        real = self.store.transact("main", lambda unit: _answer(step, unit.book))
        assert real == _answer(step, self.model)

    @rule(
        name=NAMES,
        symbol=SYMBOLS,
        state=st.sampled_from(TradeState),
        environment=st.sampled_from([Environment.DEMO, Environment.LIVE]),
        at=SMALL,
        size=SIZES,
    )
    def save_trade(self, name, symbol, state, environment, at, size):
        ended_us = None if state.is_live else at
        trade = a_trade(
            name,
            symbol,
            state=state,
            environment=environment,
            created_us=at,
            ended_us=ended_us,
            size=Size(size),
        )
        self.both(lambda book: book.save_trade(trade))

    @rule(name=NAMES, number=SMALL, state=st.sampled_from(IntentState), at=SMALL, filled=SIZES)
    def save_intent(self, name, number, state, at, filled):
        intent = an_intent(
            f"ss-{name}-E{number}-0", name, state=state, created_us=at, filled_size=Size(filled)
        )
        self.both(lambda book: book.save_intent(intent))

    @rule(name=NAMES, symbol=SYMBOLS, number=SMALL, side=st.sampled_from(Side), at=SMALL)
    def book_fill(self, name, symbol, number, side, at):
        fill = a_booked_fill(str(number), trade_id=name, symbol=symbol, side=side, at_us=at)
        self.both(lambda book: book.book_fill(fill))

    @rule(name=NAMES, number=SMALL, at=SMALL)
    def book_funding(self, name, number, at):
        payment = a_payment(str(number), at_us=at)
        self.both(lambda book: book.book_funding(TradeId(name), payment))

    @rule(is_pulled=st.booleans(), done=st.sampled_from([None, 3]), flatten=st.booleans())
    def switch(self, is_pulled, done, flatten):
        pulled = KillSwitch(flatten=flatten, since_us=2, actor="cli", done_us=done)
        self.both(lambda book: book.save_kill_switch(pulled if is_pulled else None))

    @rule(name=NAMES, number=SMALL)
    def lose(self, name, number):
        """Change everything and raise: nothing of it is kept."""
        before = _seen(self.model)

        def work(unit: Any) -> None:
            _answer(lambda book: book.book_fill(a_booked_fill("lost", trade_id=name)), unit.book)
            for trade in unit.book.live_trades():
                unit.book.save_trade(replace(trade, note="lost"))
            raise KeyError(number)

        try:
            self.store.transact("main", work)
        except KeyError:
            assert self.store.view("main", lambda unit: _seen(unit.book)) == before
        else:
            raise AssertionError("the error was swallowed")

    @invariant()
    def both_show_the_same(self):
        assert self.store.view("main", lambda unit: _seen(unit.book)) == _seen(self.model)

    @invariant()
    def a_market_has_one_live_trade(self):
        live = self.store.view("main", lambda unit: unit.book.live_trades())
        assert len({(one.venue, one.symbol) for one in live}) == len(live)


def _answer(step: Any, book: Any) -> object:
    try:
        return step(book)
    except ValueError as error:
        return str(error)


def _seen(book: Any) -> tuple[object, ...]:
    names = [TradeId(name) for name in ("a", "b", "c")]
    return (
        book.trades(),
        book.trades(limit=2),
        book.live_trades(),
        book.open_intents(),
        book.kill_switch(),
        *((book.trade(name), book.intents(name)) for name in names),
        *((book.fills(name), book.funding(name)) for name in names),
        [book.intent(f"ss-{name}-E{number}-0") for name in "abc" for number in (1, 2, 3)],
    )


TestBook = BookMachine.TestCase
TestBook.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
