"""A sender that is killed at any step leaves a store from which the next one goes on."""

import asyncio
import signal
import subprocess
import sys

import pytest

from snipersight.domain.outbox import DeliveryDraft
from snipersight.storage.database import connect_database
from snipersight.storage.outbox import SqlOutbox
from snipersight.storage.outbox_view import troubled
from tests.fakes.sender_worker import STEPS, send_all

KEYS = ["1", "2", "3"]
DOUBTFUL = ("after_claim", "after_send", "in_ack")  # it was claimed, and no outcome was stored
SENT_TWICE = ("after_send", "in_ack")


@pytest.fixture
def stored(database, database_url):
    """Return the URL of a database in which three messages wait for one chat."""
    drafts = [DeliveryDraft(key=key, channel="journal", address="7", body={}) for key in KEYS]
    assert SqlOutbox(database).fan_out([], drafts) == 3
    return database_url


def die_at(step: str, url: str, journal: object) -> None:
    command = [sys.executable, "-m", "tests.fakes.sender_worker", url, str(journal), "victim", step]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


@pytest.mark.parametrize("step", STEPS)
def test_a_sender_killed_at_any_step_loses_nothing_and_doubles_only_what_is_marked(
    step, stored, tmp_path
):
    journal = tmp_path / "journal"
    die_at(step, stored, journal)

    with connect_database(stored) as database:
        report = asyncio.run(send_all(database, journal, "heir", "none"))
        doubtful = [one.key for one in troubled(database)]

    arrived = [line.split()[1] for line in journal.read_text().splitlines()]
    assert arrived == (["1", "2", "2", "3"] if step in SENT_TWICE else KEYS)
    assert doubtful == (["2"] if step in DOUBTFUL else [])
    assert report.waiting == 0
