"""How far a venue's clock may be off before nothing is traded there."""

from types import SimpleNamespace
from typing import Any

import pytest

from snipersight.domain.venue import FindingLevel
from snipersight.market.venues.preflight import _clock


def a_venue(ahead_ms: int, *, time_scale: float) -> Any:
    async def now_us() -> int:
        return 0

    return SimpleNamespace(
        time=SimpleNamespace(ahead_ms=ahead_ms, doubt=lambda: None),
        config=SimpleNamespace(time_scale=time_scale),
        now_us=now_us,
    )


@pytest.mark.parametrize(
    ("ahead_ms", "time_scale", "level"),
    [
        (-900, 1.0, FindingLevel.OK),
        (1_100, 1.0, FindingLevel.WARNING),
        (30_001, 1.0, FindingLevel.FAILED),
        (30_001, 0.5, FindingLevel.FAILED),
        # A third of a second on the wire is a minute of a clock that runs 240 times as fast.
        (79_800, 240.0, FindingLevel.OK),
        (240_001, 240.0, FindingLevel.WARNING),
        (7_200_001, 240.0, FindingLevel.FAILED),
    ],
)
async def test_a_clock_that_is_off_fails_by_the_pace_of_the_venues_time(
    ahead_ms, time_scale, level
):
    (finding,) = await _clock(a_venue(ahead_ms, time_scale=time_scale))
    assert finding.level is level
