"""The outbox where time runs faster: claims and pauses last as long as they do for the sender."""

from pathlib import Path

import pytest

from snipersight.bootstrap.paced_outbox import PacedOutbox
from snipersight.bootstrap.run_clock import RunClock
from snipersight.domain.outbox import NOTICES, DeliveryDraft
from snipersight.domain.store import QueueDraft
from snipersight.storage.database import open_database
from snipersight.storage.outbox import SqlOutbox
from snipersight.storage.outbox_lease import SqlSenderLease

SCALE = 600.0
START_US = 1_780_315_200_000_000
SECOND_US = 1_000_000


class Desk:
    """A store on a sandbox's time, and both views of it."""

    def __init__(self, path: Path) -> None:
        self.clock = RunClock(scale=SCALE, start_us=START_US)
        self.database = open_database(f"sqlite:///{path / 'a.db'}", clock=self.clock.us)
        self.lease = SqlSenderLease(self.database, owner="a")
        self.lease.keep()
        self.outbox = SqlOutbox(self.database)
        self.paced = PacedOutbox(self.database, lease=self.lease, clock=self.clock)

    def deliver(self, *, expires_us: int | None = None) -> None:
        """Store one delivery."""
        self.outbox.put(QueueDraft(topic=NOTICES, key="n", payload={"kind": "text"}))
        (notice,) = self.paced.claim_notices("a", limit=1, for_us=SECOND_US)
        draft = DeliveryDraft(
            key="d", channel="telegram", address="1", body={"text": "x"}, expires_us=expires_us
        )
        assert self.paced.fan_out([notice], [draft]) == 1


@pytest.fixture
def desk(tmp_path: Path):
    made = Desk(tmp_path)
    yield made
    made.database.close()


def test_the_outbox_tells_the_time_of_the_sandbox_and_the_sender_that_of_its_limits(desk: Desk):
    assert desk.outbox.now_us() >= START_US
    before_us = desk.paced.now_us()
    assert 0 <= desk.paced.now_us() - before_us < SECOND_US


def test_what_is_not_urgent_enough_waits_here_too(desk: Desk):
    desk.deliver()
    assert desk.paced.claim_deliveries("a", limit=1, for_us=SECOND_US, at_least=1) == ()
    assert len(desk.paced.claim_deliveries("a", limit=1, for_us=SECOND_US)) == 1


def test_a_claim_lasts_as_long_in_real_time_as_it_was_asked_for(desk: Desk):
    desk.deliver()
    (claimed,) = desk.paced.claim_deliveries("a", limit=1, for_us=2 * SECOND_US)
    assert desk.paced.claim_deliveries("a", limit=1, for_us=2 * SECOND_US) == ()
    next_us = desk.paced.waiting().next_us
    assert next_us is not None
    assert abs(next_us - claimed.claimed_us - 2 * SECOND_US) < 10_000


def test_a_pause_is_one_of_real_time(desk: Desk):
    desk.deliver()
    (claimed,) = desk.paced.claim_deliveries("a", limit=1, for_us=SECOND_US)
    again_us = claimed.claimed_us + 3 * SECOND_US
    assert desk.paced.retry(claimed, at_us=again_us, error="later")
    assert desk.paced.claim_deliveries("a", limit=1, for_us=SECOND_US) == ()
    assert abs((desk.paced.waiting().next_us or 0) - again_us) < 10_000
    ((_channel, _address, at_us),) = desk.paced.attempts_since(claimed.claimed_us - SECOND_US)
    assert abs(at_us - claimed.claimed_us) < SECOND_US


def test_what_expires_does_so_by_the_time_of_the_sandbox(desk: Desk):
    desk.deliver(expires_us=desk.clock.us() + int(60 * SCALE * SECOND_US))
    (claimed,) = desk.paced.claim_deliveries("a", limit=1, for_us=SECOND_US)
    assert claimed.draft.expires_us is not None
    assert 55 < (claimed.draft.expires_us - claimed.claimed_us) / SECOND_US < 61
