"""Open times of imported bars: epochs of four units, ISO times, twelve-hour clocks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import numpy as np

from snipersight.domain.candles import Times
from snipersight.domain.errors import DataInvalid

if TYPE_CHECKING:
    import polars as pl

# 2001 to 2255: no two units share a value in these years, and nanoseconds fit 64 bits.
_EARLIEST_S: Final = 10**9
_LATEST_S: Final = 9 * 10**9
_UNITS: Final = {"seconds": 1, "milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}
_NAIVE: Final = "times without a zone were taken as UTC"
_NEXT_STEP: Final = "write times as 2024-06-07T12:00:00Z or as seconds since 1970"
_CLOCKS: Final = (
    "%Y-%m-%d %I-%p",
    "%Y-%m-%d %I:%M %p",
    "%Y-%m-%d %I:%M:%S %p",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d",
)


def parse_times(column: pl.Series, *, first_line: int) -> tuple[Times, tuple[str, ...]]:
    """Return open times in milliseconds UTC and what was assumed about them.

    Args:
        column: integers, decimals, text or date-times, one a row.
        first_line: line of the first row, for messages.

    Raises:
        DataInvalid: a time is missing, is no time, is not a whole millisecond, or the rows mix
            units or zones; the first such line is named.
    """
    import polars as pl

    if column.null_count():
        line = first_line + int(column.is_null().arg_max() or 0)
        raise DataInvalid(f"line {line} has no time", next_step=_NEXT_STEP)
    if column.dtype.is_temporal():
        return _typed(column)
    if column.dtype.is_integer():
        return _epochs(column.to_list(), first_line)
    values = column.cast(pl.String).str.strip_chars().to_list()
    if _is_epoch(values[0]):
        return _epochs(values, first_line)
    return _clock_times(values, first_line)


def _typed(column: pl.Series) -> tuple[Times, tuple[str, ...]]:
    import polars as pl

    is_naive = getattr(column.dtype, "time_zone", None) is None
    micros = column.cast(pl.Datetime("us")).dt.epoch("us").to_numpy()
    return _whole_ms(micros, 10**6, 1), (_NAIVE,) if is_naive else ()


def _is_epoch(text: str) -> bool:
    try:
        return float(text) >= _EARLIEST_S
    except ValueError:
        return False


def _epochs(values: Iterable[object], first_line: int) -> tuple[Times, tuple[str, ...]]:
    numbers = []
    for line, value in enumerate(values, start=first_line):
        try:
            numbers.append(_whole(str(value)))
        except ArithmeticError as error:
            raise DataInvalid(f"line {line}: {value!r} is no time", next_step=_NEXT_STEP) from error
    array = np.array(numbers, dtype=np.int64)
    for name, per_second in _UNITS.items():
        is_fit = (array >= _EARLIEST_S * per_second) & (array < _LATEST_S * per_second)
        if is_fit.all():
            return _whole_ms(array, per_second, first_line), (f"epoch times read as {name}",)
        if is_fit[0]:
            row = int(np.argmin(is_fit))
            raise DataInvalid(
                f"line {first_line + row}: {array[row]} is no time in {name} like the first row's",
                next_step=_NEXT_STEP,
            )
    raise DataInvalid(f"line {first_line}: {array[0]} is no time since 2001", next_step=_NEXT_STEP)


def _whole(text: str) -> int:
    """Return a whole number, which `1604696400.0` is too."""
    value = Decimal(text)
    if value != value.to_integral_value() or value >= _LATEST_S * _UNITS["nanoseconds"]:
        raise ArithmeticError(text)
    return int(value)


def _whole_ms(values: Times, per_second: int, first_line: int) -> Times:
    if per_second <= 1000:
        return values * (1000 // per_second)
    per_ms = per_second // 1000
    if (values % per_ms).any():
        row = int(np.argmax(values % per_ms != 0))
        raise DataInvalid(
            f"line {first_line + row}: {values[row]} is not a whole millisecond",
            next_step="bars open on whole minutes; this is no table of candles",
        )
    return values // per_ms


def _clock_times(values: list[str], first_line: int) -> tuple[Times, tuple[str, ...]]:
    clock = next((form for form in ("", *_CLOCKS) if _parse(values[0], form) is not None), None)
    if clock is None:
        raise DataInvalid(f"line {first_line}: {values[0]!r} is no time", next_step=_NEXT_STEP)
    is_naive = False
    times = np.empty(len(values), dtype=np.int64)
    for row, text in enumerate(values):
        moment = _parse(text, clock)
        if moment is None or (row and is_naive != (moment.tzinfo is None)):
            raise DataInvalid(
                f"line {first_line + row}: {text!r} is no time like the first row's",
                next_step=_NEXT_STEP,
            )
        is_naive = moment.tzinfo is None
        times[row] = _epoch_ms(moment)
    notes = [f"times read as {clock}"] if clock else []
    return times, (*notes, _NAIVE) if is_naive else tuple(notes)


def _parse(text: str, clock: str) -> datetime | None:
    try:
        if not clock:
            return datetime.fromisoformat(text)
        return datetime.strptime(text, clock)  # noqa: DTZ007  # the missing zone is reported
    except ValueError:
        return None


def _epoch_ms(moment: datetime) -> int:
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    days = aware.astimezone(UTC) - datetime.combine(date(1970, 1, 1), datetime.min.time(), UTC)
    return (days.days * 86_400 + days.seconds) * 1000 + days.microseconds // 1000
