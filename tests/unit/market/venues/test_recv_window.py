"""How old a request may be when it arrives."""

import pytest

from snipersight.market.venues.client import recv_window_ms


@pytest.mark.parametrize(
    ("time_scale", "window_ms"), [(0.5, 5_000), (1.0, 5_000), (4.0, 20_000), (200.0, 60_000)]
)
def test_a_faster_clock_leaves_a_request_as_much_real_time_as_venues_accept(time_scale, window_ms):
    assert recv_window_ms(time_scale) == window_ms
