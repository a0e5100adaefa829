"""From the tables of the first version to those with an outbox, with rows in them."""

import pytest
from alembic import command
from sqlalchemy import inspect, text

from snipersight.domain.outbox import NOTICES
from snipersight.domain.store import QueueDraft
from snipersight.storage.database import Database, connect_database
from snipersight.storage.migrating import HEAD, SchemaState, alembic_config, migrate
from snipersight.storage.outbox import SqlOutbox

_ROW = text(
    "INSERT INTO queue (topic, key, lane, priority, payload, state, available_us, created_us, "
    "attempts) VALUES ('message', :key, '', 10, :payload, :state, 5, 5, :attempts)"
)


@pytest.fixture
def first_version(database_url):
    """Return a database with the tables of version 0001."""
    with connect_database(database_url) as opened:
        opened.write(lambda it: command.upgrade(alembic_config(it), "0001"))
        assert not inspect_has(opened, "stopped_lane")
        yield opened


def inspect_has(database: Database, table: str) -> bool:
    return database.read(lambda it: inspect(it).has_table(table))


def test_an_empty_first_version_gets_today_s_tables(first_version):
    assert migrate(first_version) == SchemaState(current="0001", head=HEAD)
    first_version.write(lambda connection: command.check(alembic_config(connection)))


def test_notices_of_the_first_version_are_kept_and_claimed(first_version):
    rows = [
        {"key": "waits", "payload": '{"kind":"text"}', "state": "pending", "attempts": 0},
        {"key": "was told", "payload": "{}", "state": "done", "attempts": 1},
    ]
    first_version.write(lambda it: [it.execute(_ROW, row) for row in rows])

    migrate(first_version)

    outbox = SqlOutbox(first_version)
    (notice,) = outbox.claim_notices("one", limit=9, for_us=1_000_000)
    assert (notice.key, notice.payload, notice.created_us) == ("waits", {"kind": "text"}, 5)
    assert not outbox.put(QueueDraft(topic=NOTICES, key="was told"))
    doubtful = text("SELECT count(*) FROM queue WHERE is_ambiguous")
    assert first_version.read(lambda it: it.execute(doubtful).scalar_one()) == 0
