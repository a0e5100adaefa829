"""Correlation of returns between underlyings, from closes that were made at the same moments."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from math import isfinite
from typing import TYPE_CHECKING, Final

from snipersight.domain.observations import Correlations
from snipersight.domain.units import Currency

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# What is left of a constant series' variance by rounding, as a fraction of its squares.
_ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Closes:
    """Closes of one market.

    Args:
        open_times_ms: of the bars, milliseconds UTC, strictly ascending.
        prices: close of each; what is not a finite number above 0 counts as missing.

    Raises:
        ValueError: lengths differ, or times do not ascend.
    """

    open_times_ms: Sequence[int] | NDArray[np.int64]
    prices: Sequence[float] | NDArray[np.float64]

    def __post_init__(self) -> None:
        """Refuse what cannot be aligned."""
        import numpy as np

        if len(self.open_times_ms) != len(self.prices):
            raise ValueError(f"{len(self.open_times_ms)} times for {len(self.prices)} closes")
        if (np.diff(np.asarray(self.open_times_ms, dtype=np.int64)) <= 0).any():
            raise ValueError("times of closes do not ascend")


def correlate(
    closes: Mapping[Currency, Closes], *, returns: int, min_overlap: int, window: str = ""
) -> Correlations:
    """Return the correlation of log returns of every pair, four decimals.

    A return runs between two neighbouring moments of all series together, so a series with a
    missing bar has no return into it or out of it. A pair with fewer than `min_overlap` returns
    in common, or with a series that does not move, is left out: unknown.

    Args:
        closes: one series for each underlying, all of one timeframe.
        returns: how many of the newest returns count, at least 2.
        min_overlap: how many of them a pair must have in common, at least 2.
        window: for the reader, `180 returns of 4h`; said from `returns` where empty.

    Raises:
        ValueError: `returns` or `min_overlap` is below 2.
    """
    if returns < 2 or min_overlap < 2:
        raise ValueError(f"{returns} returns with an overlap of {min_overlap} correlate nothing")
    aligned = AlignedCloses.of(closes)
    table = aligned.coefficients(returns=returns, min_overlap=min_overlap)
    return aligned.correlations(table, window=window or f"{returns} returns")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AlignedCloses:
    """Closes of several markets at the moments of all of them together, to be asked at any of them.

    Args:
        names: of the underlyings, sorted.
        moments_ms: at which at least one of them has a bar, ascending.
        logs: logarithm of each close, a row for each name; NaN is missing.
    """

    names: tuple[Currency, ...]
    moments_ms: NDArray[np.int64]
    logs: NDArray[np.float64]

    @classmethod
    def of(cls, closes: Mapping[Currency, Closes]) -> AlignedCloses:
        """Return closes, one series for each underlying, side by side."""
        import numpy as np

        names = tuple(sorted(closes))
        times = [np.asarray(closes[name].open_times_ms, dtype=np.int64) for name in names]
        moments = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *times]))
        logs = np.full((len(names), len(moments)), np.nan)
        for row, (name, at) in enumerate(zip(names, times, strict=True)):
            prices = np.asarray(closes[name].prices, dtype=np.float64)
            usable = np.isfinite(prices) & (prices > 0)
            logs[row, np.searchsorted(moments, at[usable])] = np.log(prices[usable])
        return cls(names=names, moments_ms=moments, logs=logs)

    def coefficients(
        self,
        *,
        returns: int,
        min_overlap: int,
        since_ms: int | None = None,
        before_ms: int | None = None,
    ) -> NDArray[np.float64]:
        """Return the coefficient of every two names over the newest returns; NaN: unknown.

        Args:
            returns, min_overlap: as of `correlate`.
            since_ms, before_ms: bars that opened earlier, and bars that opened then or later, do
                not count; None: all do.
        """
        import numpy as np

        first = 0 if since_ms is None else int(self.moments_ms.searchsorted(since_ms))
        stop = len(self.moments_ms)
        if before_ms is not None:
            stop = int(self.moments_ms.searchsorted(before_ms))
        newest = self.logs[:, max(first, stop - returns - 1) : stop]
        return _coefficients(np.diff(newest, axis=1), min_overlap)

    def correlations(
        self,
        table: NDArray[np.float64],
        *,
        window: str,
        among: Collection[Currency] | None = None,
    ) -> Correlations:
        """Return coefficients by pair, four decimals.

        Args:
            table: as `coefficients` returns it.
            window: for the reader.
            among: names whose pairs are wanted; None: all.
        """
        wanted = [n for n, name in enumerate(self.names) if among is None or name in among]
        pairs = {
            (self.names[i], self.names[j]): _four_decimals(float(table[i, j]))
            for i, j in combinations(wanted, 2)
            if isfinite(table[i, j])
        }
        return Correlations(pairs=pairs, window=window)


def _coefficients(rows: NDArray[np.float64], min_overlap: int) -> NDArray[np.float64]:
    """Return Pearson's coefficient of every two rows over their common columns; NaN: unknown."""
    import numpy as np

    has = np.isfinite(rows)
    values, mask = np.where(has, rows, 0.0), has.astype(np.float64)
    count = mask @ mask.T
    sums = values @ mask.T  # of row i over the columns that j has too
    squares = (values * values) @ mask.T
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = squares - sums * sums / count
        covariance = values @ values.T - sums * sums.T / count
        moves = variance > _ROUNDING * squares
        known = (count >= min_overlap) & moves & moves.T
        table = covariance / np.sqrt(variance * variance.T)
    return np.where(known, np.clip(table, -1.0, 1.0), np.nan)


def _four_decimals(value: float) -> Decimal:
    # Adding zero turns -0.0000 into 0.0000: one value, one spelling.
    return Decimal(f"{value:.4f}") + 0
