"""Addresses of databases."""

import pytest

from snipersight.domain.errors import ConfigInvalid
from snipersight.storage.database_url import PostgresAddress, SqliteAddress, parse_database_url


def test_a_file_is_named_by_its_absolute_path():
    address = parse_database_url("sqlite:////var/lib/my bot/50%.db")

    assert isinstance(address, SqliteAddress)
    assert str(address.path) == address.place == "/var/lib/my bot/50%.db"


def test_a_server_is_named_with_user_password_and_database():
    address = parse_database_url(
        "postgresql://bot:p%40ss%2Fword@db.lan:6432/scanner?sslmode=require"
    )

    assert address == PostgresAddress(
        host="db.lan",
        port=6432,
        user="bot",
        password="p@ss/word",
        database="scanner",
        options=(("sslmode", "require"),),
    )


def test_a_socket_folder_is_the_host():
    address = parse_database_url("postgresql://bot@/scanner?host=/run/pg")

    assert isinstance(address, PostgresAddress)
    assert (address.host, address.password, address.options) == ("/run/pg", None, ())


def test_the_place_of_a_server_holds_neither_user_nor_password():
    address = parse_database_url("postgresql://bot:hunter2@db.lan:6432/scanner?sslmode=require")

    assert address.place == "postgresql://db.lan:6432/scanner"
    assert "hunter2" not in repr(address)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite://",
        "sqlite:///relative.db",
        "sqlite:////tmp/a\0b.db",
        "mysql://bot:hunter2@db/x",
        "postgresql+psycopg2://bot:hunter2@db/x",
        "postgresql://bot:hunter2@db:port/x",
        "postgresql://bot:hunter2@db:99999/x",
        "postgresql://bot:hun@ter2@db/x",  # an @ that was not escaped
        "postgresql://bot:1/hunter2@db/x",  # a / that was not escaped
        "postgresql://bot:hunter2@db/x#y",
        "postgresql://bot@db/x?password=hunter2",
        "postgresql://bot@db/x?hunter2",
        "postgresql://bot:hunter2@[::1/x",
    ],
)
def test_an_unusable_url_is_refused_without_repeating_it(url):
    with pytest.raises(ConfigInvalid) as refused:
        parse_database_url(url)

    assert refused.value.where == "DATABASE_URL"
    assert "ter2" not in str(refused.value)
    assert refused.value.__cause__ is refused.value.__context__ is None
