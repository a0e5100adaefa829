"""What a bot has loaded is looked through for garbage no more."""

import gc
import weakref

import pytest

from snipersight.bootstrap.running.resting import Resting


@pytest.fixture(autouse=True)
def unfrozen():
    """Give back what a test froze; what the suite keeps is frozen again, as before."""
    yield
    gc.unfreeze()
    gc.collect()
    gc.freeze()


class Thing:
    """Refers to itself: only the search for garbage finds it."""

    def __init__(self) -> None:
        self.itself = self


def test_what_is_there_after_the_first_scans_is_left_out_of_the_search():
    resting = Resting()
    resting()
    kept: list[list[int]] = [[] for _ in range(1000)]
    assert gc.get_freeze_count() > 1000
    resting()
    frozen = gc.get_freeze_count()
    more: list[list[int]] = [[] for _ in range(1000)]
    resting()
    assert gc.get_freeze_count() <= frozen
    assert any(one is more for one in gc.get_objects())
    assert not any(one is kept for one in gc.get_objects())


def test_what_is_garbage_by_then_is_not_kept():
    gone = weakref.ref(Thing())
    Resting()()
    assert gone() is None


def test_garbage_of_later_is_found_as_ever():
    resting = Resting()
    resting()
    gone = weakref.ref(Thing())
    gc.collect()
    assert gone() is None
