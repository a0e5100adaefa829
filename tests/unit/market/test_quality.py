import csv
from pathlib import Path

import polars as pl
import pytest

from snipersight.domain.candles import utc_text
from snipersight.domain.timeframe import HOUR_MS
from snipersight.market.quality import FileQuality, Gap, QualityReport, check_directory
from tests.unit.market.recordings import (
    OHLCV,
    RECORDED,
    START_MS,
    a_directory,
    changed,
    needs_recorded,
    rows,
)

STEP_MS = 300_000
NAN = float("nan")


def quality(tmp_path: Path, frame: pl.DataFrame, *, now_ms: int | None = None) -> FileQuality:
    (report,) = check_directory(a_directory(tmp_path, BTCUSDT_5m=frame), now_ms=now_ms).files
    return report


def as_manifest(report: FileQuality) -> dict[str, float]:
    faults = dict(report.faults)
    jump = report.largest_jump
    return {
        "rows": report.rows,
        "missing_bars": report.missing_bars,
        "gaps": len(report.gaps),
        "maxgap_h": round(report.longest_step_hours, 2),
        "dup": faults.get("duplicate", 0),
        "nonmono": faults.get("unsorted", 0),
        "offgrid": faults.get("off_grid", 0),
        "high_below_body": faults.get("high_below_body", 0),
        "low_above_body": faults.get("low_above_body", 0),
        "non_positive_price": faults.get("non_positive", 0),
        "nan_rows": faults.get("not_a_number", 0),
        "zero_volume_rows": report.zero_volume_rows,
        "max_abs_log_return": round(abs(jump.log_return), 3) if jump else 0,
        "flat%": round(100 * report.flat_fraction, 2),
    }


@needs_recorded
@pytest.mark.parametrize(
    "folder",
    [
        "a_permissive/bitvavo_spot_eur_1h",
        "b_gpl3/binance_spot_5m_2021",
        "b_gpl3/binance_usdm_5m_2023_2024",
        "b_gpl3/freqtrade_testdata",
        "a_permissive/binance_usdm_spring2025",
    ],
)
def test_the_numbers_are_those_of_the_recordings_manifest(folder: str):
    with (RECORDED / "MANIFEST.csv").open() as file:
        manifest = {row["file"]: row for row in csv.DictReader(file)}
    for report in check_directory(OHLCV / folder).files:
        row = manifest[f"ohlcv/{folder}/{report.file}"]
        numbers = as_manifest(report)
        assert numbers == {name: float(row[name]) for name in numbers}
        assert report.start_ms is not None
        assert report.end_ms is not None
        span = [utc_text(time)[:16].replace("T", " ") for time in (report.start_ms, report.end_ms)]
        assert span == [row["start"], row["end"]]
        assert report.is_usable


@needs_recorded
def test_an_outage_is_found_with_its_times_and_its_silent_bars():
    found = check_directory(OHLCV / "b_gpl3" / "binance_spot_5m_2021").files[1]
    gap = found.gaps[0]
    assert (utc_text(gap.after_ms), utc_text(gap.before_ms), gap.missing_bars) == (
        "2020-12-21T14:05:00Z", "2020-12-21T18:00:00Z", 46,
    )  # fmt: skip
    assert [run.bars for run in found.stale_runs] == [10, 17]


def test_an_orderly_file_has_nothing_to_report(tmp_path: Path):
    found = quality(tmp_path, rows(12), now_ms=START_MS + HOUR_MS)
    assert found.is_usable
    assert (*found.faults, *found.gaps, *found.stale_runs) == ()
    assert (found.start_ms, found.end_ms) == (START_MS, START_MS + 11 * STEP_MS)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("not_a_number", {"open": NAN}),
        ("not_a_number", {"volume": float("inf")}),
        ("non_positive", {"low": 0.0}),
        ("non_positive", {"low": -3.0}),
        ("high_below_body", {"high": 100.02}),
        ("low_above_body", {"low": 100.2}),
        ("negative_volume", {"volume": -1.0}),
        ("off_grid", {"timestamp": START_MS + 3 * STEP_MS + 1000}),
        ("duplicate", {"timestamp": START_MS + 2 * STEP_MS}),
        ("unsorted", {"timestamp": START_MS}),
    ],
)
def test_each_kind_of_fault_is_counted_and_the_first_row_named(
    tmp_path: Path, kind: str, change: dict[str, float]
):
    found = quality(tmp_path, changed(rows(12), 3, **change))
    assert dict(found.faults)[kind] == 1
    assert found.problem is not None
    assert "row 4" in found.problem
    assert not found.is_usable


def test_a_high_below_the_low_is_named_as_such(tmp_path: Path):
    found = quality(tmp_path, changed(rows(5), 1, high=99.0, low=100.0))
    assert set(dict(found.faults)) == {"high_below_low", "high_below_body"}


def test_gaps_name_the_bars_on_either_side(tmp_path: Path):
    holed = pl.concat([rows(3), rows(2, start_ms=START_MS + 7 * STEP_MS)])
    found = quality(tmp_path, holed)
    gap = Gap(after_ms=START_MS + 2 * STEP_MS, before_ms=START_MS + 7 * STEP_MS, missing_bars=4)
    assert found.gaps == (gap,)
    assert found.missing_bars == 4
    assert found.longest_step_ms == 5 * STEP_MS
    assert found.is_usable


def test_flat_bars_without_volume_make_a_run_only_in_a_row(tmp_path: Path):
    frame = rows(10)
    for row in (1, 4, 5, 6):
        frame = changed(frame, row, open=100.0, high=100.0, low=100.0, close=100.0, volume=0.0)
    found = quality(tmp_path, frame)
    assert found.zero_volume_rows == 4
    assert found.flat_fraction == 0.4
    assert [(run.first_ms, run.bars) for run in found.stale_runs] == [(START_MS + 4 * STEP_MS, 3)]


def test_the_largest_jump_names_its_bar(tmp_path: Path):
    found = quality(tmp_path, changed(rows(6), 4, high=130.0, close=120.0))
    assert found.largest_jump is not None
    assert found.largest_jump.at_ms == START_MS + 4 * STEP_MS
    assert found.largest_jump.log_return == pytest.approx(0.182, abs=0.001)


def test_future_and_forming_bars_are_told_apart(tmp_path: Path):
    now_ms = START_MS + 10 * STEP_MS + 1
    found = quality(tmp_path, rows(13), now_ms=now_ms)
    assert (found.forming_rows, found.future_rows) == (1, 2)
    assert found.problem == "future bar in row 12, 2024-06-07T00:55:00Z"


def test_a_forming_bar_alone_leaves_the_file_usable(tmp_path: Path):
    found = quality(tmp_path, rows(3), now_ms=START_MS + 3 * STEP_MS - 1)
    assert (found.forming_rows, found.is_usable) == (1, True)


def test_a_file_without_rows_is_not_usable(tmp_path: Path):
    assert quality(tmp_path, rows(0)).problem == "holds no row"


def test_an_unreadable_file_is_reported_beside_the_others(tmp_path: Path):
    directory = a_directory(tmp_path, ETHUSDT_5m=rows(3), BTCUSDT_8h_mark=rows(1))
    (directory / "BTCUSDT-5m.parquet").write_bytes(b"no parquet")
    report: QualityReport = check_directory(directory)
    broken, fine = report.files
    assert "not a readable Parquet file" in str(broken.problem)
    assert fine.is_usable
    assert not report.is_usable
    assert report.ignored == (("BTCUSDT-8h-mark.parquet", "holds mark values, not traded prices"),)
