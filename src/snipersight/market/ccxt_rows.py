"""One page of a venue's answer, checked and turned into candles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from snipersight.domain.candles import Candles, Floats, utc_text
from snipersight.domain.errors import DataInvalid
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol

Row = Sequence[float | None]
"""`[open_time_ms, open, high, low, close, volume]`, as ccxt unifies every venue's answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The closed bars of one answer.

    Args:
        candles: closed bars, oldest first, each once.
        priceless: open times of rows the venue sent without any price: it has no bar there.
    """

    candles: Candles
    priceless: tuple[int, ...] = ()


def page_of(rows: Sequence[Row], *, symbol: Symbol, timeframe: Timeframe, closed_ms: int) -> Page:
    """Return the closed bars of an answer, whatever the order of its rows.

    Rows repeated exactly count once. A row without any price (all None or NaN) is no bar: some
    venues mark an interval without trades so. The forming bar and later ones are left out.

    Args:
        rows: the answer.
        symbol, timeframe: what was asked for.
        closed_ms: bars that close later are not closed.

    Raises:
        DataInvalid: a row is incomplete or breaks the contract of `Candles`, or two rows give
            different bars for one time.
    """
    where = f"{symbol} {timeframe}"
    closed = [row for row in rows if _open_time(row, where) + timeframe.duration_ms <= closed_ms]
    priced = [row for row in closed if not _is_priceless(row)]
    table = _table(priced, where)
    columns = {
        name: table[:, index + 1]
        for index, name in enumerate(("open", "high", "low", "close", "volume"))
    }
    candles = Candles(
        symbol=symbol, timeframe=timeframe, open_time=table[:, 0].astype(np.int64), **columns
    )
    priceless = sorted({_open_time(row, where) for row in closed if _is_priceless(row)})
    return Page(candles=candles, priceless=tuple(priceless))


def _open_time(row: Row, where: str) -> int:
    time_ms = row[0] if len(row) >= 6 else None
    if time_ms is None or not math.isfinite(time_ms):
        raise DataInvalid(
            f"a row of the venue's answer has no time or too few columns: {list(row)}",
            where=where,
            next_step="try again; if it persists, use another exchange",
        )
    return int(time_ms)


def _is_priceless(row: Row) -> bool:
    return all(value is None or math.isnan(value) for value in row[1:5])


def _table(rows: Sequence[Row], where: str) -> Floats:
    """Return the rows as an array, oldest first and each once; None becomes NaN."""
    if not rows:
        return np.empty((0, 6))
    values = [[math.nan if value is None else value for value in row[:6]] for row in rows]
    unique = np.unique(np.asarray(values, dtype=np.float64), axis=0)  # sorts by time first
    times = unique[:, 0]
    if (twice := np.flatnonzero(times[1:] == times[:-1])).size:
        first, second = unique[twice[0], 1:].tolist(), unique[twice[0] + 1, 1:].tolist()
        raise DataInvalid(
            f"two different bars at {utc_text(int(times[twice[0]]))}: {first} and {second}",
            where=where,
            next_step="try again later: the venue may be rewriting its candles",
        )
    return unique
