"""Garbage is looked for rarely during a backtest, and as before after it."""

import gc
from collections.abc import Iterator

import pytest

from snipersight.engine.backtesting.collecting import rare_collections


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_garbage_is_looked_for_rarely_and_as_before_afterwards():
    gc.set_threshold(700, 10, 10)
    with rare_collections():
        assert gc.get_threshold() == (100_000, 10, 10)
    assert gc.get_threshold() == (700, 10, 10)


def test_an_error_leaves_collecting_as_it_was():
    gc.set_threshold(700, 10, 10)
    with pytest.raises(ValueError, match="broken"), rare_collections():
        raise ValueError("broken")
    assert gc.get_threshold() == (700, 10, 10)


@pytest.mark.parametrize("turned_off", [0, 200_000])
def test_who_collects_less_than_that_keeps_it(turned_off):
    gc.set_threshold(turned_off, 10, 10)
    with rare_collections():
        assert gc.get_threshold()[0] == turned_off
