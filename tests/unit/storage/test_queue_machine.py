"""The queue against a plain model of it: a list of items and the rules in words of Python."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import create_engine

from snipersight.domain.store import QueueDraft
from snipersight.storage.queue_rows import (
    QueueItem,
    bury_item,
    claim_items,
    count_items,
    extend_claim,
    finish_item,
    insert_item,
    retry_item,
)
from snipersight.storage.schema import METADATA

LANES = st.sampled_from(["", "a", "b"])
OWNERS = st.sampled_from(["one", "two"])


@dataclass(frozen=True)
class Entry:
    number: int
    key: str
    lane: str
    priority: int
    available_us: int
    state: str = "pending"
    owner: str | None = None
    until_us: int = 0
    attempt: int = 0

    @property
    def is_unfinished(self) -> bool:
        return self.state in ("pending", "claimed")

    def is_due(self, now_us: int) -> bool:
        if self.state == "pending":
            return self.available_us <= now_us
        return self.state == "claimed" and self.until_us <= now_us


class QueueMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.engine = create_engine("sqlite://")
        METADATA.create_all(self.engine)
        self.now_us = 1_000
        self.model: list[Entry] = []
        self.claims: list[QueueItem] = []

    def teardown(self):
        self.engine.dispose()

    def run(self, work: Callable[..., Any], **arguments: Any) -> Any:
        with self.engine.begin() as connection:
            return work(connection, **arguments)

    @rule(key=st.integers(0, 30), lane=LANES, priority=st.integers(-1, 1), delay=st.integers(0, 4))
    def put(self, key, lane, priority, delay):
        available_us = self.now_us + delay if delay else None
        draft = QueueDraft(
            topic="message",
            key=str(key),
            payload={"key": key},
            lane=lane,
            priority=priority,
            available_us=available_us,
        )
        stored = self.run(insert_item, draft=draft, now_us=self.now_us)
        assert stored == all(entry.key != str(key) for entry in self.model)
        if stored:
            self.model.append(Entry(len(self.model), str(key), lane, priority, self.now_us + delay))

    @rule(owner=OWNERS, limit=st.integers(1, 4), for_us=st.integers(1, 5))
    def claim(self, owner, limit, for_us):
        found = self.run(
            claim_items,
            topic="message",
            owner=owner,
            limit=limit,
            for_us=for_us,
            now_us=self.now_us,
        )
        expected = self.claimable()[:limit]
        assert [item.key for item in found] == [entry.key for entry in expected]
        for item, entry in zip(found, expected, strict=True):
            assert item.attempt == entry.attempt + 1
            assert item.payload == {"key": int(entry.key)}
            self.change(
                entry,
                state="claimed",
                owner=owner,
                until_us=self.now_us + for_us,
                attempt=item.attempt,
            )
        self.claims.extend(found)

    @precondition(lambda self: self.claims)
    @rule(
        data=st.data(),
        ends=st.sampled_from(["finish", "bury", "retry", "extend"]),
        by=st.integers(0, 5),
    )
    def let_go(self, data, ends, by):
        item = data.draw(st.sampled_from(self.claims))
        at_us = self.now_us + by
        ways: dict[str, tuple[Callable[..., bool], dict[str, Any], dict[str, Any]]] = {
            "finish": (finish_item, {"now_us": self.now_us}, {"state": "done"}),
            "bury": (bury_item, {"error": "x", "now_us": self.now_us}, {"state": "dead"}),
            "retry": (
                retry_item,
                {"at_us": at_us, "error": "x"},
                {"state": "pending", "available_us": at_us},
            ),
            "extend": (extend_claim, {"until_us": at_us}, {"until_us": at_us}),
        }
        work, arguments, becomes = ways[ends]
        entry = next(entry for entry in self.model if entry.key == item.key)
        is_held = entry.state == "claimed" and entry.attempt == item.attempt
        assert self.run(work, item=item, **arguments) == is_held
        if is_held:
            self.change(entry, **becomes)

    @rule(by=st.integers(1, 5))
    def wait(self, by):
        self.now_us += by

    @invariant()
    def counts_agree(self):
        counts = self.run(count_items, topic="message")
        for state in ("pending", "claimed", "done", "dead"):
            assert getattr(counts, state) == sum(entry.state == state for entry in self.model)

    def claimable(self) -> list[Entry]:
        due = [
            entry
            for entry in self.model
            if entry.is_due(self.now_us)
            and not (
                entry.lane
                and any(
                    earlier.lane == entry.lane and earlier.is_unfinished
                    for earlier in self.model[: entry.number]
                )
            )
        ]
        return sorted(due, key=lambda entry: (-entry.priority, entry.number))

    def change(self, entry: Entry, **changes: Any) -> None:
        self.model[entry.number] = replace(entry, **changes)


TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
