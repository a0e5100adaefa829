"""A telemetry database of each kind, empty and with today's tables."""

import pytest

from snipersight.storage.database import connect_database
from snipersight.storage.migrating import migrate
from snipersight.storage.telemetry.tables import TELEMETRY


@pytest.fixture
def telemetry(database_url):
    """Return an open database of each kind with the tables of telemetry."""
    with connect_database(database_url) as opened:
        migrate(opened, TELEMETRY)
        yield opened
