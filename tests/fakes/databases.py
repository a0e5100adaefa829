"""Databases of both kinds, empty and with today's tables."""

import pytest


@pytest.fixture
def sqlite_url(tmp_path):
    """Return the URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'snipersight.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request):
    """Return the URL of an empty database; the test runs once for each kind."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return request.getfixturevalue(name)


@pytest.fixture
def database(database_url):
    """Return an open database of each kind with all its tables."""
    from snipersight.storage.database import connect_database
    from snipersight.storage.migrating import migrate

    with connect_database(database_url) as opened:
        migrate(opened)
        yield opened
