"""From the tables of the second version to those of execution, with rows in them."""

from decimal import Decimal

import pytest
from alembic import command
from sqlalchemy import inspect, text

from snipersight.domain.outbox import NOTICES
from snipersight.domain.store import QueueDraft
from snipersight.domain.units import Currency
from snipersight.storage.audit_log import AuditLog
from snipersight.storage.database import connect_database
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.migrating import HEAD, SchemaState, alembic_config, migrate
from tests.builders.trades import a_booked_fill, a_trade, an_intent

_ACCOUNT = text(
    "INSERT INTO account (account_id, currency, standing, last_us, head_hash, base_hash) VALUES "
    "('main', 'USDT', :standing, 5, :none, :none)"
)
_STANDING = (
    '{"starting_balance":"100","flows":"0","realised":"0","marks":null,"tripped":[],'
    '"cooldowns":[],"loss_streak":0}'
)
_QUEUED = text(
    "INSERT INTO queue (topic, key, lane, priority, payload, state, available_us, created_us, "
    "attempts) VALUES (:topic, 'told', '', 10, '{}', 'done', 5, 5, 1)"
)


@pytest.fixture
def second_version(database_url):
    """Return a database with the tables of version 0002, and rows."""
    with connect_database(database_url) as opened:
        opened.write(lambda it: command.upgrade(alembic_config(it), "0002"))
        assert not opened.read(lambda it: inspect(it).has_table("trade"))
        row = {"standing": _STANDING, "none": "0" * 64}
        opened.write(lambda it: it.execute(_ACCOUNT, row))
        opened.write(lambda it: it.execute(_QUEUED, {"topic": NOTICES}))
        yield opened


def test_the_second_version_gets_today_s_tables(second_version):
    assert migrate(second_version) == SchemaState(current="0002", head=HEAD)
    second_version.write(lambda connection: command.check(alembic_config(connection)))


def test_what_was_there_stays_and_trades_can_be_stored(second_version):
    migrate(second_version)
    store = SqlDecisionStore(second_version, clock=lambda: 7)
    assert not store.create_account("main", Currency("USDT"), Decimal(1), at_us=9)

    def work(unit):
        assert unit.account.standing.balance == Decimal(100)
        assert not unit.enqueue(QueueDraft(topic=NOTICES, key="told"))
        unit.book.save_trade(a_trade())
        unit.book.save_intent(an_intent())
        return unit.book.book_fill(a_booked_fill())

    assert store.transact("main", work)
    assert AuditLog(second_version).verify("main")
