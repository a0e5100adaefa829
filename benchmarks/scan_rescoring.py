"""Figures of a watch on many markets: what one close costs when four timeframes close at once.

An ordinary close takes 500 markets over a boundary of the longest timeframe: one new bar of each of
the `balanced` profile's three timeframes and of 5m, and whatever their closes decide. Setups are rare, so few markets are scored there; the second
figure is the hard case, in which every market completes a setup and is scored at the same close.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final

from benchmarks.candles import FIVE_MINUTES
from benchmarks.harness import Figure, at_most, median, progress, seconds, spread
from benchmarks.watched_markets import (
    DAYS,
    SYMBOLS,
    History,
    WatchedMarket,
    boundary_ms,
    first_date_ms,
    load_histories,
    timeframes_text,
)
from snipersight.domain.timeframe import DAY_MS

MARKETS: Final = SYMBOLS * DAYS
MOST_SCORED: Final = 100
LIMIT_MS: Final = 250


def rescoring_figures(*, rounds: int) -> list[Figure]:
    """Return what the close of four timeframes costs for 500 markets: ordinary, and at worst."""
    progress(f"{MARKETS} markets × 4 timeframes, {rounds} closes of each kind")
    histories = load_histories()
    return [ordinary_close(histories, rounds=rounds), scored_close(histories, rounds=rounds)]


def ordinary_close(histories: Sequence[History], *, rounds: int) -> Figure:
    """Return what such a boundary costs; every round is the next one."""
    dates = [first_date_ms() + day * DAY_MS for day in range(DAYS)]
    beyond_ms = rounds * boundary_ms()
    markets = [one.market(date, beyond_ms=beyond_ms) for one in histories for date in dates]
    closes = [measure_close(markets, later_ms=number * boundary_ms()) for number in range(rounds)]
    times = [taken * MARKETS / len(markets) for taken, _ in closes]
    decided = ", ".join(str(count) for _, count in closes)
    return Figure(
        name="rescore_500_markets_4_timeframes",
        value=median(times) * 1000,
        unit="ms",
        target=at_most(LIMIT_MS),
        note=f"{timeframes_text()} close, {spread(times, scale=1000)} ms; setups completed: {decided}",
    )


def scored_close(histories: Sequence[History], *, rounds: int) -> Figure:
    """Return what 500 markets cost if each completes a setup that is scored.

    A bound, not the figure with the target: it takes what the built-in market holds of such setups,
    at most 100, and scales up.
    """
    moments = [(one, at_ms) for one in histories for at_ms in one.scored_moments()]
    chosen = list(islice(moments, MOST_SCORED))
    times = []
    for _ in range(rounds):
        markets = [one.market(at_ms) for one, at_ms in chosen]
        taken, decided = measure_close(markets)
        if decided != len(markets):
            raise RuntimeError(f"{decided} of {len(markets)} markets completed their setup again")
        times.append(taken * MARKETS / len(markets))
    return Figure(
        name="rescore_500_setups_at_once",
        value=median(times) * 1000,
        unit="ms",
        note=f"every market scores a setup, {spread(times, scale=1000)} ms, "
        f"from {len(chosen)} of them",
    )


def measure_close(markets: Sequence[WatchedMarket], *, later_ms: int = 0) -> tuple[float, int]:
    """Take markets over their moment, after an approach that is not measured.

    Args:
        markets: with a moment of their own each.
        later_ms: how much later than that moment the measured close is.

    Returns:
        Seconds the close took, and the setups it completed.
    """
    approach(markets, later_ms=later_ms)
    decided = 0

    def close() -> None:
        nonlocal decided
        for market in markets:
            decided += market.advance(until_ms=market.moment_ms + later_ms)

    return seconds(close), decided


def approach(markets: Sequence[WatchedMarket], *, later_ms: int = 0) -> None:
    """Take markets to five minutes before the close, so that it brings one bar of each timeframe."""
    for market in markets:
        market.advance(until_ms=market.moment_ms + later_ms - FIVE_MINUTES.duration_ms)
