"""What a run leaves behind to be measured: equity day by day, and the trades it closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from snipersight.domain.errors import DataInvalid
from snipersight.domain.evidence_columns import Integers, Mask, Names, Numbers
from snipersight.domain.timeframe import DAY_MS
from snipersight.performance.windows import Window

_CHECK_RUN = "this is a defect of the run that made it; please report it"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DailyEquity:
    """Equity of an account marked at the end of every day (UTC), without a gap.

    Args:
        days: start of each day, ms UTC, each the one after the last; at least one.
        equity: mark at its end, account currency. Zero or less is ruin: what comes after it
            counts for nothing.
        opening: equity when the first day began, above 0; None: the first mark is where counting
            begins, and the first day has no return.

    Raises:
        DataInvalid: a day is missing, doubled or no start of a day, a mark is not finite, or
            counting would begin at zero or less.
    """

    days: Integers
    equity: Numbers
    opening: float | None = None

    def __post_init__(self) -> None:
        _own(self, "days", np.int64)
        _own(self, "equity", np.float64)
        _require_same_length(self, ("days", "equity"))
        _require(len(self.days) > 0, "equity needs at least one day")
        _require(bool((self.days % DAY_MS == 0).all()), "a day of equity is not the start of one")
        _require(bool((np.diff(self.days) == DAY_MS).all()), "days of equity do not follow on")
        _require(bool(np.isfinite(self.marks).all()), "equity is not a finite number")
        _require(float(self.marks[0]) > 0, "equity begins at zero or less")

    @property
    def marks(self) -> Numbers:
        """Return the marks, the opening before them where it is known."""
        if self.opening is None:
            return self.equity
        return np.concatenate(([self.opening], self.equity))

    @property
    def mark_days(self) -> Integers:
        """Return the start of each mark's day, ms; the opening was the mark of the day before."""
        if self.opening is None:
            return self.days
        return np.concatenate(([self.days[0] - DAY_MS], self.days))

    @property
    def period(self) -> Window:
        """Return from the beginning of the first day to the end of the last."""
        return Window(int(self.days[0]), int(self.days[-1]) + DAY_MS)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClosedTrades:
    """Trades that were entered and closed, as columns of one length, in any order.

    Args:
        result: net of all costs, account currency.
        risk: what one R was when the trade was planned, account currency, above 0.
        costs: fees, slippage and funding, account currency; positive is paid.
        traded: size times price of every fill, entries and exits, account currency, above 0.
        opened_ms: first fill, UTC.
        closed_ms: last fill, not before the first.
        symbol: of each trade.

    Raises:
        DataInvalid: columns differ in length, a number is not finite, or a rule above is broken.
    """

    result: Numbers
    risk: Numbers
    costs: Numbers
    traded: Numbers
    opened_ms: Integers
    closed_ms: Integers
    symbol: Names

    def __post_init__(self) -> None:
        for name in ("result", "risk", "costs", "traded"):
            _own(self, name, np.float64)
            _require(bool(np.isfinite(getattr(self, name)).all()), f"{name} is not finite")
        _own(self, "opened_ms", np.int64)
        _own(self, "closed_ms", np.int64)
        _require_same_length(self, tuple(one.name for one in fields(self)))
        _require(bool((self.risk > 0).all()), "the risk of a trade is zero or less")
        _require(bool((self.traded > 0).all()), "a trade traded nothing")
        _require(bool((self.opened_ms <= self.closed_ms).all()), "a trade closed before it opened")

    def __len__(self) -> int:
        """Return how many trades there are."""
        return len(self.result)

    @property
    def result_r(self) -> Numbers:
        """Return the net result of each trade in R."""
        return np.asarray(self.result / self.risk, dtype=np.float64)

    def where(self, rows: Mask) -> ClosedTrades:
        """Return the trades that a mask names."""
        columns: dict[str, Any] = {one.name: getattr(self, one.name)[rows] for one in fields(self)}
        return ClosedTrades(**columns)


def pooled(parts: Sequence[ClosedTrades]) -> ClosedTrades:
    """Return the trades of several runs as one, such as those of all out-of-sample windows.

    Args:
        parts: any number; none gives no trades.
    """
    names = [one.name for one in fields(ClosedTrades) if one.name != "symbol"]
    none = np.zeros(0)
    columns: dict[str, Any] = {
        name: np.concatenate([none, *(getattr(part, name) for part in parts)]) for name in names
    }
    for name in ("opened_ms", "closed_ms"):
        columns[name] = np.concatenate(
            [np.zeros(0, dtype=np.int64), *(getattr(part, name) for part in parts)]
        )
    symbols = Names.of(symbol for part in parts for symbol in part.symbol)
    return ClosedTrades(**columns, symbol=symbols)


def _own(series: object, name: str, kind: type[np.generic]) -> None:
    """Replace a column by a copy that nobody can change; no value may be altered by it."""
    given = np.asarray(getattr(series, name))
    column = given.astype(kind)
    _require(column.ndim == 1, f"{name} is not a single column")
    is_same = np.array_equal(column, given, equal_nan=given.dtype.kind == "f")
    _require(is_same, f"{name} does not hold {np.dtype(kind).name} values")
    column.flags.writeable = False
    object.__setattr__(series, name, column)


def _require_same_length(series: object, names: Sequence[str]) -> None:
    lengths = {len(getattr(series, name)) for name in names}
    _require(len(lengths) == 1, f"columns {', '.join(names)} differ in length")


def _require(is_kept: bool, what: str) -> None:
    if not is_kept:
        raise DataInvalid(what, next_step=_CHECK_RUN)
