"""What the audit tells of orders, of the kill switch and of reconciliation."""

from dataclasses import replace
from decimal import Decimal

from snipersight.domain.execution import IntentState, KillSwitch
from snipersight.domain.orders import OrderRequest
from snipersight.domain.units import Price, Size
from snipersight.risk.audit.exact_json import decode
from snipersight.risk.audit.query import body_of
from snipersight.risk.ledger.order_records import (
    KillEvent,
    record_intent,
    record_kill,
    record_reconciled,
)
from tests.builders.trades import an_intent
from tests.fakes.memory_store import a_memory_store


def test_a_journaled_order_is_recorded_with_its_whole_request() -> None:
    store, intent = a_memory_store(), an_intent()
    record = store.transact("main", lambda unit: record_intent(unit, intent, at_us=5, actor="x"))
    body = body_of(record)
    assert (record.kind, record.subject, record.at_us) == ("order", "trade-1", 5)
    assert (body["event"], body["client_id"]) == ("journaled", "ss-a-E0-0")
    assert decode(OrderRequest, body["request"]) == intent.request


def test_the_end_of_an_order_says_what_was_filled_and_why() -> None:
    store = a_memory_store(at_us=90)
    ended = replace(
        an_intent(),
        state=IntentState.EXPIRED,
        filled_size=Size(Decimal("2.50")),
        average_price=Price(Decimal("99.5")),
        venue_id="77",
        problem="price range",
    )
    record = store.transact("main", lambda unit: record_intent(unit, ended, at_us=5, actor="x"))
    body = body_of(record)
    assert record.at_us == 90  # never before what was recorded
    assert "request" not in body
    assert (body["event"], body["filled"], body["size"]) == ("expired", "2.5", "10")
    assert (body["average_price"], body["venue_id"], body["problem"]) == (
        "99.5",
        "77",
        "price range",
    )


def test_kill_and_reconciliation_are_recorded() -> None:
    store = a_memory_store()
    switch = KillSwitch(flatten=True, since_us=3, actor="cli", reason="enough")
    killed = store.transact(
        "main", lambda unit: record_kill(unit, switch, KillEvent.PULLED, at_us=3, actor="cli")
    )
    found = store.transact(
        "main",
        lambda unit: record_reconciled(
            unit, "trade-1", "adopted", at_us=4, actor="executor", size="3"
        ),
    )
    assert (killed.kind, body_of(killed)["event"]) == ("kill", "pulled")
    assert body_of(killed)["flatten"] is True
    assert (found.kind, found.subject) == ("reconciled", "trade-1")
    assert body_of(found) == {"event": "adopted", "format": 1, "size": "3"}
