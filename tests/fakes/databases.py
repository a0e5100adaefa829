"""Databases of both kinds, empty and with today's tables.

Tables are made once a worker and copied from then on, which takes a tenth of the time.
"""

import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

# Fixtures that hand out a database with tables; one of a server is made with them.
WITH_DECISIONS, WITH_TELEMETRY = {"database"}, {"telemetry", "kept"}


@pytest.fixture
def sqlite_url(tmp_path):
    """Return the URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'snipersight.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request):
    """Return the URL of an empty database; the test runs once for each kind."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return request.getfixturevalue(name)


@contextmanager
def with_tables(url, schema):
    """Open a database, which has the tables of a schema or gets them."""
    from snipersight.storage.database import connect_database
    from snipersight.storage.migrating import migrate, schema_state

    with connect_database(url) as opened:
        if not schema_state(opened, schema).is_current:
            migrate(opened, schema)
        yield opened


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory):
    """Return a function that puts a file with the tables of a schema where an URL says."""
    folder = tmp_path_factory.mktemp("migrated")

    def put(url, schema):
        made = folder / schema.version_table
        if not made.exists():
            with with_tables(f"sqlite:///{made}", schema):
                pass
        name = make_url(url).database
        if name is not None and not Path(name).exists():
            shutil.copy(made, name)

    return put


@pytest.fixture(scope="session")
def migrated_template(postgres_server):
    """Return a function that names a database of the server with the tables of a schema."""
    made = {}

    def template(schema):
        name = f"with_{schema.version_table}"
        if name not in made:
            postgres_server.run(f"CREATE DATABASE {name}")
            made[name] = True
            with with_tables(postgres_server.url(name), schema):
                pass
        return name

    return template


@pytest.fixture
def postgres_url(request, postgres_server, migrated_template):
    """Return the URL of a database that lives as long as the test.

    It is empty, unless a fixture of the test hands it out with tables.
    """
    from snipersight.storage.migrating import DECISIONS
    from snipersight.storage.telemetry.tables import TELEMETRY

    names, template = set(request.fixturenames), "template1"
    if names & WITH_DECISIONS:
        template = migrated_template(DECISIONS)
    elif names & WITH_TELEMETRY:
        template = migrated_template(TELEMETRY)
    with postgres_server.fresh_database(template) as url:
        yield url


@pytest.fixture
def database(database_url, migrated_file):
    """Return an open database of each kind with all its tables."""
    from snipersight.storage.migrating import DECISIONS

    if database_url.startswith("sqlite"):
        migrated_file(database_url, DECISIONS)
    with with_tables(database_url, DECISIONS) as opened:
        yield opened
