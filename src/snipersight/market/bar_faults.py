"""What can be wrong with recorded bars, as one mask per kind of fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from snipersight.domain.candles import COLUMNS, utc_text
from snipersight.domain.timeframe import Timeframe
from snipersight.market.raw_bars import RawBars

Mask = npt.NDArray[np.bool_]


def fault_masks(bars: RawBars, timeframe: Timeframe) -> Mapping[str, Mask]:
    """Return, for every kind of fault, which rows have it; an orderly file has none.

    Keys: `unsorted` (opens before the row above), `duplicate` (opens with an earlier row),
    `off_grid`, `not_a_number` (NaN or infinite value), `non_positive` (price at or below 0),
    `high_below_body`, `low_above_body`, `high_below_low`, `negative_volume`. A value that is no
    number has no other fault.
    """
    o, h, low, c, v = (bars.column(name) for name in COLUMNS)
    with np.errstate(invalid="ignore"):  # a comparison with NaN is False, which is meant
        not_a_number = ~np.isfinite(o + h + low + c + v)
        return {
            "unsorted": np.diff(bars.time, prepend=bars.time[:1]) < 0,
            "duplicate": _repeated(bars),
            "off_grid": (bars.time - timeframe.offset_ms) % timeframe.duration_ms != 0,
            "not_a_number": not_a_number,
            "non_positive": np.minimum(np.minimum(o, c), np.minimum(low, h)) <= 0,
            "high_below_body": h < np.maximum(o, c),
            "low_above_body": low > np.minimum(o, c),
            "high_below_low": h < low,
            "negative_volume": v < 0,
        }


def _repeated(bars: RawBars) -> Mask:
    mask = np.ones(len(bars), dtype=np.bool_)
    mask[np.unique(bars.time, return_index=True)[1]] = False
    return mask


def first_fault(
    bars: RawBars,
    timeframe: Timeframe,
    *,
    row_offset: int = 0,
    lines: Sequence[int] | None = None,
) -> str | None:
    """Return the first faulty row in words: kind, row (counted from 1), time and values.

    Args:
        row_offset: rows of the file that lie before these bars.
        lines: the line of a text file each bar stands in, named instead of the row.
    """
    masks = fault_masks(bars, timeframe)
    rows = {kind: int(np.argmax(mask)) for kind, mask in masks.items() if mask.any()}
    if not rows:
        return None
    kind = min(rows, key=lambda name: rows[name])
    row = rows[kind]
    time = utc_text(int(bars.time[row]))
    place = f"row {row_offset + row + 1}" if lines is None else f"line {lines[row]}"
    return f"{kind.replace('_', ' ')} in {place}, {time} ({bars.row(row)})"
