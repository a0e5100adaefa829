"""Outcomes of ten thousand signals over a year of five-minute candles."""

from __future__ import annotations

import time
from typing import Final

import numpy as np

from benchmarks.harness import Figure, at_most
from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from snipersight.domain.evidence import Costs, Outcome, OutcomeStatus, SignalKey, SignalTerms
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Symbol
from snipersight.matching.outcomes import model_outcomes

SYMBOLS: Final = 20
SIGNALS: Final = 10_000
BARS: Final = 105_120  # a year of five minutes
_STEP: Final = Timeframe.parse("5m")
_START_MS: Final = 19_723 * DAY_MS  # 2024-01-01
_ALIVE_MS: Final = 2 * DAY_MS
_COSTS: Final = Costs(maker=0.0002, taker=0.0005, slippage=0.0005, funding_rate=0.0001)

Signal = tuple[SignalKey, SignalTerms]


def measure_outcomes(repeats: int = 3) -> list[Figure]:
    """Return how long all of it takes, from candles and terms to outcomes, at best of `repeats`.

    The first symbol is followed once before, so that no compiling is timed.
    """
    markets = [_market(number) for number in range(SYMBOLS)]
    asked = [_signals(candles, seed=number) for number, candles in enumerate(markets)]
    model_outcomes(asked[0], markets[0])
    best, told = min(
        (_timed(asked, markets) for _ in range(repeats)), key=lambda measured: measured[0]
    )
    closed = sum(one.status is OutcomeStatus.CLOSED for one in told)
    note = f"{len(told)} signals, {closed} closed, {SYMBOLS} x {BARS} bars"
    return [Figure(name="outcomes_10000_s", value=best, unit="s", target=at_most(3), note=note)]


def _timed(asked: list[list[Signal]], markets: list[Candles]) -> tuple[float, list[Outcome]]:
    began = time.perf_counter()
    told = [
        one
        for signals, candles in zip(asked, markets, strict=True)
        for one in model_outcomes(signals, candles)
    ]
    return time.perf_counter() - began, told


def _market(seed: int) -> Candles:
    dice = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(dice.normal(0, 0.0015, BARS)))
    opened = np.concatenate(([100.0], close[:-1]))
    wicks = 1 + np.abs(dice.normal(0, 0.0008, (2, BARS)))
    return Candles(
        symbol=Symbol(f"M{seed}/USDT:USDT"),
        timeframe=_STEP,
        open_time=_START_MS + np.arange(BARS, dtype=np.int64) * _STEP.duration_ms,
        open=opened,
        high=np.maximum(opened, close) * wicks[0],
        low=np.minimum(opened, close) / wicks[1],
        close=close,
        volume=np.ones(BARS),
    )


def _signals(candles: Candles, *, seed: int) -> list[Signal]:
    dice = np.random.default_rng(1000 + seed)
    places = np.sort(dice.integers(500, BARS, SIGNALS // SYMBOLS))
    return [
        (SignalKey(f"main:{seed}-{place}"), _terms(candles, int(place), sign=1 - 2 * (n % 2)))
        for n, place in enumerate(places)
    ]


def _terms(candles: Candles, place: int, *, sign: int) -> SignalTerms:
    price, known_ms = float(candles.open[place]), int(candles.open_time[place])
    levels = {
        name: price * (1 + sign * away)
        for name, away in (("near", -0.005), ("mid", -0.007), ("far", -0.009), ("stop", -0.02))
    }
    targets = tuple(
        (price * (1 + sign * away), share) for away, share in ((0.01, 0.5), (0.025, 0.5))
    )
    return SignalTerms(
        direction=Direction.LONG if sign > 0 else Direction.SHORT,
        **levels,
        entry_fractions=(0.5, 0.3, 0.2),
        targets=targets,
        cost_per_unit=price * 0.0017,
        atr=price * 0.006,
        tick=0.0001,
        known_ms=known_ms,
        valid_until_ms=known_ms + _ALIVE_MS,
        break_even=True,
        trailing_atr=2.0 if sign > 0 else 0.0,
        time_stop_ms=0,
        min_rr=0.0,
        costs=_COSTS,
    )


if __name__ == "__main__":
    for figure in measure_outcomes():
        print(figure)
