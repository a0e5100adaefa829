"""Which of two volume columns is the base volume, row by row, as far as prices prove it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from snipersight.domain.candles import Floats, Times, utc_text
from snipersight.domain.errors import DataInvalid

_TOLERANCE: Final = 0.01  # a venue's quote volume is a sum of rounded trades
_Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CheckedVolume:
    """Base volume, and what was found out about it.

    Args:
        values: base units.
        notes: what was checked or assumed.
        repairs: what was changed, with its period.
    """

    values: Floats
    notes: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()


def checked_volume(
    base: Floats, quote: Floats | None, *, low: Floats, high: Floats, time: Times
) -> CheckedVolume:
    """Return the base volume, with rows whose two volume columns changed places put right.

    Traded value ÷ base volume is an average price, so it lies between low and high. A row where
    that holds only with the columns exchanged proves that they are exchanged; it is repaired if
    every other row with volume is just as clear, and refused otherwise.

    Args:
        base: the column whose name says base volume.
        quote: the column whose name says quote volume; None if there is none.
        low, high: prices of the same rows.
        time: open times, milliseconds UTC, any order.

    Raises:
        DataInvalid: a row fits neither way, or fits both ways while others are exchanged.
    """
    if quote is None:
        note = "volume was taken as base units; the file has no quote volume to check it against"
        return CheckedVolume(values=base, notes=(note,))
    as_named = _agrees(base, quote, low, high)
    exchanged = _agrees(quote, base, low, high)
    _require(as_named | exchanged, base, quote, time, "fit the prices neither way")
    is_swapped = exchanged & ~as_named
    if not is_swapped.any():
        note = f"volume agrees with the quote volume in all {len(base)} rows"
        return CheckedVolume(values=base, notes=(note,))
    is_traded = (base > 0) | (quote > 0)
    unclear = as_named & exchanged & is_traded & (base != quote)
    _require(~unclear, base, quote, time, "fit the prices both ways while other rows are exchanged")
    return CheckedVolume(
        values=np.where(is_swapped, quote, base), repairs=_repairs(is_swapped, time)
    )


def _agrees(base: Floats, quote: Floats, low: Floats, high: Floats) -> _Mask:
    base_slack, quote_slack = (0.5 * 10.0 ** -_places(values) for values in (base, quote))
    least = low * (base - base_slack) * (1 - _TOLERANCE) - quote_slack
    most = high * (base + base_slack) * (1 + _TOLERANCE) + quote_slack
    with np.errstate(invalid="ignore"):  # NaN agrees with nothing and is refused by its own check
        return np.asarray((quote >= least) & (quote <= most)) | np.isnan(base + quote + low + high)


def _places(values: Floats) -> npt.NDArray[np.float64]:
    """Return how many decimals each value was written with, at most 8."""
    places = np.full(len(values), 8.0)
    for count in range(7, -1, -1):
        scale = 10.0**count
        places[np.rint(values * scale) / scale == values] = count
    return places


def _require(is_fine: _Mask, base: Floats, quote: Floats, time: Times, fault: str) -> None:
    if is_fine.all():
        return
    row = int(np.argmin(is_fine))
    raise DataInvalid(
        f"the volume columns {fault}: {base[row]} and {quote[row]} at {utc_text(int(time[row]))}",
        next_step="remove the wrong volume column, or import the clear period alone",
    )


def _repairs(is_swapped: _Mask, time: Times) -> tuple[str, ...]:
    order = np.argsort(time)
    flags, times = is_swapped[order], time[order]
    starts = np.flatnonzero(np.diff(flags, prepend=~flags[:1]))
    texts = []
    for start, stop in zip(starts, [*starts[1:], len(flags)], strict=True):
        if flags[start]:
            first, last = utc_text(int(times[start])), utc_text(int(times[stop - 1]))
            texts.append(
                f"base and quote volume were exchanged from {first} to {last} "
                f"({stop - start} bars); put back, as volume × price proves"
            )
    return tuple(texts)
