"""The steps to today's tables of telemetry, on both kinds of database."""

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from snipersight.domain.errors import StateUnavailable
from snipersight.storage.database import connect_database, open_database
from snipersight.storage.migrating import DECISIONS, alembic_config, migrate, schema_state
from snipersight.storage.telemetry.tables import TELEMETRY


def test_all_steps_lead_to_the_tables_of_the_code(telemetry):
    # Raises if anything would have to be changed.
    telemetry.write(lambda connection: command.check(alembic_config(connection, TELEMETRY)))


def test_a_forgotten_column_would_be_noticed(telemetry):
    telemetry.write(lambda it: it.execute(text("ALTER TABLE event ADD COLUMN forgotten INTEGER")))

    with pytest.raises(Exception, match="forgotten"):
        telemetry.write(lambda connection: command.check(alembic_config(connection, TELEMETRY)))


def test_the_steps_are_numbered_without_gaps_and_the_newest_is_head(telemetry):
    def revisions(connection):
        scripts = ScriptDirectory.from_config(alembic_config(connection, TELEMETRY))
        return sorted(script.revision for script in scripts.walk_revisions())

    found = telemetry.write(revisions)

    assert found == [f"{number:04}" for number in range(1, len(found) + 1)]
    assert found[-1] == TELEMETRY.head


def test_no_table_has_the_name_of_one_of_decisions():
    assert not set(TELEMETRY.tables.tables) & set(DECISIONS.tables.tables)


def test_both_sets_of_tables_live_in_one_server(postgres_url):
    with connect_database(postgres_url) as database:
        migrate(database)
        assert schema_state(database, TELEMETRY).current is None
        migrate(database, TELEMETRY)

        assert schema_state(database).is_current
        assert schema_state(database, TELEMETRY).is_current
        held = set(database.read(lambda it: inspect(it).get_table_names()))
    assert held >= set(TELEMETRY.tables.tables) | set(DECISIONS.tables.tables)


def test_a_file_of_decisions_is_not_taken_for_telemetry(sqlite_url):
    open_database(sqlite_url).close()

    with pytest.raises(StateUnavailable, match="tables of another program"):
        open_database(sqlite_url, schema=TELEMETRY)


def test_a_server_is_only_upgraded_by_command(postgres_url):
    with pytest.raises(StateUnavailable, match="has no tables yet") as refused:
        open_database(postgres_url, schema=TELEMETRY)
    assert "snipersight db upgrade" in refused.value.next_step


def test_a_newer_file_is_refused(sqlite_url):
    with open_database(sqlite_url, schema=TELEMETRY) as database:
        database.write(
            lambda it: it.execute(
                text("UPDATE snipersight_telemetry_version SET version_num = '9999'")
            )
        )

    with pytest.raises(StateUnavailable, match="newer SniperSight") as refused:
        open_database(sqlite_url, schema=TELEMETRY)
    assert "install the newer" in refused.value.next_step
