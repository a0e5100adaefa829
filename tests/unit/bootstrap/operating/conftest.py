import pytest

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.settings import load_settings
from tests.builders.execution_desk import DeskClock


@pytest.fixture
def clock() -> DeskClock:
    return DeskClock()


@pytest.fixture
def books(clock):
    with open_books(load_settings()[0], account_id="practice", clock=clock) as opened:
        yield opened
