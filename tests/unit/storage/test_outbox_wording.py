"""Who words notices, on both kinds of database: one at a time, so that none is overtaken."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from snipersight.bot.notifications.sending.fan_out import fan_out_due
from snipersight.domain.audit import AuditKind
from snipersight.domain.outbox import DELIVERIES, NOTICES, DeliveryDraft, StoredNotice
from snipersight.domain.store import QueueDraft
from snipersight.risk.telling import batch_of, entry_notice, signal_notice
from snipersight.storage.database import Database, open_database
from snipersight.storage.outbox import SqlOutbox
from snipersight.storage.outbox_view import troubled
from snipersight.storage.schema import QUEUE
from tests.builders import a_plan
from tests.builders.ledger import an_entry

MINUTE_US = 60_000_000


@pytest.fixture
def outbox(database):
    return SqlOutbox(database)


def put(outbox: SqlOutbox, *keys: str, priority: int = 0) -> None:
    for key in keys:
        assert outbox.put(QueueDraft(topic=NOTICES, key=key, priority=priority))


def claim(outbox: SqlOutbox, owner: str = "w", *, limit: int = 9) -> tuple[StoredNotice, ...]:
    return outbox.claim_notices(owner, limit=limit, for_us=MINUTE_US)


def keys(notices: tuple[StoredNotice, ...]) -> list[str]:
    return [notice.key for notice in notices]


def worded(notice: StoredNotice) -> list[DeliveryDraft]:
    return [DeliveryDraft(key=notice.key, channel="telegram", address="7", body={})]


def run_out(database: Database) -> None:
    """Let the time of every claim be over."""
    database.write(lambda it: it.execute(update(QUEUE).values(claimed_until_us=1)))


def lane_of_deliveries(database: Database) -> list[str]:
    found = select(QUEUE.c.key).where(QUEUE.c.topic == DELIVERIES).order_by(QUEUE.c.item_id)
    return database.read(lambda it: list(it.execute(found).scalars()))


def test_workers_at_once_keep_the_order_of_what_is_stored_meanwhile(outbox, database, database_url):
    ended = threading.Event()

    def slowly(notice: StoredNotice) -> list[DeliveryDraft]:
        time.sleep(0.002)
        return worded(notice)

    def work(owner: str) -> None:
        with open_database(database_url) as own:
            while not ended.is_set():
                fan_out_due(SqlOutbox(own), owner, word=slowly)

    told = [f"{number:03}" for number in range(90)]
    put(outbox, *told[:50])
    with ThreadPoolExecutor(3) as pool:
        try:
            workers = [pool.submit(work, owner) for owner in ("a", "b", "b")]
            put(outbox, *told[50:])
            while outbox.waiting().unworded and not any(one.done() for one in workers):
                time.sleep(0.01)
        finally:
            ended.set()
    assert [one.result() for one in workers] == [None] * 3
    assert lane_of_deliveries(database) == told


def test_nothing_is_claimed_while_anybody_words(outbox):
    put(outbox, "signal")
    (held,) = claim(outbox, "one")
    put(outbox, "update")
    put(outbox, "alert", priority=9)
    assert claim(outbox, "two") == ()
    assert claim(outbox, "one") == (), "another thread of the same process"
    assert outbox.fan_out([held], worded(held)) == 1
    assert keys(claim(outbox, "two")) == ["alert", "update"]


def test_what_a_killed_worder_held_is_worded_after_its_claim_and_before_newer_ones(
    outbox, database
):
    put(outbox, "signal")
    claim(outbox, "killed")
    put(outbox, "update")
    assert claim(outbox) == ()
    run_out(database)
    assert keys(claim(outbox)) == ["signal", "update"]


def test_a_worder_that_slept_through_its_claim_stores_nothing_once_another_one_words(
    outbox, database
):
    put(outbox, "1", "2")
    slow = claim(outbox, "slow")
    put(outbox, "alert", priority=9)
    run_out(database)
    assert keys(claim(outbox, "quick", limit=2)) == ["alert", "1"]
    # Nobody else holds the second one, but the first must come before it.
    assert [outbox.fan_out([one], worded(one)) for one in slow] == [None, None]
    assert lane_of_deliveries(database) == []


def test_a_claim_that_ran_out_is_good_while_nobody_else_words(outbox, database):
    put(outbox, "1")
    (held,) = claim(outbox)
    run_out(database)
    assert outbox.fan_out([held], worded(held)) == 1


def test_a_claim_from_before_the_clock_was_set_back_silences_nobody(outbox, database):
    put(outbox, "1", "2")
    claim(outbox, "killed")
    an_hour_on_us = outbox.now_us() + 60 * MINUTE_US
    database.write(lambda it: it.execute(update(QUEUE).values(claimed_until_us=an_hour_on_us)))
    assert keys(claim(outbox)) == ["1", "2"]


def test_what_is_due_or_held_is_to_be_worded_and_what_is_held_back_is_not(outbox, database):
    put(outbox, "1", "2")
    later_us = outbox.now_us() + MINUTE_US
    outbox.put(QueueDraft(topic=NOTICES, key="later", available_us=later_us))
    assert outbox.waiting().unworded == 2
    (held,) = claim(outbox, limit=1)
    assert outbox.waiting().unworded == 2
    run_out(database)
    assert outbox.waiting().unworded == 2
    outbox.fan_out([held], [])
    assert outbox.waiting().unworded == 1
    (other,) = claim(outbox)
    outbox.refuse_notice(other, error="of an unknown kind")
    assert outbox.waiting().unworded == 0


def test_a_notice_that_cannot_be_worded_waits_for_a_person(outbox, database):
    outbox.put(QueueDraft(topic=NOTICES, key="1", payload={"kind": "?"}))
    (notice,) = outbox.claim_notices("w", limit=1, for_us=MINUTE_US)
    assert outbox.refuse_notice(notice, error="of an unknown kind")
    assert not outbox.refuse_notice(notice, error="again")
    (seen,) = troubled(database)
    assert (seen.key, seen.state, seen.last_error) == (notice.key, "dead", "of an unknown kind")
    assert outbox.resume("telegram") == 0
    assert outbox.resume() == 1
    assert len(outbox.claim_notices("w", limit=1, for_us=MINUTE_US)) == 1


def test_a_batch_waits_for_its_summary_and_no_longer(outbox):
    later_us = outbox.now_us() + 60 * MINUTE_US
    outbox.put(QueueDraft(topic=NOTICES, key="1", payload={"batch": "b1"}, available_us=later_us))
    outbox.put(QueueDraft(topic=NOTICES, key="2", payload={"batch": "b1"}, available_us=later_us))
    outbox.put(QueueDraft(topic=NOTICES, key="3", payload={"batch": "b11"}, available_us=later_us))
    outbox.put(QueueDraft(topic=NOTICES, key="4", payload={"batch": "b1"}))
    (at_once,) = outbox.claim_notices("w", limit=9, for_us=MINUTE_US)
    assert at_once.key == "4"
    assert outbox.fan_out([at_once], []) == 0
    assert outbox.release("b1") == 2
    assert [n.key for n in outbox.claim_notices("w", limit=9, for_us=MINUTE_US)] == ["1", "2"]
    assert outbox.release("b1") == 0


def test_what_becomes_of_a_signal_waits_for_it_while_it_waits_for_its_picture(outbox, database):
    plan = a_plan()
    entry = replace(an_entry(filled="10", fill="98"), plan_id=plan.plan_id)
    signal = signal_notice(entry.account_id, plan, seq=1, as_of_ms=5, available_us=2**52)
    entered = entry_notice(AuditKind.FILLED, entry, seq=2, at_us=9, price=None)
    assert entered is not None
    assert outbox.put(signal)
    assert outbox.put(entered)
    assert outbox.put(QueueDraft(topic=NOTICES, key="other"))
    assert fan_out_due(outbox, "w", word=worded) == 1
    outbox.release(batch_of(plan, 5))
    assert fan_out_due(outbox, "w", word=worded) == 2
    assert lane_of_deliveries(database) == ["other", signal.key, entered.key]
