"""Valid defaults for tests: a builder's call shows only what matters to the test."""

from tests.builders.bars import candles_of, walk
from tests.builders.contexts import (
    DECIDED_AT_MS,
    a_block,
    a_context,
    a_gap,
    a_leader,
    a_momentum,
    a_pool,
    a_reading,
    a_setup,
    a_sweep,
)
from tests.builders.instruments import an_instrument
from tests.builders.mirrors import mirrored, scaled
from tests.builders.plans import a_confluence, a_plan
from tests.builders.profiles import a_profile

__all__ = [
    "DECIDED_AT_MS",
    "a_block",
    "a_confluence",
    "a_context",
    "a_gap",
    "a_leader",
    "a_momentum",
    "a_plan",
    "a_pool",
    "a_profile",
    "a_reading",
    "a_setup",
    "a_sweep",
    "an_instrument",
    "candles_of",
    "mirrored",
    "scaled",
    "walk",
]
