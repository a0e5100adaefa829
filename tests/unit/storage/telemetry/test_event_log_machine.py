"""The log in a database against the one in memory: every step answers the same in both."""

from typing import Any, cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import Connection, create_engine

from snipersight.domain.event_log import StoredEvent
from snipersight.storage.database import Database
from snipersight.storage.telemetry.event_log import SqlEventLog
from snipersight.storage.telemetry.tables import TELEMETRY
from tests.fakes.memory_event_log import MemoryEventLog

KEYS = st.sampled_from(["", "", "a", "b", "c"])
EXPORTERS = st.sampled_from(["jsonl", "webhook"])
OWNERS = st.sampled_from(["one", "two", "three"])


class ClockedDatabase:
    """A database in memory whose clock is the test's; its transactions are whole."""

    timeout_s = 10.0

    def __init__(self) -> None:
        self.engine = create_engine("sqlite://")
        TELEMETRY.tables.create_all(self.engine)
        self.clock_us = 1_000

    def write(self, work: Any, **_limits: Any) -> Any:
        """Run a transaction."""
        with self.engine.begin() as connection:
            return work(connection)

    read = write

    def now_us(self, _connection: Connection) -> int:
        """Return the test's time."""
        return self.clock_us


class EventLogMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.database = ClockedDatabase()
        self.real = SqlEventLog(cast("Database", self.database))
        self.model = MemoryEventLog(clock_us=lambda: self.database.clock_us)
        self.furthest: dict[str, int] = {}

    def teardown(self):
        self.database.engine.dispose()

    @rule(keys=st.lists(KEYS, max_size=4))
    def append(self, keys):
        events = [
            StoredEvent(
                seq=0, event_type="tested", at_us=self.database.clock_us, body="{}", key=key
            )
            for key in keys
        ]
        assert self.real.append(events) == self.model.append(events)

    @rule(seq=st.integers(0, 20), limit=st.integers(1, 5))
    def read(self, seq, limit):
        assert self.real.after(seq, limit=limit) == self.model.after(seq, limit=limit)

    @rule(exporter=EXPORTERS, owner=OWNERS, for_us=st.integers(1, 10))
    def claim(self, exporter, owner, for_us):
        mine = self.real.claim(exporter, owner, for_us=for_us)
        assert mine == self.model.claim(exporter, owner, for_us=for_us)

    @rule(exporter=EXPORTERS, owner=OWNERS, seq=st.integers(0, 30))
    def confirm(self, exporter, owner, seq):
        assert self.real.confirm(exporter, owner, seq) == self.model.confirm(exporter, owner, seq)

    @rule(exporter=EXPORTERS, owner=OWNERS, seq=st.integers(0, 30))
    def set_back(self, exporter, owner, seq):
        is_moved = self.real.set_back(exporter, owner, seq)
        assert is_moved == self.model.set_back(exporter, owner, seq)
        if is_moved:
            self.furthest[exporter] = seq

    @rule(exporter=EXPORTERS, owner=OWNERS)
    def release(self, exporter, owner):
        self.real.release(exporter, owner)
        self.model.release(exporter, owner)

    @rule(by=st.integers(1, 8))
    def wait(self, by):
        self.database.clock_us += by

    @invariant()
    def no_cursor_goes_back_by_itself(self):
        for exporter in ("jsonl", "webhook"):
            now = self.real.cursor(exporter)
            assert now == self.model.cursor(exporter)
            assert now >= self.furthest.get(exporter, 0)
            assert self.real.is_claimed(exporter) == self.model.is_claimed(exporter)
            self.furthest[exporter] = now

    @invariant()
    def both_hold_the_same(self):
        assert self.real.newest() == self.model.newest()
        assert list(self.real.after(0, limit=1_000)) == self.model.events


TestEventLogMachine = EventLogMachine.TestCase
TestEventLogMachine.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
