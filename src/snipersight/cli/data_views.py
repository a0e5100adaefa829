"""What `snipersight data` prints."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from snipersight.bootstrap.environment import absolute
from snipersight.bootstrap.session import now_ms
from snipersight.cli import texts
from snipersight.cli.arguments import require_symbol
from snipersight.cli.console import output
from snipersight.cli.exits import ExitCode
from snipersight.market.importing import ImportReport, import_file
from snipersight.market.quality import FileQuality, QualityReport, check_directory


def print_quality(directory: Path, *, as_json: bool) -> ExitCode:
    """Print what a directory of candles holds.

    Returns:
        0 if every file can be used, 3 if some can, 4 if none can.
    """
    report = check_directory(absolute(directory), now_ms=now_ms())
    if as_json:
        print(json.dumps(quality_json(report), indent=2, ensure_ascii=False))
    else:
        _print_table(report)
    if report.is_usable:
        return ExitCode.OK
    some = any(file.is_usable for file in report.files)
    return ExitCode.PARTIAL if some else ExitCode.NO_SOURCE


def import_candles(
    file: Path,
    out: Path,
    *,
    symbol: str,
    timeframe: str | None,
    venue: str | None,
    overwrite: bool,
) -> ExitCode:
    """Import a file of candles and print what was written, assumed and repaired.

    Args:
        file: what to read.
        out: directory to write to.
        symbol: unified symbol of the market.
        timeframe: bar length, or None to read it off the file.
        venue: venue to write an `instruments.toml` for, or None.
        overwrite: whether an earlier import may be replaced.
    """
    report = import_file(
        absolute(file),
        absolute(out),
        symbol=require_symbol(symbol),
        timeframe=timeframe,
        now_ms=now_ms(),
        overwrite=overwrite,
        stub_venue=venue,
    )
    for line in import_lines(report):
        print(line)
    return ExitCode.OK


def import_lines(report: ImportReport) -> list[str]:
    """Return what an import did, one sentence a line."""
    period = f"{texts.minute_of(report.start_ms)} to {texts.minute_of(report.end_ms)} UTC"
    missing = f"{report.missing_bars:,} missing" if report.missing_bars else "none missing"
    return [
        f"Wrote {report.rows_written:,} of {report.rows_read:,} rows to {report.target}",
        f"{report.symbol} {report.timeframe}, {period}, {missing}",
        *(f"assumed: {assumption}" for assumption in report.assumptions),
        *(f"repaired: {repair}" for repair in report.repairs),
        *((f"Fill in the rules of the market in {report.stub}",) if report.stub else ()),
    ]


def quality_json(report: QualityReport) -> dict[str, Any]:
    """Return a quality report as JSON values; times are milliseconds UTC, as in the files."""
    return {
        "schema": "snipersight.quality/1",
        "directory": report.directory,
        "is_usable": report.is_usable,
        "files": [
            dataclasses.asdict(file)
            | {
                "timeframe": file.timeframe.name,
                "is_usable": file.is_usable,
                "missing_bars": file.missing_bars,
                "faults": dict(file.faults),
            }
            for file in report.files
        ],
        "ignored": [{"file": name, "reason": reason} for name, reason in report.ignored],
    }


def _print_table(report: QualityReport) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in ("File", "Rows", "From", "To", "Missing", "No volume", "Largest jump", "Verdict"):
        table.add_column(
            name,
            justify="right" if name in ("Rows", "Missing", "No volume", "Largest jump") else "left",
            no_wrap=name != "Verdict",
        )
    for file in report.files:
        table.add_row(*_cells(file))
    console = output()
    console.print(table)
    for name, reason in report.ignored:
        console.print(f"{name}: ignored, {reason}")
    usable = sum(file.is_usable for file in report.files)
    console.print(f"{usable} of {len(report.files)} files can be scanned.")


def _cells(file: FileQuality) -> tuple[Text, ...]:
    jump = file.largest_jump
    return (
        Text(file.file, style="bold"),
        Text(f"{file.rows:,}"),
        Text("" if file.start_ms is None else texts.minute_of(file.start_ms)),
        Text("" if file.end_ms is None else texts.minute_of(file.end_ms)),
        Text(f"{file.missing_bars:,}"),
        Text(f"{file.zero_volume_rows:,}"),
        Text("" if jump is None else texts.signed_percent(jump.log_return)),
        _verdict(file),
    )


def _verdict(file: FileQuality) -> Text:
    if file.problem:
        return Text(file.problem, style="red")
    if not file.rows:
        return Text("holds no rows", style="red")
    remarks = [f"{len(file.gaps)} gaps"] if file.gaps else []
    remarks += [f"{len(file.stale_runs)} silent spells"] if file.stale_runs else []
    return Text(f"usable, {', '.join(remarks)}" if remarks else "usable", style="green")
