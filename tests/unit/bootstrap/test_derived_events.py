"""What the store says happened, brought into the log of events: whole, in order, once."""

import json
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from loguru import logger
from sqlalchemy import text

from snipersight.bootstrap.books import Books, open_books
from snipersight.bootstrap.derived_events import (
    OrderTail,
    derived_sources,
    pump_events,
    tell_events,
)
from snipersight.bootstrap.executing import execute_plan
from snipersight.bootstrap.kill_switch import pull_switch, rearm_switch
from snipersight.bootstrap.operations import halt_entries, resume_entries
from snipersight.bootstrap.settings import load_settings
from snipersight.domain.event_log import StoredEvent
from snipersight.domain.outbox import DeliveryDraft
from snipersight.storage.audit_reading import chain_ends
from snipersight.storage.event_tails import first_of_entry
from snipersight.storage.outbox import SqlOutbox
from tests.builders.execution_desk import DeskClock, a_paper_plan, paper_execution
from tests.fakes.memory_event_log import MemoryEventLog
from tests.unit.bootstrap.test_execution import LOST, a_bench, lived


@pytest.fixture
def clock() -> DeskClock:
    return DeskClock()


@pytest.fixture
def books(clock):
    with open_books(load_settings()[0], account_id="practice", clock=clock) as opened:
        yield opened


@pytest.fixture
def log() -> MemoryEventLog:
    return MemoryEventLog()


def told(log: MemoryEventLog, *types: str) -> list[dict[str, Any]]:
    return [json.loads(event.body) for event in log.events if event.event_type in types]


def bring(books: Books, log: MemoryEventLog) -> None:
    store = books.store
    pump_events(log, store.decisions, store.database, clock=store.clock)


async def test_a_trade_tells_its_whole_life_in_order(tmp_path, books, clock, log):
    async with paper_execution(books, a_bench(tmp_path), clock) as execution:
        executed = await execute_plan(execution, a_paper_plan())
        bring(books, log)
        assert Counter(event.event_type for event in log.events) == {
            "order_submitted": 3,
            "order_accepted": 3,
        }
        await lived(execution, clock, 4)
    bring(books, log)
    counts = Counter(event.event_type for event in log.events)
    assert counts["order_submitted"] == counts["order_accepted"]
    assert counts["target_hit"] == len(a_paper_plan().targets)
    assert counts["stop_placed"] >= 1
    assert counts["stop_moved"] >= 1
    assert counts["position_closed"] == 1
    (closed,) = told(log, "position_closed")
    assert executed.trade is not None
    assert closed["subject"] == executed.trade.trade_id
    assert closed["net_r"] > 0
    order = [event.event_type for event in log.events]
    assert order.index("order_submitted") < order.index("order_filled")
    assert order.index("order_filled") < order.index("position_closed")


async def test_the_r_of_a_loss_is_of_the_whole_planned_size(tmp_path, books, clock, log):
    async with paper_execution(books, a_bench(tmp_path, LOST), clock) as execution:
        await execute_plan(execution, a_paper_plan())
        await lived(execution, clock, 3)
    bring(books, log)
    (closed,) = told(log, "position_closed")
    assert closed["by_stop"] is True
    assert -1.1 < closed["net_r"] < -0.5  # entered deeper in the zone than planned for
    filled = told(log, "order_filled")
    assert {event["client_id"].split("-")[2][0] for event in filled} == {"E", "S"}


async def test_a_second_look_tells_nothing_again(tmp_path, books, clock, log):
    async with paper_execution(books, a_bench(tmp_path), clock) as execution:
        await execute_plan(execution, a_paper_plan())
        await lived(execution, clock, 4)
    bring(books, log)
    before = list(log.events)
    bring(books, log)
    assert log.events == before


class DyingLog(MemoryEventLog):
    """Dies when a cursor is to be moved, as often as told, after the events were stored."""

    def __init__(self, deaths: int) -> None:
        super().__init__()
        self.deaths = deaths

    def confirm(self, exporter: str, owner: str, seq: int) -> bool:
        """Die, or do as told."""
        if self.deaths:
            self.deaths -= 1
            raise KeyboardInterrupt
        return super().confirm(exporter, owner, seq)


async def test_whoever_dies_before_the_cursor_moves_tells_nothing_twice(
    tmp_path, books, clock, log
):
    async with paper_execution(books, a_bench(tmp_path), clock) as execution:
        await execute_plan(execution, a_paper_plan())
        await lived(execution, clock, 4)
    bring(books, log)
    dying = DyingLog(deaths=3)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            bring(books, dying)
    bring(books, dying)
    assert _bodies(dying.events) == _bodies(log.events)


def _bodies(events: Sequence[StoredEvent]) -> list[tuple[str, str]]:
    return [(event.key, event.body) for event in events]


def test_the_kill_switch_and_breakers_are_told(books, log):
    pull_switch(books, flatten=True, reason="a test", actor="cli")
    rearm_switch(books, actor="cli")
    halt_entries(books.ports, reason="lunch", actor="cli")
    bring(books, log)
    kills = told(log, "kill")
    assert [event["step"] for event in kills] == ["pulled", "done", "rearmed"]
    tripped = told(log, "breaker_tripped")[-1]  # the kill switch trips it as well
    assert (tripped["name"], tripped["account"]) == ("operator", "practice")
    assert "lunch" in tripped["sentence"]
    assert told(log, "breaker_released")[0]["how"] == "let_go"


def test_a_store_brought_back_from_a_backup_tells_what_happens_after_it(books, log):
    halt_entries(books.ports, reason="before", actor="cli")
    bring(books, log)
    before = list(log.events)
    log.claim("audit:practice", "me", for_us=1_000_000)
    log.confirm("audit:practice", "me", 1_000)  # as far as the chain had come before
    log.release("audit:practice", "me")
    pull_switch(books, flatten=True, reason="after", actor="cli")
    bring(books, log)
    assert log.events[: len(before)] == before
    assert {event.event_type for event in log.events[len(before) :]} >= {"kill"}
    bring(books, log)
    assert len([one for one in log.events if one.event_type == "kill"]) == 2
    assert log.cursor("audit:practice") < 1_000  # what grows past the old place is not skipped


def test_messages_are_told_when_they_ended_and_again_when_tried_again(books, log):
    outbox = SqlOutbox(books.store.database)
    draft = DeliveryDraft(key="k1", channel="telegram", address="42", body={"t": "x"})
    store_delivery(books, draft)
    (delivery,) = outbox.claim_deliveries("me", limit=1, for_us=60_000_000)
    outbox.bury(delivery, error="the chat refused us: token=abcdefgh")
    bring(books, log)
    (failed,) = told(log, "message_failed")
    assert (failed["channel"], failed["attempts"]) == ("telegram", 1)
    assert failed["reason"] == "the chat refused us: token=***"
    assert "42" not in failed.values()
    outbox.resume()
    (delivery,) = outbox.claim_deliveries("me", limit=1, for_us=60_000_000)
    outbox.delivered(delivery, message_id="7")
    bring(books, log)
    bring(books, log)
    (sent,) = told(log, "message_sent")
    assert sent["attempts"] == 2
    assert len(told(log, "message_failed")) == 1


def store_delivery(books: Books, draft: DeliveryDraft) -> None:
    from snipersight.storage.outbox_rows import insert_deliveries

    now_us = SqlOutbox(books.store.database).now_us()
    books.store.database.write(
        lambda connection: insert_deliveries(connection, [draft], now_us=now_us)
    )


def test_more_messages_than_a_page_are_all_told(books, log, monkeypatch):
    monkeypatch.setattr("snipersight.bootstrap.derived_events._PAGE", 3)
    outbox = SqlOutbox(books.store.database)
    for number in range(8):
        draft = DeliveryDraft(
            key=f"k{number}", channel="telegram", address=str(number), body={"t": "x"}
        )
        store_delivery(books, draft)
    for delivery in outbox.claim_deliveries("me", limit=8, for_us=60_000_000):
        outbox.delivered(delivery, message_id="7")
    at_once = text("UPDATE queue SET available_us = 1700000000000000 WHERE state = 'done'")
    books.store.database.write(lambda connection: connection.execute(at_once))
    bring(books, log)
    assert len(told(log, "message_sent")) == 8
    bring(books, log)  # the overlap alone is more than a page
    assert len(told(log, "message_sent")) == 8


def test_a_message_whose_end_was_committed_late_is_told_all_the_same(books, log):
    outbox = SqlOutbox(books.store.database)
    for number in range(2):
        draft = DeliveryDraft(
            key=f"k{number}", channel="telegram", address=str(number), body={"t": "x"}
        )
        store_delivery(books, draft)
    late, quick = outbox.claim_deliveries("me", limit=2, for_us=60_000_000)
    outbox.delivered(quick, message_id="7")
    bring(books, log)
    outbox.delivered(late, message_id="8")
    backdate = text("UPDATE queue SET available_us = available_us - 9000000 WHERE item_id = :item")
    books.store.database.write(lambda it: it.execute(backdate, {"item": late.item_id}))
    bring(books, log)
    assert {event["item"] for event in told(log, "message_sent")} == {late.item_id, quick.item_id}


@pytest.mark.parametrize("page", [1, 500])
def test_messages_that_end_after_the_clock_was_set_back_are_told(books, log, monkeypatch, page):
    monkeypatch.setattr("snipersight.bootstrap.derived_events._PAGE", page)
    outbox = SqlOutbox(books.store.database)
    for number in range(4):
        draft = DeliveryDraft(
            key=f"k{number}", channel="telegram", address=str(number), body={"t": "x"}
        )
        store_delivery(books, draft)
    early, same, late, last = outbox.claim_deliveries("me", limit=4, for_us=60_000_000)
    outbox.delivered(early, message_id="7")
    outbox.delivered(same, message_id="8")
    tomorrow = text("UPDATE queue SET available_us = available_us + 86400000000 WHERE item_id = :i")
    for one in (early, same):
        books.store.database.write(lambda it, one=one: it.execute(tomorrow, {"i": one.item_id}))
    log.claim("messages:ended", "before", for_us=1)
    log.confirm("messages:ended", "before", outbox.now_us() + 86_400_000_000)
    log.release("messages:ended", "before")
    for one in (late, last):
        outbox.delivered(one, message_id="9")
        bring(books, log)
        bring(books, log)
    assert sorted(event["item"] for event in told(log, "message_sent")) == sorted(
        one.item_id for one in (early, same, late, last)
    )
    assert log.cursor("messages:ended") <= outbox.now_us()


def test_sources_have_names_that_hold_back_no_pruning(books):
    names = [source.name for source in derived_sources(books.store.decisions, books.store.database)]
    assert names == ["audit:practice", "orders:practice", "messages:ended"]
    assert all(":" in name for name in names)


def test_a_fault_in_telemetry_is_one_warning_and_no_exception(monkeypatch):
    settings = load_settings()[0]
    told: list[str] = []
    handler = logger.add(lambda message: told.append(message.record["message"]), level="WARNING")

    def broken(*_args: object, **_kwargs: object) -> None:
        raise KeyError("client_id")

    monkeypatch.setattr("snipersight.bootstrap.derived_events.pump", broken)
    tell_events(settings, tell=told.append)
    logger.remove(handler)
    assert told == ["events were not told: KeyError('client_id')"]


def test_a_long_chain_is_read_some_records_at_a_time_and_every_event_is_told(
    books, log, monkeypatch
):
    monkeypatch.setattr("snipersight.storage.event_tails._REACH", 2)
    for number in range(5):
        halt_entries(books.ports, reason=f"halt {number}", actor="cli")
        resume_entries(books.ports, rearm=False, actor="cli")
    bring(books, log)
    assert len(told(log, "breaker_tripped")) == 5
    head = books.store.database.read(lambda it: chain_ends(it, "practice")).head.seq
    assert log.cursor("audit:practice") == head


def test_what_an_entry_began_with_is_found_by_the_index_of_subjects(books):
    from sqlalchemy import event

    asked: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    engine = books.store.database._reader
    event.listen(engine, "before_cursor_execute", note)
    assert first_of_entry(books.store.database, "practice", "nobody") is None
    (statement,) = [one for one in asked if "min(" in one]
    plan = books.store.database.read(
        lambda it: it.exec_driver_sql(
            f"EXPLAIN QUERY PLAN {statement}", ("x", "", "x", "a", "b")
        ).all()
    )
    assert "ix_audit_subject" in str(plan)


async def test_an_order_that_works_for_weeks_is_not_told_anew_when_its_events_were_pruned(
    tmp_path, books, clock
):
    async with paper_execution(books, a_bench(tmp_path), clock) as execution:
        await execute_plan(execution, a_paper_plan())
        working = books.store.decisions.view("practice", lambda unit: unit.book.open_intents())
        newest_us = max(one.updated_us for one in working)
        for age, is_told in ((24, True), (26, False)):
            at_us = newest_us + age * 86_400_000_000
            source = OrderTail(books.store.decisions, "practice", partial(int, at_us))
            assert bool(source.page(0).events) is is_told
