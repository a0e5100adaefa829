"""The close that is measured: one new bar of each timeframe, and the setups found before."""

import pytest

from benchmarks.candles import FIVE_MINUTES
from benchmarks.scan_rescoring import approach, measure_close
from benchmarks.watched_markets import (
    BOUNDARY_MS,
    History,
    WatchedMarket,
    first_date_ms,
    load_histories,
)


@pytest.fixture(scope="module")
def histories() -> list[History]:
    return load_histories(symbols=6)


def newest(market: WatchedMarket) -> dict[str, int]:
    """Return the newest close each timeframe of a market has taken."""
    closes = {role: known.known_at_ms for role, known in market.feed.readings().items()}
    return {**closes, "fourth": market.fourth.known_at_ms or 0}


def test_measured_close_takes_one_bar_of_each_timeframe(histories: list[History]) -> None:
    market = histories[0].market(first_date_ms(), beyond_ms=BOUNDARY_MS)
    for later_ms in (0, BOUNDARY_MS):
        close_ms = market.moment_ms + later_ms
        approach([market], later_ms=later_ms)
        before = newest(market)
        measure_close([market], later_ms=later_ms)
        after = newest(market)
        assert set(after.values()) == {close_ms}
        steps = [(after[name] - before[name]) // 60_000 for name in ("bias", "zone", "trigger")]
        assert steps == [240, 60, 15]
        assert after["fourth"] - before["fourth"] == FIVE_MINUTES.duration_ms


def test_scored_moments_complete_their_setup_again_in_the_measured_close(
    histories: list[History],
) -> None:
    markets = [one.market(at_ms) for one in histories for at_ms in one.scored_moments()]
    assert len(markets) >= 3
    assert measure_close(markets)[1] == len(markets)
