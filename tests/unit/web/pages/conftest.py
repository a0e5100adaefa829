from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from nicegui import Client, ui


@pytest.fixture
def draw_here() -> Iterator[Callable[[], object]]:
    """Yield what lets a test's own task draw into a page that nobody has opened."""
    client = Client(ui.page("/nowhere"), request=None)
    stack = ExitStack()
    yield lambda: stack.enter_context(client)
    stack.pop_all()  # the task has ended, and its stack of places with it
    client.delete()
