"""Recorded funding rates in files: `BTCUSDT-8h-funding_rate.parquet`, the rate in `open`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

from snipersight.domain.errors import ConfigInvalid, DataInvalid
from snipersight.domain.funding import FundingRecord
from snipersight.market.raw_bars import read_bars

_MOST: Final = 0.1  # of the notional at once: no venue lets a rate come near
_REPAIR: Final = "repair the file, or move it away to count with the stated rate"


def read_funding(folder: Path, pair: str, *, interval_ms: int) -> FundingRecord | None:
    """Return the funding rates of a market; None where the folder holds none of it.

    Args:
        folder: of the files.
        pair: symbol without a slash, `BTCUSDT`.
        interval_ms: how far the payments are apart that are asked for.

    Raises:
        ConfigInvalid: there is no such folder.
        DataInvalid: a file is unreadable, its times are not in order, or a rate is none.
    """
    if not folder.is_dir():
        raise ConfigInvalid(
            "there is no such directory",
            where=str(folder),
            next_step="name a directory of files such as BTCUSDT-8h-funding_rate.parquet",
        )
    files = sorted(folder.glob(f"{pair}-*-funding_rate.parquet"))
    if not files:
        return None
    payments = [one for path in files for one in _payments(path)]
    return FundingRecord.of(payments, interval_ms=interval_ms, source=folder.name)


def _payments(path: Path) -> list[tuple[int, float]]:
    table = read_bars(path)
    payments = list(zip(table.time.tolist(), table.open.tolist(), strict=True))
    before_ms = 0
    for row, (time_ms, rate) in enumerate(payments, start=1):
        if time_ms <= before_ms or not math.isfinite(rate) or abs(rate) > _MOST:
            raise DataInvalid(
                f"row {row}: time {time_ms}, rate {rate}", where=str(path), next_step=_REPAIR
            )
        before_ms = time_ms
    return payments
