"""Notices are stored with what they tell of: an approval, a fill, a close; each of them once."""

from snipersight.domain.ledger import EntryId, Origin
from snipersight.risk.telling import Telling, batch_of
from tests.builders.exposure_managers import a_manager
from tests.builders.ledger import an_entry
from tests.fakes.memory_store import a_memory_store
from tests.fakes.risk_desk import Desk, a_trade, seen

GRACE_US = 30_000_000


def told(desk: Desk) -> list[str]:
    return [draft.key for draft in desk.store.queue]


def test_a_scan_that_tells_stores_each_approval_once_with_its_verdict():
    desk = Desk()
    manager = desk.manager(telling=Telling(grace_us=GRACE_US))
    commits = desk.store.commits
    decision = manager.validate_plan(a_trade())
    assert desk.store.commits == commits + 1
    (draft,) = desk.store.queue
    plan = decision.plan
    assert draft.key == f"signal:main:{plan.plan_id}"
    assert draft.payload["seq"] == desk.store.records("main")[-1].seq
    assert draft.payload["batch"] == batch_of(plan, seen().as_of_ms)
    assert draft.available_us == desk.now_us + GRACE_US
    assert desk.manager(telling=Telling()).validate_plan(a_trade())
    assert told(desk) == [draft.key]


def test_parts_of_a_shared_scan_are_told_in_batches_of_their_own():
    desk = Desk()
    for name, part in (("BTC", "00ff"), ("ETH", "ff00"), ("SOL", "")):
        desk.manager(telling=Telling(part=part)).validate_plan(a_trade(name))
    batches = [str(draft.payload["batch"]) for draft in desk.store.queue]
    assert batches == [f"{batches[2]}:00ff", f"{batches[2]}:ff00", batches[2]]


def test_a_scan_that_does_not_tell_and_a_refusal_store_nothing():
    desk = Desk()
    assert desk.manager().validate_plan(a_trade())
    refusing = desk.manager(telling=Telling(), limits={"max_positions": 1})
    assert refusing.validate_plan(a_trade("ETH"))
    assert not refusing.validate_plan(a_trade("SOL"))
    assert len(told(desk)) == 1


def test_what_is_reserved_is_told_at_once_even_where_a_scan_would_wait():
    desk = Desk()
    manager = desk.manager(telling=Telling(grace_us=GRACE_US))
    manager.validate_plan(a_trade(), reserve=Origin.EXECUTED)
    (draft,) = desk.store.queue
    assert draft.available_us is None


def test_people_are_asked_of_what_is_offered_and_not_of_what_is_reserved():
    desk = Desk()
    manager = desk.manager(telling=Telling(offers=True))
    manager.validate_plan(a_trade())
    manager.validate_plan(a_trade("ETH"), reserve=Origin.EXECUTED)
    desk.manager(telling=Telling()).validate_plan(a_trade("SOL"))
    assert [draft.payload["offers"] for draft in desk.store.queue] == [True, False, False]


def test_fills_closes_and_moved_stops_of_a_plan_are_told():
    store = a_memory_store()
    manager = a_manager(store)
    manager.take(an_entry(entry_id="one", filled="10"))
    manager.move_stop(EntryId("one"), price=91)
    manager.move_stop(EntryId("one"), price=92)
    manager.close(EntryId("one"), price=110, size=4)
    manager.close(EntryId("one"), price=120)
    events = [(draft.payload["event"], draft.payload["price"]) for draft in store.queue]
    assert events == [
        ("entered", "100"),
        ("stop_moved", "91"),
        ("stop_moved", "92"),
        ("closed", "120"),
    ]
    assert store.queue[0].key == "update:main:plan-one:entered:actual"
    assert all(draft.payload["actual"] for draft in store.queue)


def test_a_position_of_no_plan_has_no_thread_to_be_told_in():
    store = a_memory_store()
    a_manager(store).take(an_entry(plan_id=None, filled="10"))
    assert not store.queue
