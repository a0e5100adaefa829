"""What is looked after is found without a look at what has ended."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, insert, text

from snipersight.domain.execution import IntentState, TradeId, TradeState
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Currency
from snipersight.storage.database import Database
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.schema import FILL, FUNDING, INTENT, TRADE
from snipersight.storage.stored_values import to_body
from tests.builders.trades import a_booked_fill, a_payment, a_trade, an_intent

ENDED = 4_000
INDEXES = {
    "uq_trade_live_market",
    "ix_trade_created",
    "ix_order_intent_open",
    "ix_order_intent_trade",
    "ix_order_fill_trade",
    "ix_funding_payment_trade",
}
TABLES = {"trade", "order_intent", "order_fill", "funding_payment"}


@pytest.fixture
def store(database):
    """Return a store with thousands of ended trades and orders, and one that is live."""
    opened = SqlDecisionStore(database, clock=lambda: 1)
    opened.create_account("main", Currency("USDT"), Decimal(100), at_us=1)
    done = a_trade(state=TradeState.DONE, ended_us=9)
    gone = an_intent(state=IntentState.CANCELLED)
    database.write(lambda it: _fill_up(it, to_body(done), to_body(gone)))

    def work(unit):
        unit.book.save_trade(a_trade("live"))
        unit.book.save_intent(an_intent("ss-live-E0-0", "live"))
        unit.book.book_fill(a_booked_fill(trade_id="live"))

    opened.transact("main", work)
    return opened


def _fill_up(connection: Connection, trade_body: str, intent_body: str) -> None:
    shared = {"account_id": "main", "venue": "sandbox", "environment": "simulated"}
    names = [f"t{number}" for number in range(ENDED)]
    trade = shared | {"symbol": "S", "is_live": False, "body": trade_body}
    connection.execute(
        insert(TRADE),
        [trade | {"trade_id": name, "created_us": at} for at, name in enumerate(names)],
    )
    intent = {"account_id": "main", "is_open": False, "body": intent_body}
    ids = [intent | {"trade_id": name, "client_id": f"c{name}"} for name in names]
    connection.execute(insert(INTENT), ids)
    paid = {name: shared[name] for name in ("account_id", "venue", "environment")}
    payment = paid | {"body": to_body(a_payment())}
    payments = [payment | {"trade_id": name, "payment_id": name} for name in names]
    connection.execute(insert(FUNDING), payments)
    fill = shared | {"symbol": "S", "side": "buy", "body": to_body(a_booked_fill())}
    connection.execute(insert(FILL), [fill | {"trade_id": n, "fill_id": n} for n in names])


def test_no_question_of_a_cycle_looks_at_what_has_ended(store, database):
    if database.dialect == "postgresql":
        database.write(lambda it: it.execute(text("ANALYZE")))
    asked = []

    @event.listens_for(Engine, "before_cursor_execute")
    def _listen(_connection, _cursor, statement, parameters, *_rest):
        asked.append((statement, parameters))

    try:
        store.view("main", look)
        store.transact("main", book)
    finally:
        event.remove(Engine, "before_cursor_execute", _listen)
    used = set()
    for statement, parameters in asked:
        if TABLES & set(statement.replace(".", " ").split()):
            used |= _indexes(database, statement, parameters)
    assert used >= INDEXES


def _indexes(database: Database, statement: str, parameters: Any) -> set[str]:
    """Return the indexes by which a statement finds its rows."""
    explain = "EXPLAIN QUERY PLAN " if database.dialect == "sqlite" else "EXPLAIN "
    plan = str(database.read(lambda it: it.exec_driver_sql(explain + statement, parameters).all()))
    assert "Seq Scan" not in plan
    return {name for name in INDEXES if name in plan}


def look(unit: UnitOfWork) -> None:
    """Ask what a cycle asks."""
    live, one = unit.book.live_trades(), TradeId("live")
    assert [trade.trade_id for trade in live] == ["live"]
    assert unit.book.trade(one) in live
    assert unit.book.open_intents() == unit.book.intents(one)
    assert unit.book.intent("ss-live-E0-0") in unit.book.open_intents()
    assert (len(unit.book.fills(one)), unit.book.funding(one)) == (1, ())
    assert len(unit.book.trades(limit=2)) == 2


def book(unit: UnitOfWork) -> None:
    """Change what a cycle changes."""
    unit.book.save_trade(a_trade("live"))
    unit.book.save_intent(an_intent("ss-live-E0-0", "live"))
    assert not unit.book.book_fill(a_booked_fill(trade_id="live"))
