"""Whatever callers, taker and time do: nothing is lost uncounted, doubled or put out of order."""

import threading
import time
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from snipersight.bot.telemetry import EventType, TelemetryEvent
from snipersight.bot.telemetry.event_buffer import EventBuffer, Loss

NOON = datetime(2024, 6, 7, 12, tzinfo=UTC)
CAPACITY = 6


def an_event(number: int) -> TelemetryEvent:
    return TelemetryEvent(
        event_type=EventType.KILL,
        at=NOON + timedelta(seconds=number % 7),
        fields={"number": number},
    )


class BufferLaws(RuleBasedStateMachine):
    """The buffer beside a plain list; a full one has no patience here."""

    def __init__(self) -> None:
        super().__init__()
        self.buffer = EventBuffer(capacity=CAPACITY, batch=4, patience_s=0.0, linger_s=0.0)
        self.told = 0
        self.kept: list[int] = []
        self.taken: list[int] = []
        self.lost: list[TelemetryEvent] = []
        self.noted = 0
        self.is_out = False
        self.is_closed = False

    @property
    def held(self) -> int:
        return len(self.kept) - self.buffer.settled_to

    @rule()
    def put(self) -> None:
        self.told += 1
        event, is_full = an_event(self.told), self.held >= CAPACITY
        position = self.buffer.put(event)
        if is_full or self.is_closed:
            assert position == 0
            self.lost.append(event)
        else:
            self.kept.append(self.told)
            assert position == len(self.kept)

    @precondition(lambda self: not self.is_out and (self.held or self.is_closed))
    @rule()
    def take(self) -> None:
        batch = [event.fields["number"] for event in self.buffer.take()]
        assert len(batch) == min(4, self.held)
        assert batch == self.kept[len(self.taken) : len(self.taken) + len(batch)]
        self.taken += self.kept[len(self.taken) : len(self.taken) + len(batch)]
        self.is_out = bool(batch)

    @precondition(lambda self: self.is_out)
    @rule()
    def settle(self) -> None:
        self.buffer.settle()
        self.is_out = False
        assert self.buffer.settled_to == len(self.taken)

    @rule(position=st.integers(1, 40))
    def wait(self, position: int) -> None:
        is_stored = self.buffer.wait_until_stored(position, 0.0)
        assert is_stored == (position <= self.buffer.settled_to)

    @precondition(lambda self: len(self.lost) > self.noted)
    @rule(meanwhile=st.integers(0, 2))
    def note_loss(self, meanwhile: int) -> None:
        loss = self.buffer.loss()
        assert loss is not None
        unnoted = self.lost[self.noted :]
        assert loss.count == len(unnoted)
        if not self.noted:  # what was noted in between may widen later spans
            assert loss.first == min(event.at for event in unnoted)
            assert loss.last == max(event.at for event in unnoted)
        if self.held >= CAPACITY:
            for _ in range(meanwhile):
                self.put()
        self.buffer.note_loss(loss)
        self.noted += loss.count

    @rule()
    def close(self) -> None:
        if self.told > 20:
            self.buffer.close()
            self.is_closed = True

    @invariant()
    def nothing_is_forgotten(self) -> None:
        loss = self.buffer.loss()
        unnoted = 0 if loss is None else loss.count
        assert self.buffer.positions + self.noted + unnoted == self.told
        assert self.held <= CAPACITY


TestBufferLaws = BufferLaws.TestCase
TestBufferLaws.settings = settings(max_examples=100, stateful_step_count=40)


def test_a_taker_waits_for_company_but_not_once_its_batch_is_full():
    buffer = EventBuffer(capacity=10, batch=3, patience_s=1, linger_s=30)
    batches: list[int] = []
    thread = threading.Thread(target=lambda: batches.append(len(buffer.take())))
    thread.start()
    for number in range(3):
        buffer.put(an_event(number))
        time.sleep(0.05)
    thread.join(10)
    assert batches == [3]


def test_a_held_caller_goes_on_as_soon_as_there_is_room():
    buffer = EventBuffer(capacity=2, batch=2, patience_s=30, linger_s=0)
    buffer.put(an_event(1))
    buffer.put(an_event(2))
    positions: list[int] = []
    thread = threading.Thread(target=lambda: positions.append(buffer.put(an_event(3))))
    thread.start()
    assert len(buffer.take()) == 2
    thread.join(0.1)
    assert thread.is_alive()  # what is out counts until it is stored
    buffer.settle()
    thread.join(10)
    assert positions == [3]


def test_patience_begins_with_the_first_event_after_a_quiet_time():
    now = [0.0]
    buffer = EventBuffer(capacity=1, batch=1, patience_s=30, linger_s=0, clock=lambda: now[0])
    now[0] = 3_600.0
    buffer.put(an_event(1))
    positions: list[int] = []
    thread = threading.Thread(target=lambda: positions.append(buffer.put(an_event(2))))
    thread.start()
    thread.join(0.1)
    assert thread.is_alive()
    buffer.take()
    buffer.settle()
    thread.join(10)
    assert positions == [2]


def test_closing_lets_held_callers_go():
    buffer = EventBuffer(capacity=1, batch=1, patience_s=30, linger_s=0)
    buffer.put(an_event(1))
    positions: list[int] = []
    thread = threading.Thread(target=lambda: positions.append(buffer.put(an_event(2))))
    thread.start()
    buffer.close()
    thread.join(10)
    assert positions == [0]
    assert buffer.loss() == Loss(count=1, first=an_event(2).at, last=an_event(2).at)
