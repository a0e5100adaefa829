"""Signals live from their notice to the notice of their end, each account's for itself."""

import pytest

from snipersight.domain.notices import SignalEvent, update_key
from snipersight.storage.database import Database
from snipersight.storage.queue import DurableQueue
from snipersight.storage.told_signals import ToldSignals


def tell(database: Database, key: str, plan_id: str) -> None:
    assert DurableQueue(database, "message").put(key, {"plan_id": plan_id})


def living(database: Database, account_id: str = "main") -> list[object]:
    return [payload["plan_id"] for payload in ToldSignals(database).living(account_id)]


def test_signals_are_read_oldest_first_and_of_one_account(database: Database) -> None:
    tell(database, "signal:main:b-1", "b-1")
    tell(database, "signal:main:a-1", "a-1")
    tell(database, "signal:main2:c-1", "c-1")
    tell(database, "signal:mai%:d-1", "d-1")
    tell(database, "signal:Main:f-1", "f-1")
    assert living(database) == ["b-1", "a-1"]
    assert living(database, "mai%") == ["d-1"]
    assert DurableQueue(database, "event").put("signal:main:e-1", {"plan_id": "e-1"})
    assert living(database) == ["b-1", "a-1"]


@pytest.mark.parametrize("event", SignalEvent)
def test_only_an_end_ends_a_signal(database: Database, event: SignalEvent) -> None:
    tell(database, "signal:main:a-1", "a-1")
    key = f"update:main:a-1:{event.value}"
    tell(database, key + ":1" if event is SignalEvent.TARGET_HIT else key, "a-1")
    assert living(database) == ([] if event.is_end else ["a-1"])


def test_a_delivered_signal_lives_on(database: Database) -> None:
    tell(database, "signal:main:a-1", "a-1")
    queue = DurableQueue(database, "message")
    (item,) = queue.claim("sender", limit=1, for_us=1_000_000)
    queue.acknowledge(item)
    assert living(database) == ["a-1"]


def test_a_batch_waits_until_its_notices_are_worded(database: Database) -> None:
    queue, told = DurableQueue(database, "message"), ToldSignals(database)
    for name, batch in (("a", "now"), ("b", "now"), ("c", "then")):
        queue.put(f"signal:main:{name}", {"plan_id": name, "batch": batch})
    assert [one["plan_id"] for one in told.waiting("main", "now")] == ["a", "b"]
    (item,) = queue.claim("sender", limit=1, for_us=1_000_000)
    assert [one["plan_id"] for one in told.waiting("main", "now")] == ["a", "b"]
    queue.acknowledge(item)
    assert [one["plan_id"] for one in told.waiting("main", "now")] == ["b"]
    assert told.waiting("other", "now") == ()


def test_a_real_trade_is_told_apart_and_ends_apart(database: Database) -> None:
    told = ToldSignals(database)
    tell(database, "signal:main:a-1", "a-1")
    assert told.taken("main") == frozenset()
    tell(database, update_key("main", "a-1", SignalEvent.ENTERED, is_actual=True), "a-1")
    assert told.taken("main") == {"a-1"}
    assert living(database) == ["a-1"]
    assert told.closed("main") == frozenset()
    tell(database, update_key("main", "a-1", SignalEvent.CLOSED, is_actual=True), "a-1")
    assert living(database) == ["a-1"]  # by the candles it goes on, for its audience
    assert told.taken("main") == told.closed("main") == {"a-1"}
