"""What the shipped profiles make of the recorded 2024 candles of twenty markets."""

import pytest

from benchmarks.profile_yield import RECORDED, measure, shipped_profiles, table
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import MarketKind

FEWEST, MOST = 0.2, 5.0  # plans per symbol and week that a trader can work with


@pytest.mark.long  # `make bench-yield` tells the same with its figures
@pytest.mark.recorded
@pytest.mark.timeout(300)  # all profiles and markets in one go: half a minute on an idle core
def test_every_shipped_profile_yields_a_workable_number_of_plans_on_both_sides():
    if not RECORDED.is_dir():
        pytest.skip("needs recorded candles in ../shared/data")
    found = measure(RECORDED, shipped_profiles(), markets=(MarketKind.PERPETUAL,))
    shown = "\n".join(table(found))
    assert {len(one.rates) for one in found} == {20}
    assert all(FEWEST <= one.per_symbol_week <= MOST for one in found), shown
    assert all(one.count(direction=side) for one in found for side in Direction), shown
