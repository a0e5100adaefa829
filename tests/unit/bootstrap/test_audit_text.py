"""What the records of execution say in a few words."""

from dataclasses import replace
from decimal import Decimal

from snipersight.bootstrap.audit_text import summary
from snipersight.domain.audit import AuditRecord
from snipersight.domain.execution import IntentState, KillSwitch
from snipersight.domain.orders import ClientOrderId, OrderKind
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Price, Size
from snipersight.risk.audit.query import body_of
from snipersight.risk.ledger.order_records import (
    KillEvent,
    record_intent,
    record_kill,
    record_reconciled,
)
from tests.builders.trades import an_intent
from tests.fakes.memory_store import a_memory_store


def said(record: AuditRecord) -> str:
    return summary(record, body_of(record))


def of_intent(**fields: object) -> str:
    intent = replace(an_intent(), **fields)  # type: ignore[arg-type]  # whatever a test says
    store = a_memory_store()
    return said(
        store.transact("main", lambda unit: record_intent(unit, intent, at_us=1, actor="x"))
    )


def test_an_order_says_what_was_asked() -> None:
    assert of_intent() == "ss-a-E0-0 journaled: limit 10 BTC/USDT:USDT at 100"
    request = an_intent().request
    stop = replace(
        request,
        client_id=ClientOrderId("ss-a-S0-0"),
        kind=OrderKind.STOP_MARKET,
        price=None,
        trigger_price=Price(Decimal(90)),
        is_reducing=True,
    )
    assert of_intent(request=stop).endswith("stop_market 10 BTC/USDT:USDT at 90")
    market = replace(request, kind=OrderKind.MARKET, price=None)
    assert of_intent(request=market).endswith("market 10 BTC/USDT:USDT at market")


def test_the_end_of_an_order_says_what_was_filled_and_why() -> None:
    filled = Size(Decimal("2.5"))
    ended = of_intent(state=IntentState.EXPIRED, filled_size=filled, problem="price range")
    assert ended == "ss-a-E0-0 expired, 2.5 of 10 filled: price range"
    assert of_intent(state=IntentState.ABSENT) == "ss-a-E0-0 absent, 0 of 10 filled"


def test_the_kill_switch_and_reconciliation_say_what_happened() -> None:
    store = a_memory_store()
    switch = KillSwitch(flatten=True, since_us=1, actor="cli", reason="enough")

    def work(unit: UnitOfWork) -> tuple[AuditRecord, AuditRecord]:
        killed = record_kill(unit, switch, KillEvent.PULLED, at_us=1, actor="cli")
        found = record_reconciled(
            unit, "trade-1", "adopted", at_us=1, actor="executor", size="3", at="venue"
        )
        return killed, found

    killed, found = store.transact("main", work)
    assert said(killed) == "kill switch pulled, flatten: enough"
    assert said(found) == "adopted, at venue, size 3"
