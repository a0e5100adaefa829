"""What tests of the stored audit share."""

import pytest

from tests.builders.audit_chains import StoredChain
from tests.builders.audit_desks import Desk


@pytest.fixture
def audit_desk(database, database_url, tmp_path):
    """Yield an empty chain on either database, with a key of its own."""
    chain = StoredChain(database_url)
    yield Desk(chain, tmp_path)
    chain.database.close()
