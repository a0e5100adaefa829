"""Valid defaults for tests: a builder's call shows only what matters to the test."""

from tests.builders.contexts import DECIDED_AT_MS, a_context, a_leader, a_reading, a_setup
from tests.builders.instruments import an_instrument
from tests.builders.mirrors import mirrored, scaled
from tests.builders.plans import a_confluence, a_plan
from tests.builders.profiles import a_profile

__all__ = [
    "DECIDED_AT_MS",
    "a_confluence",
    "a_context",
    "a_leader",
    "a_plan",
    "a_profile",
    "a_reading",
    "a_setup",
    "an_instrument",
    "mirrored",
    "scaled",
]
