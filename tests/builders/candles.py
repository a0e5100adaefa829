"""Candles a reader can check by hand, and random ones on a dyadic grid for the laws.

A table starts on Monday 2024-01-01 00:00 UTC, after a quiet prelude: bars of 100 with a range of
exactly 1, so that ATR is 1 when the table begins. Prices are binary fractions, so that mirroring
about a power of two and scaling by one are exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from snipersight.domain.candles import COLUMNS, Candles
from snipersight.domain.profile import SmcRules
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Symbol

TABLE_START_MS = 19_723 * DAY_MS  # 2024-01-01
MIRROR = 256.0
_EPOCH_DAYS = 163  # divides 19,723: a new machine begins to speak exactly where the table starts
_PRELUDE_BARS = 100
_QUIET = (100.0, 100.5, 99.5, 100.0)

Row = tuple[float, float, float, float]


def rows(table: str) -> list[Row]:
    """Return the bars of a text table: `open high low close` a line, `#` starts a remark."""
    lines = (line.split("#")[0].split() for line in table.splitlines())
    return [(float(o), float(h), float(low), float(c)) for o, h, low, c in filter(None, lines)]


def candles(bars: Sequence[Row], *, timeframe: str = "15m", start_ms: int) -> Candles:
    """Return bars without a hole from `start_ms` on, volume 1 each."""
    frame = Timeframe.parse(timeframe)
    columns = np.array(bars, dtype=np.float64).reshape(-1, 4)
    return Candles(
        symbol=Symbol("BTC/USDT"),
        timeframe=frame,
        open_time=start_ms + np.arange(len(bars)) * frame.duration_ms,
        open=columns[:, 0],
        high=columns[:, 1],
        low=columns[:, 2],
        close=columns[:, 3],
        volume=np.ones(len(bars)),
    )


def a_history(
    table: str | Sequence[Row], *, timeframe: str = "15m", prelude_bars: int = _PRELUDE_BARS
) -> Candles:
    """Return the quiet prelude followed by a table, which begins at `TABLE_START_MS`."""
    bars = rows(table) if isinstance(table, str) else list(table)
    start_ms = TABLE_START_MS - prelude_bars * Timeframe.parse(timeframe).duration_ms
    return candles([_QUIET] * prelude_bars + bars, timeframe=timeframe, start_ms=start_ms)


def smc_rules(timeframe: str = "15m", **overrides: object) -> SmcRules:
    """Return rules for small tables: swings of 1 and 2 bars, ages of 40, ATR multiples near 1.

    The machine that speaks from the table's first bar on has seen the 50 bars before it.
    """
    epoch_bars = _EPOCH_DAYS * DAY_MS // Timeframe.parse(timeframe).duration_ms
    values: dict[str, object] = {
        "burn_in_bars": 50,
        "epoch_bars": epoch_bars,
        "internal_strength": 1,
        "swing_strength": 2,
        "displacement_atr": 1.5,
        "min_gap_atr": 0.1,
        "block_lookback_bars": 5,
        "zone_max_age_bars": 40,
        "level_max_age_bars": 40,
        "equal_tolerance_atr": 0.25,
        "min_pool_age_bars": 2,
        "old_swings": False,
        "min_pierce_atr": 0.1,
        "max_pierce_atr": 1.5,
        "max_leg_bars": 20,
        "regime_window_bars": 20,
    }
    return SmcRules.model_validate(values | overrides)


def mirrored_candles(original: Candles, *, about: float = MIRROR) -> Candles:
    """Return the market whose prices are `about - price`: its highs are the other's lows."""
    return _with_prices(
        original,
        open=about - original.open,
        high=about - original.low,
        low=about - original.high,
        close=about - original.close,
    )


def scaled_candles(original: Candles, *, by: float) -> Candles:
    """Return the market whose prices are `price * by`."""
    prices = {name: getattr(original, name) * by for name in ("open", "high", "low", "close")}
    return _with_prices(original, **prices)


def dyadic_candles(original: Candles, *, steps: int = 2**20) -> Candles:
    """Return prices rounded to whole numbers, after scaling the highest one to about `steps`."""
    factor = steps / float(original.high.max())
    prices = {
        name: np.maximum(np.rint(getattr(original, name) * factor), 1.0)
        for name in ("open", "high", "low", "close")
    }
    return _with_prices(original, **prices)


def _with_prices(original: Candles, **prices: object) -> Candles:
    kept = {name: getattr(original, name) for name in COLUMNS if name not in prices}
    return Candles(
        symbol=original.symbol,
        timeframe=original.timeframe,
        open_time=original.open_time,
        **kept,
        **prices,  # type: ignore[arg-type]  # columns by name
    )


@dataclass(frozen=True, kw_only=True)
class Walk:
    """What a random market is drawn from; every price is a multiple of 1/8 between 1 and 1023.

    Args:
        seed, bars, timeframe: the same values give the same candles.
        missing: share of bars that an outage removed, in runs.
        flat: share of bars without any movement, in runs.
        wildness: typical body in eighths.
    """

    seed: int
    bars: int
    timeframe: str = "15m"
    missing: float = 0.0
    flat: float = 0.0
    wildness: float = 12.0

    def candles(self) -> Candles:
        """Return the market's candles."""
        rng = np.random.default_rng(self.seed)
        frame = Timeframe.parse(self.timeframe)
        ticks = self._ticks(rng)
        times = TABLE_START_MS + np.arange(self.bars) * frame.duration_ms
        kept = ~self._runs(rng, self.missing)
        kept[0] = True
        columns = [column[kept] / 8.0 for column in ticks]
        volume = rng.integers(0, 100, self.bars)[kept].astype(np.float64)
        return Candles(
            symbol=Symbol("BTC/USDT"),
            timeframe=frame,
            open_time=times[kept],
            volume=volume,
            **dict(zip(("open", "high", "low", "close"), columns, strict=True)),
        )

    def _ticks(self, rng: np.random.Generator) -> list[np.ndarray]:
        flat = self._runs(rng, self.flat)
        pace = self.wildness * np.exp(0.6 * np.sin(np.arange(self.bars) / 37.0))
        body = np.rint(rng.standard_t(3, self.bars) * pace)
        jump = np.rint(rng.normal(0, 0.3, self.bars) * pace * (rng.random(self.bars) < 0.2))
        body[flat] = jump[flat] = 0
        path = _folded(4096 + np.cumsum(body + jump))
        close = path
        begin = np.concatenate(([4096.0], close[:-1]))
        begin = np.where(flat, close, _folded(begin + jump))
        wick_up, wick_down = (np.rint(rng.exponential(pace / 2)) for _ in range(2))
        high = np.maximum(begin, close) + np.where(flat, 0, wick_up)
        low = np.minimum(begin, close) - np.where(flat, 0, wick_down)
        return [begin, np.minimum(high, 8184), np.maximum(low, 8), close]

    def _runs(self, rng: np.random.Generator, share: float) -> np.ndarray:
        """Return a mask that is true on about `share` of the bars, in runs of up to 12."""
        mask = np.zeros(self.bars, dtype=bool)
        for start in np.flatnonzero(rng.random(self.bars) < share / 6.5):
            mask[start : start + rng.integers(1, 13)] = True
        return mask


def _folded(path: np.ndarray) -> np.ndarray:
    """Reflect a path at the borders 8 and 8184."""
    width = 8176.0
    inside = np.mod(path - 8.0, 2 * width)
    return 8.0 + np.where(inside > width, 2 * width - inside, inside)
