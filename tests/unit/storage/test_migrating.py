"""The steps to today's tables, on both kinds of database."""

import threading
from contextlib import ExitStack
from dataclasses import replace
from typing import Final

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from snipersight.domain.errors import StateUnavailable
from snipersight.storage.database import connect_database, open_database
from snipersight.storage.migrating import (
    DECISIONS,
    HEAD,
    Schema,
    SchemaState,
    alembic_config,
    migrate,
    schema_state,
)
from snipersight.storage.schema import ACCOUNT
from tests.unit.storage.processes import ready, result_of, worker

LATER: Final[Schema] = replace(DECISIONS, head="9000")


@pytest.fixture
def empty(database_url):
    """Return a database without tables."""
    with connect_database(database_url) as opened:
        yield opened


def test_an_empty_database_has_no_version(empty):
    assert schema_state(empty) == SchemaState(current=None, head=HEAD)


def test_all_steps_lead_to_the_tables_of_the_code(database):
    # Raises if anything would have to be changed.
    database.write(lambda connection: command.check(alembic_config(connection)))


def test_a_forgotten_column_would_be_noticed(database):
    database.write(lambda it: it.execute(text("ALTER TABLE lease ADD COLUMN forgotten INTEGER")))

    with pytest.raises(Exception, match="forgotten"):
        database.write(lambda connection: command.check(alembic_config(connection)))


def test_the_steps_are_numbered_without_gaps_and_the_newest_is_head(empty):
    def revisions(connection):
        scripts = ScriptDirectory.from_config(alembic_config(connection))
        return sorted(script.revision for script in scripts.walk_revisions())

    found = empty.write(revisions)

    assert found == [f"{number:04}" for number in range(1, len(found) + 1)]
    assert found[-1] == HEAD


def test_migrating_tells_the_version_before_and_is_done_once(empty):
    assert migrate(empty) == SchemaState(current=None, head=HEAD)
    assert migrate(empty) == SchemaState(current=HEAD, head=HEAD)
    assert schema_state(empty).is_current


def test_a_step_that_fails_leaves_nothing(empty, monkeypatch):
    def half(config, _revision):
        config.attributes["connection"].execute(text("CREATE TABLE half (x INTEGER)"))
        raise RuntimeError("half way")

    monkeypatch.setattr(command, "upgrade", half)
    with pytest.raises(RuntimeError, match="half way"):
        migrate(empty)

    assert empty.read(lambda it: inspect(it).get_table_names()) == []


def test_a_newer_database_is_refused_and_stays_as_it_is(database_url):
    with connect_database(database_url) as database:
        migrate(database)
        database.write(
            lambda it: it.execute(text("UPDATE snipersight_version SET version_num = '9999'"))
        )
        with pytest.raises(StateUnavailable, match="newer SniperSight has written"):
            migrate(database)

    with pytest.raises(StateUnavailable, match=f"version 9999, this one knows {HEAD}") as refused:
        open_database(database_url)

    assert "install the newer" in refused.value.next_step
    with connect_database(database_url) as database:
        assert schema_state(database).is_newer


def test_an_older_file_is_brought_up_to_date_when_it_is_opened(sqlite_url, monkeypatch):
    open_database(sqlite_url).close()
    called: list[str] = []
    monkeypatch.setattr(command, "upgrade", lambda _config, revision: called.append(revision))

    open_database(sqlite_url, schema=LATER).close()

    assert called == ["head"]


def test_a_server_is_only_upgraded_by_command(postgres_url):
    with pytest.raises(StateUnavailable, match="has no tables yet") as refused:
        open_database(postgres_url)
    assert "snipersight db upgrade" in refused.value.next_step

    with connect_database(postgres_url) as database:
        migrate(database)
    open_database(postgres_url).close()


def test_an_older_server_is_refused_with_its_version(postgres_url):
    with connect_database(postgres_url) as database:
        migrate(database)

    with pytest.raises(StateUnavailable, match=f"is of version {HEAD}, this SniperSight needs"):
        open_database(postgres_url, schema=LATER)


def test_tables_of_others_do_no_harm_on_a_server_unless_they_take_our_names(postgres_url):
    with connect_database(postgres_url) as database:
        database.write(lambda it: it.execute(text("CREATE TABLE trades (x INTEGER)")))
        migrate(database)
        assert schema_state(database).is_current


def test_a_table_of_our_name_on_a_server_is_not_taken_over(postgres_url):
    with connect_database(postgres_url) as database:
        database.write(lambda it: it.execute(text("CREATE TABLE account (x INTEGER)")))
        with pytest.raises(StateUnavailable, match="tables of another program: account"):
            migrate(database)


def open_in_four_processes(url: str) -> list[list[str]]:
    with ExitStack() as stack:
        processes = [stack.enter_context(worker("open_it", url)) for _ in range(4)]
        for process in processes:
            assert ready(process) == "ready"
        return [result_of(process, tell="go\n") for process in processes]


def test_four_processes_create_one_file_at_once(sqlite_url):
    assert open_in_four_processes(sqlite_url) == [[]] * 4

    with open_database(sqlite_url) as database:
        assert database.read(lambda it: it.execute(select(ACCOUNT)).all()) == []


def test_four_processes_upgrade_one_server_at_once(postgres_url):
    states: list[str | None] = []

    def upgrade():
        with connect_database(postgres_url) as database:
            states.append(migrate(database).current)

    threads = [threading.Thread(target=upgrade) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(states, key=str) == [HEAD, HEAD, HEAD, None]
