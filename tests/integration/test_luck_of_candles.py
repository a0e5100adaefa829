"""Candles without an edge, from their files to a verdict: an engine that leaks would find one in them.

The verdict's own law is held by made-up results (`tests/unit/performance/test_verdict.py`); here the
results come from detectors, planner, gate and fills.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom, norm

from snipersight.bootstrap.evidence.backtest import (
    Making,
    RecordedWorld,
    open_world,
    run_backtest,
    run_random_entries,
)
from snipersight.bootstrap.evidence.recorded import RecordedRequest
from snipersight.bootstrap.to_end import run_to_end
from snipersight.domain.profile import Profile
from snipersight.engine.backtesting.measuring import closed_trades
from snipersight.engine.backtesting.study import Study, studied
from snipersight.performance.series import ClosedTrades
from tests.builders.luck_markets import write_luck
from tests.builders.sweeps import plain_settings, quick_profile

WORLDS = 8
BARS = 6_000
MAKING = Making(random_runs=19, workers=1)

pytestmark = pytest.mark.slow


def slower_profile() -> Profile:
    quick = quick_profile()
    frames = quick.timeframes.model_copy(update={"bias": "4h", "zone": "1h", "trigger": "15m"})
    return quick.model_copy(update={"timeframes": frames})


def lived(world: RecordedWorld) -> tuple[ClosedTrades, Study]:
    """Return what came of a world, judged as if no day of it had been looked at."""

    async def made() -> tuple[ClosedTrades, Study]:
        result = await run_backtest(world, progress=lambda *_: None)
        random = await run_random_entries(world, result, MAKING, progress=lambda *_: None)
        closed = closed_trades(result)
        closes = world.arena.closes
        return closed, studied(result, closes, out_of_sample=closed, random_expectancies=random)

    return run_to_end(made())


def opened(folder: Path) -> RecordedWorld:
    request = RecordedRequest(data=folder, profile=slower_profile())
    return run_to_end(open_world(request, plain_settings(), MAKING, progress=lambda *_: None))


@pytest.mark.timeout(900)
def test_nothing_is_found_in_candles_without_an_edge(tmp_path):
    found = [lived(opened(write_luck(tmp_path, seed, bars=BARS))) for seed in range(WORLDS)]
    results = np.concatenate([closed.result_r for closed, _ in found])
    assert len(results) > 5 * WORLDS
    # Costs make them lose on average; a gain that chance brings once in a hundred times is a leak.
    error = results.std(ddof=1) / len(results) ** 0.5
    assert results.mean() / error < norm.ppf(0.99)
    most = binom.ppf(0.99, WORLDS, 0.05)
    assert sum(study.verdict.is_edge for _, study in found) <= most
    ranked = [study.random.p_value for _, study in found if study.random is not None]
    assert len(ranked) > WORLDS / 2
    assert sum(p <= 0.05 for p in ranked) <= most
