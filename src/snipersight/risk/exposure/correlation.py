"""Correlation of returns between underlyings, from closes that were made at the same moments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
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
    said = window or f"{returns} returns"
    names = sorted(closes)
    if len(names) < 2:
        return Correlations(window=said)
    table = _coefficients(_returns([closes[name] for name in names], returns), min_overlap)
    pairs = {
        (one, other): _four_decimals(float(table[i, j]))
        for i, one in enumerate(names)
        for j, other in enumerate(names)
        if i < j and isfinite(table[i, j])
    }
    return Correlations(pairs=pairs, window=said)


def _returns(series: Sequence[Closes], returns: int) -> NDArray[np.float64]:
    """Return log returns, a row for each series and a column for each moment; NaN is missing."""
    import numpy as np

    times = [np.asarray(one.open_times_ms, dtype=np.int64) for one in series]
    moments = np.unique(np.concatenate(times))[-(returns + 1) :]
    logs = np.full((len(series), len(moments)), np.nan)
    for row, (one, at) in enumerate(zip(series, times, strict=True)):
        prices = np.asarray(one.prices, dtype=np.float64)
        usable = np.isfinite(prices) & (prices > 0) & np.isin(at, moments)
        logs[row, np.searchsorted(moments, at[usable])] = np.log(prices[usable])
    return np.diff(logs, axis=1)


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
