"""A recorded backtest beside runs with random entries."""

from __future__ import annotations

from dataclasses import replace

import pytest

from snipersight.bootstrap.evidence.backtest import Making, run_random_entries
from tests.builders.backtest_worlds import a_world, result_of

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


async def test_as_many_runs_are_made_as_were_asked_for():
    world, told = a_world(), list[tuple[str, int, int]]()
    making = Making(random_runs=3, workers=2)
    found = await run_random_entries(
        world, result_of(world), making, progress=lambda *one: told.append(one)
    )
    assert len(found) == 3
    assert told[-1] == ("random entries", 3, 3)


async def test_a_backtest_that_sent_nothing_is_compared_with_nothing():
    world = a_world()
    result = replace(result_of(world), trades=())
    found = await run_random_entries(world, result, Making(random_runs=3), progress=lambda *_: None)
    assert len(found) == 0
