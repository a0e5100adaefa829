"""The outbox in the database against the one in memory: every step answers the same in both."""

from dataclasses import replace
from typing import Any, cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Connection, Engine, create_engine, select

from snipersight.domain.outbox import NOTICES, Delivery, DeliveryDraft, StoredNotice
from snipersight.domain.store import QueueDraft
from snipersight.storage.database import Database
from snipersight.storage.outbox import SqlOutbox
from snipersight.storage.schema import METADATA, QUEUE
from tests.fakes.memory_outbox import MemoryOutbox

CHATS = st.sampled_from([("telegram", "7"), ("telegram", "-5"), ("webhook", "a")])
ADDRESSES = st.sampled_from(["7", "-5", "-100"])
OWNERS = st.sampled_from(["one", "two"])


class ClockedDatabase:
    """A database in memory whose clock is the test's; its transactions are whole."""

    dialect = "sqlite"

    def __init__(self) -> None:
        self.engine: Engine = create_engine("sqlite://")
        METADATA.create_all(self.engine)
        self.clock_us = 1_000

    def write(self, work: Any) -> Any:
        """Run a transaction."""
        with self.engine.begin() as connection:
            return work(connection)

    read = write

    def now_us(self, _connection: Connection) -> int:
        """Return the test's time."""
        return self.clock_us


class OutboxMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.database = ClockedDatabase()
        self.real = SqlOutbox(cast("Database", self.database))
        self.model = MemoryOutbox(clock=lambda: self.database.clock_us)
        self.notices: list[tuple[StoredNotice, StoredNotice]] = []  # real, model
        self.claims: list[tuple[Delivery, Delivery]] = []
        self.moved_while_claimed = False
        self.finished: set[str] = set()

    @initialize(count=st.integers(2, 6), data=st.data())
    def begin(self, count, data):
        for number in range(count):
            channel, address = data.draw(CHATS)
            priority = data.draw(st.integers(0, 2))
            self.store(f"d{number}", channel, address, priority=priority, expires_us=None)

    def teardown(self):
        self.database.engine.dispose()

    def both(self, method: str, *arguments: Any, **options: Any) -> Any:
        """Ask both, and return what they agree on."""
        expected = getattr(self.model, method)(*arguments, **options)
        found = getattr(self.real, method)(*arguments, **options)
        assert found == expected, (method, found, expected)
        return found

    def both_claim(self, method: str, *arguments: Any, **options: Any) -> Any:
        """Ask both for claims; the places differ, what is in them does not."""
        expected = getattr(self.model, method)(*arguments, **options)
        found = getattr(self.real, method)(*arguments, **options)
        assert [self.shape(one) for one in found] == [self.shape(one) for one in expected]
        return list(zip(found, expected, strict=True))

    def both_end(self, method: str, pair: Any, **options: Any) -> Any:
        real, model = pair
        expected = getattr(self.model, method)(model, **options)
        assert getattr(self.real, method)(real, **options) == expected
        return expected

    def shape(self, one: Any) -> Any:
        return replace(one, item_id=0)

    def store(self, key: str, channel: str, address: str, **fields: Any) -> None:
        draft = DeliveryDraft(
            key=key, channel=channel, address=address, body={"text": key}, thread="t", **fields
        )
        self.both("fan_out", [], [draft])

    @rule(key=st.integers(0, 20), delay=st.integers(0, 4), batch=st.sampled_from(["x", "y"]))
    def put(self, key, delay, batch):
        due_us = self.database.clock_us + delay if delay else None
        self.both("put", self.notice(f"n{key}", batch=batch, available_us=due_us))

    @rule(key=st.integers(0, 20), subject=st.sampled_from("ab"), window=st.integers(1, 5))
    def put_once(self, key, subject, window):
        draft = self.notice(f"n{key}")
        self.both("put_once_within", draft, subject=subject, window_us=window)

    @rule(batch=st.sampled_from(["x", "y", "z"]))
    def release(self, batch):
        self.both("release", batch)

    def notice(self, key: str, *, batch: str = "", **fields: Any) -> QueueDraft:
        return QueueDraft(topic=NOTICES, key=key, payload={"batch": batch}, **fields)

    @rule(owner=OWNERS, limit=st.integers(1, 3), for_us=st.integers(1, 4))
    def claim_notices(self, owner, limit, for_us):
        self.notices += self.both_claim("claim_notices", owner, limit=limit, for_us=for_us)

    @precondition(lambda self: self.notices)
    @rule(data=st.data(), chat=CHATS, priority=st.integers(0, 2), lasts=st.integers(-2, 9))
    def fan_out(self, data, chat, priority, lasts):
        real, model = data.draw(st.sampled_from(self.notices))
        draft = DeliveryDraft(
            key=real.key,
            channel=chat[0],
            address=chat[1],
            body={"text": real.key},
            priority=priority,
            expires_us=self.database.clock_us + lasts,
            thread="t",
        )
        expected = self.model.fan_out([model], [draft])
        assert self.real.fan_out([real], [draft]) == expected

    @precondition(lambda self: self.notices)
    @rule(data=st.data())
    def refuse(self, data):
        self.both_end("refuse_notice", data.draw(st.sampled_from(self.notices)), error="x")

    @rule(
        owner=OWNERS,
        limit=st.integers(1, 4),
        for_us=st.integers(1, 4),
        but_not=st.lists(st.one_of(CHATS, st.just(("telegram", ""))), max_size=2),
        at_least=st.integers(0, 2),
    )
    def claim(self, owner, limit, for_us, but_not, at_least):
        options = {"limit": limit, "for_us": for_us, "but_not": but_not, "at_least": at_least}
        self.claims += self.both_claim("claim_deliveries", owner, **options)

    @rule(owner=OWNERS, for_us=st.integers(1, 2), by=st.integers(1, 4))
    def claim_whatever_is_due(self, owner, for_us, by):
        """As `claim`, without limits, and let time pass: so that claims run out often."""
        self.claims += self.both_claim("claim_deliveries", owner, limit=9, for_us=for_us)
        self.database.clock_us += by

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), ends=st.sampled_from(["delivered", "retry", "doubt", "bury"]))
    def let_go(self, data, ends):
        pair = data.draw(st.sampled_from(self.claims))
        at_us = self.database.clock_us + data.draw(st.integers(0, 3))
        options: dict[str, dict[str, Any]] = {
            "delivered": {"message_id": f"m{pair[1].item_id}"},
            "retry": {"at_us": at_us, "error": "x"},
            "doubt": {"at_us": at_us, "error": "x", "is_ambiguous": True},
            "bury": {"error": "x"},
        }
        method = "retry" if ends == "doubt" else ends
        is_done = self.both_end(method, pair, **options[ends])
        if is_done and ends == "delivered":
            assert pair[0].draft.key not in self.finished, "delivered twice"
            self.finished.add(pair[0].draft.key)

    @precondition(lambda self: len(self.model.lanes) < 2)
    @rule(chat=st.one_of(CHATS, st.just(("telegram", ""))))
    def stop(self, chat):
        self.both("stop", *chat, error="blocked")

    @rule(
        channel=st.sampled_from([None, "telegram", "webhook"]),
        address=st.one_of(st.none(), ADDRESSES),
    )
    def resume(self, channel, address):
        self.both("resume", channel, address)

    @rule(address=ADDRESSES, new=ADDRESSES)
    def move(self, address, new):
        place = ("telegram", address)
        self.moved_while_claimed |= any(
            self.model.place(one) == place for one in self.model.live_claims(None)
        )
        self.both("move", *place, new)

    @rule(by=st.integers(1, 4))
    def wait(self, by):
        self.database.clock_us += by

    @invariant()
    def both_say_the_same(self):
        self.both("waiting")
        assert self.real.stopped() == tuple(
            sorted(self.model.stopped(), key=lambda one: (one.since_us, one.channel, one.address))
        )
        assert sorted(self.real.attempts_since(0)) == sorted(self.model.attempts_since(0))

    @invariant()
    def nothing_is_lost(self):
        stored = select(QUEUE.c.key, QUEUE.c.state, QUEUE.c.is_ambiguous)
        rows = self.database.read(lambda it: it.execute(stored).all())
        model = [*self.model.items, *self.model.notices]
        assert sorted(tuple(row) for row in rows) == sorted(
            (one.draft.key, one.state, one.is_ambiguous) for one in model
        )

    @invariant()
    def one_delivery_of_a_chat_is_claimed(self):
        if not self.moved_while_claimed:
            held = [self.model.place(one) for one in self.model.live_claims(None)]
            assert len(held) == len(set(held))


TestOutboxMachine = OutboxMachine.TestCase
TestOutboxMachine.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
