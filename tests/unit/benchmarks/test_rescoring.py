"""The close that is measured: one new bar of each timeframe, and the setups found before."""

from typing import Final, Literal

import pytest

from benchmarks.candles import FIVE_MINUTES
from benchmarks.scan_rescoring import approach, measure_close
from benchmarks.scan_stack import shipped
from benchmarks.watched_markets import (
    History,
    WatchedMarket,
    boundary_ms,
    first_date_ms,
    load_histories,
)

ROLES: Final[tuple[Literal["bias", "zone", "trigger"], ...]] = ("bias", "zone", "trigger")


@pytest.fixture(scope="module")
def histories() -> list[History]:
    return load_histories(symbols=6)


def newest(market: WatchedMarket) -> dict[str, int]:
    """Return the newest close each timeframe of a market has taken."""
    closes = {role: known.known_at_ms for role, known in market.feed.readings().items()}
    return {**closes, "fourth": market.fourth.known_at_ms or 0}


def test_measured_close_takes_one_bar_of_each_timeframe(histories: list[History]) -> None:
    market = histories[0].market(first_date_ms(), beyond_ms=boundary_ms())
    for later_ms in (0, boundary_ms()):
        close_ms = market.moment_ms + later_ms
        approach([market], later_ms=later_ms)
        before = newest(market)
        measure_close([market], later_ms=later_ms)
        after = newest(market)
        assert set(after.values()) == {close_ms}
        for role in ROLES:
            assert after[role] - before[role] == shipped("balanced").timeframe(role).duration_ms
        assert after["fourth"] - before["fourth"] == FIVE_MINUTES.duration_ms


def test_scored_moments_complete_their_setup_again_in_the_measured_close(
    histories: list[History],
) -> None:
    markets = [one.market(at_ms) for one in histories for at_ms in one.scored_moments()]
    assert len(markets) >= 3
    assert measure_close(markets)[1] == len(markets)
