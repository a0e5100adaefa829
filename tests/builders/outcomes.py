"""Signals and bars that a reader can follow with a pencil."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from snipersight.domain.evidence import Costs, Outcome, SignalKey, SignalTerms
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Symbol
from snipersight.matching.outcomes import TradePath, model_outcomes, trade_paths
from tests.builders.candles import Row

STEP = Timeframe.parse("5m")
STEP_MS = STEP.duration_ms
KNOWN_MS = 19_723 * DAY_MS + 3_600_000  # 2024-01-01 01:00, no funding for seven hours
SYMBOL = Symbol("BTC/USDT:USDT")
KEY = SignalKey("main:a-plan")
FREE = Costs(maker=0.0, taker=0.0, slippage=0.0)
DEAR = Costs(
    maker=0.0002, taker=0.0005, slippage=0.0005, funding_rate=0.0001, funding_interval_ms=2_700_000
)


def signal_terms(**values: Any) -> SignalTerms:
    """Return a long over 100, 99 and 98 with its stop at 92, half out at 108 and half at 116.

    One R is 8 for a whole unit; nothing costs anything.
    """
    defaults: dict[str, Any] = {
        "direction": Direction.LONG,
        "near": 100.0,
        "mid": 99.0,
        "far": 98.0,
        "entry_fractions": (0.5, 0.25, 0.25),
        "stop": 92.0,
        "targets": ((108.0, 0.5), (116.0, 0.5)),
        "cost_per_unit": 0.0,
        "atr": 4.0,
        "tick": 0.25,
        "known_ms": KNOWN_MS,
        "valid_until_ms": KNOWN_MS + 100 * STEP_MS,
        "break_even": True,
        "trailing_atr": 0.0,
        "time_stop_ms": 0,
        "min_rr": 0.0,
        "costs": FREE,
    }
    return SignalTerms(**(defaults | values))


def mirrored_terms(terms: SignalTerms, *, around: float) -> SignalTerms:
    """Return the mirror image of some terms: every price p becomes `around` − p."""
    return replace(
        terms,
        direction=terms.direction.opposite,
        near=around - terms.near,
        mid=around - terms.mid,
        far=around - terms.far,
        stop=around - terms.stop,
        targets=tuple((around - price, share) for price, share in terms.targets),
    )


def scaled_terms(terms: SignalTerms, factor: float) -> SignalTerms:
    """Return terms at prices that are so many times as high."""
    return replace(
        terms,
        near=terms.near * factor,
        mid=terms.mid * factor,
        far=terms.far * factor,
        stop=terms.stop * factor,
        targets=tuple((price * factor, share) for price, share in terms.targets),
        cost_per_unit=terms.cost_per_unit * factor,
        atr=terms.atr * factor,
        tick=terms.tick * factor,
    )


def bars(
    rows: Sequence[Row], *, start_ms: int = KNOWN_MS, step: Timeframe = STEP, without: int = -1
) -> Candles:
    """Return bars of open, high, low, close; the one with the number `without` is missing."""
    columns = np.array(rows, dtype=np.float64).reshape(-1, 4)
    times = start_ms + np.arange(len(rows), dtype=np.int64) * step.duration_ms
    kept = np.arange(len(rows)) != without
    return Candles(
        symbol=SYMBOL,
        timeframe=step,
        open_time=times[kept],
        open=columns[kept, 0],
        high=columns[kept, 1],
        low=columns[kept, 2],
        close=columns[kept, 3],
        volume=np.ones(int(kept.sum())),
    )


def outcome(
    rows: Sequence[Row],
    terms: SignalTerms | None = None,
    *,
    shifts: Mapping[int, Direction] | None = None,
    is_delisted: bool = False,
    **values: Any,
) -> Outcome:
    """Return what becomes of one signal over some bars."""
    signals = [(KEY, terms or signal_terms(**values))]
    (found,) = model_outcomes(signals, bars(rows), shifts=shifts, is_delisted=is_delisted)
    return found


def path(
    rows: Sequence[Row], terms: SignalTerms | None = None, *, lot: float = 0.0, **values: Any
) -> TradePath:
    """Return what happens to the trade of one signal over some bars."""
    signals = [(KEY, terms or signal_terms(**values))]
    (found,) = trade_paths(signals, bars(rows), lots=[lot])
    return found


def in_lots(terms: SignalTerms, count: int) -> SignalTerms:
    """Return terms whose entries are whole lots of a size of so many; the nearest takes the rest."""
    lots = [int(share * count) for share in terms.entry_fractions]
    nearest = next(n for n, share in enumerate(terms.entry_fractions) if share > 0)
    lots[nearest] += count - sum(lots)
    near, mid, far = (one / count for one in lots)
    return replace(terms, entry_fractions=(near, mid, far))


def a_case(
    seed: int, *, costs: Costs | None = None, count: int = 80
) -> tuple[list[Row], SignalTerms]:
    """Return a market that wanders about, and a signal in it."""
    terms = wandering_terms(seed)
    if costs is not None:
        terms = replace(terms, costs=costs, cost_per_unit=0.3)
    return wandering_rows(seed, count), terms


def wandering_rows(seed: int, count: int, *, start: float = 104.0, step: float = 2.0) -> list[Row]:
    """Return bars that wander about on quarters of a point, with a gap now and then.

    Args:
        seed: of the wandering.
        count: how many.
        start: first open.
        step: how far a bar goes, about.
    """
    dice = np.random.default_rng(seed)
    rows: list[Row] = []
    price = start
    for _ in range(count):
        if dice.random() < 0.1:
            price += _quarter(dice.normal(0, 2 * step))
        low, high = (_quarter(abs(dice.normal(0, step))) for _ in range(2))
        close = price - low + _quarter(dice.random() * (low + high))
        rows.append((price, max(price + high, close), min(price - low, close), close))
        price = close
    return rows


def wandering_terms(seed: int) -> SignalTerms:
    """Return a long with management of some kind, on quarters of a point, without costs."""
    dice = np.random.default_rng(seed)
    fractions = [(0.5, 0.25, 0.25), (1.0, 0.0, 0.0), (0.0, 0.5, 0.5), (0.5, 0.5, 0.0)]
    targets = [
        ((105.0, 1.0),),
        ((104.0, 0.5), (108.0, 0.5)),
        ((103, 0.5), (105, 0.25), (109, 0.25)),
    ]
    return signal_terms(
        entry_fractions=fractions[dice.integers(4)],
        stop=float(dice.integers(92, 98)),
        targets=targets[dice.integers(3)],
        valid_until_ms=KNOWN_MS + int(dice.integers(1, 60)) * STEP_MS,
        break_even=bool(dice.integers(2)),
        trailing_atr=float(dice.choice([0.0, 0.5, 1.0])),
        time_stop_ms=int(dice.choice([0, 5, 20])) * STEP_MS,
        min_rr=float(dice.choice([0.0, 1.0])),
    )


def _quarter(value: float) -> float:
    return round(float(value) * 4) / 4
