"""Recorded funding rates beside candles."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from snipersight.domain.errors import ConfigInvalid, DataInvalid
from snipersight.market.funding_files import read_funding

EIGHT = 8 * 3_600_000


def put(
    folder: Path,
    rows: list[tuple[int, float]],
    name: str = "BTCUSDT-8h-funding_rate.parquet",
) -> None:
    times, rates = zip(*rows, strict=True)
    columns = dict.fromkeys(("high", "low", "close", "volume"), [0.0] * len(rows))
    frame = pl.DataFrame({"timestamp": list(times), "open": list(rates), **columns})
    frame.write_parquet(folder / name)


def test_the_rates_of_a_market_are_read_by_its_pair(tmp_path):
    put(tmp_path, [(EIGHT, 0.0001), (2 * EIGHT, -0.0002)])
    put(tmp_path, [(EIGHT, 0.5e-1)], "ETHUSDT-8h-funding_rate.parquet")
    found = read_funding(tmp_path, "BTCUSDT", interval_ms=EIGHT)
    assert found is not None
    assert found.rates == {EIGHT: 0.0001, 2 * EIGHT: -0.0002}
    assert found.source == tmp_path.name


def test_a_folder_without_rates_of_a_market_has_none(tmp_path):
    put(tmp_path, [(EIGHT, 0.0001)])
    assert read_funding(tmp_path, "SOLUSDT", interval_ms=EIGHT) is None


@pytest.mark.parametrize(
    "rows",
    [
        [(2 * EIGHT, 0.0001), (EIGHT, 0.0001)],
        [(EIGHT, 0.0001), (EIGHT, 0.0001)],
        [(EIGHT, float("nan"))],
        [(EIGHT, 0.2)],
    ],
)
def test_rates_that_cannot_be_are_refused_with_their_row(tmp_path, rows):
    put(tmp_path, rows)
    with pytest.raises(DataInvalid, match=r"row \d: time"):
        read_funding(tmp_path, "BTCUSDT", interval_ms=EIGHT)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigInvalid, match="no such directory"):
        read_funding(tmp_path / "nowhere", "BTCUSDT", interval_ms=EIGHT)
