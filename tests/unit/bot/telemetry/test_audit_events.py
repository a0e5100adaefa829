"""What each record of the audit tells as events."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.bot.telemetry.audit_events import accepted_events, audit_events
from snipersight.bot.telemetry.event_writer import stored_form
from snipersight.bot.telemetry.events import TelemetryEvent
from snipersight.domain.audit import AuditRecord
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.execution import IntentState, Leg, OrderIntent
from snipersight.domain.units import Price, Size
from snipersight.risk.ledger.order_records import record_intent
from tests.builders.trades import an_intent
from tests.fakes.memory_store import a_memory_store

ENTRY = {
    "entry_id": "entry-1",
    "plan_id": "plan-1",
    "symbol": "BTC/USDT:USDT",
    "venue": "sandbox",
    "realised": {"decimal": "-50.5"},
}


def a_record(kind: str, body: dict[str, Any], *, seq: int = 17) -> AuditRecord:
    return AuditRecord(
        account_id="main",
        seq=seq,
        at_us=1_717_754_400_123_000,
        kind=kind,
        subject="entry-1",
        actor="cli",
        body=json.dumps(body),
        prev_hash="0" * 64,
        hash="1" * 64,
    )


def told(kind: str, body: dict[str, Any], *, risk: str | None = "100") -> list[dict[str, Any]]:
    risk_of = lambda _entry: None if risk is None else Decimal(risk)  # noqa: E731
    return [
        json.loads(event.to_json()) for event in audit_events(a_record(kind, body), risk_of=risk_of)
    ]


def of_intent(intent: OrderIntent) -> tuple[TelemetryEvent, ...]:
    store = a_memory_store()
    record = store.transact("main", lambda unit: record_intent(unit, intent, at_us=5, actor="x"))
    return audit_events(record, risk_of=lambda _entry: None)


def types(events: tuple[TelemetryEvent, ...]) -> list[str]:
    return [event.event_type.value for event in events]


def an_ended(state: IntentState, leg: Leg = Leg.ENTRY, *, venue_id: str = "77") -> OrderIntent:
    return replace(
        an_intent(), leg=leg, state=state, venue_id=venue_id, filled_size=Size(Decimal(1))
    )


@pytest.mark.parametrize(
    ("intent", "expected"),
    [
        (an_intent(), ["order_submitted"]),
        (an_ended(IntentState.FILLED), ["order_accepted"]),  # its executions are told one by one
        (an_ended(IntentState.CANCELLED), ["order_accepted", "order_cancelled"]),
        (an_ended(IntentState.EXPIRED), ["order_accepted", "order_cancelled"]),
        (an_ended(IntentState.REFUSED, venue_id=""), ["order_refused"]),
        (an_ended(IntentState.ABSENT, venue_id=""), ["order_refused"]),
        (an_ended(IntentState.UNKNOWN, venue_id=""), ["order_unknown"]),
        (an_ended(IntentState.FILLED, Leg.TARGET), ["order_accepted", "target_hit"]),
        (an_ended(IntentState.CANCELLED, Leg.TARGET), ["order_accepted", "order_cancelled"]),
        (an_ended(IntentState.FILLED, Leg.STOP), ["order_accepted", "stop_placed"]),
    ],
)
def test_an_order_tells_how_far_it_came(intent, expected):
    assert types(of_intent(intent)) == expected


def test_an_order_seen_working_and_seen_ended_is_accepted_under_one_key():
    working = replace(an_intent(), leg=Leg.STOP, state=IntentState.WORKING, venue_id="77")
    ended = replace(working, state=IntentState.CANCELLED)
    early, late = accepted_events(working), of_intent(ended)
    assert types(early) == ["order_accepted", "stop_placed"]
    assert [event.key for event in early] == [event.key for event in late[:2]]
    assert len({event.key for event in (*early, *late)}) == 3


def test_an_order_that_is_not_known_to_be_in_the_book_is_not_accepted_yet():
    assert accepted_events(an_intent()) == ()
    assert accepted_events(replace(an_intent(), state=IntentState.UNKNOWN)) == ()


def test_the_second_target_is_told_as_the_second():
    filled = replace(
        an_ended(IntentState.FILLED, Leg.TARGET), index=1, average_price=Price(Decimal(9))
    )
    event = of_intent(filled)[-1]
    assert event.fields["target"] == 2
    assert event.fields["average_price"] == "9"


def test_an_execution_that_closes_is_told_before_the_close_with_its_r():
    body = {"entry": ENTRY, "fill_id": "f1", "traded": "2", "price": "95", "realised": "-50.5"}
    filled, closed = told("closed", body)
    assert (filled["event"], filled["size"], filled["fill_id"]) == ("order_filled", "2", "f1")
    assert (closed["event"], closed["net"], closed["net_r"]) == ("position_closed", "-50.5", -0.505)
    assert closed["at"] == "2024-06-07T10:00:00.123Z"


@pytest.mark.parametrize("risk", [None, "0"])
def test_without_a_known_risk_a_close_has_no_r(risk):
    (closed,) = told("closed", {"entry": ENTRY, "price": "95"}, risk=risk)
    assert closed["net_r"] is None


def test_what_a_person_traded_elsewhere_has_no_order():
    assert told("filled", {"entry": ENTRY, "size": "2", "price": "95"}) == []


def test_a_stop_that_moved_is_not_a_change_of_cover():
    kinds = [
        told("stop_moved", {"entry": ENTRY, **more})[0]["event"]
        for more in ({"price": "99"}, {"is_covered": True}, {"is_covered": False})
    ]
    assert kinds == ["stop_moved", "position_protected", "position_unprotected"]


def test_breakers_kill_and_reconciliation_say_what_they_did():
    breaker = {"name": "daily_loss", "state": "HALTED", "sentence": "4 % of 3 %"}
    (tripped,) = told("breaker", {"event": "tripped", "breaker": breaker})
    (let_go,) = told("breaker", {"event": "let_go", "breaker": breaker})
    (killed,) = told("kill", {"event": "pulled", "flatten": True, "reason": "enough"})
    (found,) = told("reconciled", {"format": 1, "event": "adopted", "size": "1"})
    assert (tripped["event"], tripped["name"]) == ("breaker_tripped", "daily_loss")
    assert (let_go["event"], let_go["how"]) == ("breaker_released", "let_go")
    assert (killed["event"], killed["step"], killed["flatten"]) == ("kill", "pulled", True)
    assert (found["event"], found["found"], found["size"]) == ("reconciliation", "adopted", "1")


@pytest.mark.parametrize("kind", ["decision", "policy", "flow", "reserved", "of_a_later_version"])
def test_what_is_no_event_tells_nothing(kind):
    assert told(kind, {"anything": 1}) == []


def test_events_of_one_record_have_keys_of_their_own():
    body = {"entry": ENTRY, "fill_id": "f1"}
    events = audit_events(a_record("closed", body), risk_of=lambda _entry: None)
    assert [event.key for event in events] == [
        "audit:main:17:11111111:0",
        "audit:main:17:11111111:1",
    ]
    assert stored_form(events[0]).at_us == 1_717_754_400_123_000


def test_a_damaged_record_is_an_error_and_no_event():
    with pytest.raises(StateUnavailable, match="record 17 of the audit is damaged"):
        audit_events(replace(a_record("closed", {}), body="{"), risk_of=lambda _entry: None)
