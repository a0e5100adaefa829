"""Every value of a notice: who reads it later has nothing else to go by."""

from dataclasses import replace

import pytest

from snipersight.domain.audit import AuditKind
from snipersight.domain.direction import Direction
from snipersight.domain.notices import lane_of_signal
from snipersight.domain.plan import PlanId
from snipersight.domain.store import QueueDraft
from snipersight.risk.telling import batch_of, entry_notice, signal_notice
from tests.builders.ledger import an_entry
from tests.builders.plans import a_plan

AT_US = 1_800_000_000_123_456
AT_MS = 1_800_000_000_123


@pytest.mark.parametrize(("venue", "is_practice"), [("sandbox", True), ("binance", False)])
@pytest.mark.parametrize("available_us", [None, 5])
def test_a_signal_names_its_verdict_its_batch_and_whether_it_is_practice(
    venue: str, is_practice: bool, available_us: int | None
) -> None:
    plan = replace(a_plan(venue=venue), plan_id=PlanId("p"))
    draft = signal_notice("main", plan, seq=7, as_of_ms=AT_MS, available_us=available_us)
    assert draft == QueueDraft(
        topic="message",
        key="signal:main:p",
        payload={
            "kind": "signal",
            "account": "main",
            "seq": 7,
            "plan_id": "p",
            "batch": f"{venue}:{plan.profile}:{AT_MS}",
            "practice": is_practice,
            "offers": False,
        },
        lane=lane_of_signal("main", "p"),
        priority=25,
        available_us=available_us,
    )
    assert batch_of(plan, AT_MS) == draft.payload["batch"]


EVENTS = [
    # What happened, the price that was named, and what is told of it.
    (AuditKind.FILLED, "99.5", "entered", "99.5", ""),
    (AuditKind.FILLED, None, "entered", "98", ""),
    (AuditKind.STOP_MOVED, "91", "stop_moved", "91", ":9"),
    (AuditKind.STOP_MOVED, None, "stop_moved", "90", ":9"),
    (AuditKind.CLOSED, "120", "closed", "120", ""),
]


@pytest.mark.parametrize(("venue", "is_practice"), [("sandbox", True), ("binance", False)])
@pytest.mark.parametrize(("kind", "price", "event", "told", "key"), EVENTS)
def test_an_update_names_position_event_time_and_price(
    kind: AuditKind,
    price: str | None,
    event: str,
    told: str,
    key: str,
    venue: str,
    is_practice: bool,
) -> None:
    entry = an_entry(filled="10", fill="98", venue=venue)
    assert entry_notice(kind, entry, seq=9, at_us=AT_US, price=price) == QueueDraft(
        topic="message",
        key=f"update:main:plan-entry-1:{event}:actual{key}",
        payload={
            "kind": "update",
            "account": "main",
            "plan_id": "plan-entry-1",
            "entry_id": "entry-1",
            "event": event,
            "at_ms": AT_MS,
            "price": told,
            "actual": True,
            "practice": is_practice,
        },
        lane=lane_of_signal("main", "plan-entry-1"),
        priority=20,
    )


def test_an_entry_that_has_no_fill_yet_is_told_at_the_price_it_waits_at() -> None:
    draft = entry_notice(AuditKind.FILLED, an_entry(), seq=1, at_us=AT_US, price=None)
    assert draft is not None
    assert draft.payload["price"] == "100"


@pytest.mark.parametrize("kind", [AuditKind.RESERVED, AuditKind.RELEASED, AuditKind.REDUCED])
def test_what_is_no_event_of_a_signal_is_not_told(kind: AuditKind) -> None:
    entry = an_entry(filled="10", direction=Direction.SHORT)
    assert entry_notice(kind, entry, seq=1, at_us=AT_US, price="1") is None


def test_a_position_of_nobodys_plan_is_not_told() -> None:
    entry = an_entry(filled="10", plan_id=None)
    assert entry_notice(AuditKind.CLOSED, entry, seq=1, at_us=AT_US, price="1") is None
