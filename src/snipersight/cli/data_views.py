"""What `snipersight data` prints."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from snipersight.bootstrap.environment import absolute
from snipersight.bootstrap.session import now_ms
from snipersight.cli.arguments import require_symbol
from snipersight.cli.console import output
from snipersight.cli.exits import ExitCode
from snipersight.domain import wording as texts
from snipersight.market.importing import ImportReport, import_file
from snipersight.market.quality import FileQuality, QualityReport, check_directory

_SHOWN_GAPS: Final = 8


def print_quality(directory: Path, *, as_json: bool) -> ExitCode:
    """Print what a directory of candles holds.

    Returns:
        0 if every file can be used, 3 if some can, 4 if none can.
    """
    report = check_directory(absolute(directory), now_ms=now_ms())
    if as_json:
        print(json.dumps(quality_json(report), indent=2, ensure_ascii=False))
    else:
        _print_files(report)
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


def _print_files(report: QualityReport) -> None:
    console = output()
    for file in report.files:
        for line in quality_lines(file):
            console.print(line, soft_wrap=True)
    for name, reason in report.ignored:
        console.print(Text(f"{name}: ignored, {reason}"), soft_wrap=True)
    usable = sum(file.is_usable for file in report.files)
    console.print(f"{usable} of {len(report.files)} files can be scanned.")


def quality_lines(file: FileQuality) -> list[Text]:
    """Return what was found in one file: its verdict, then indented what the verdict rests on.

    Lines and not columns: names, dates and gaps keep their full length in any window and any pipe.
    """
    lines = [Text.assemble((file.file, "bold"), "  ", _verdict(file))]
    if file.start_ms is not None and file.end_ms is not None:
        period = f"{texts.minute_of(file.start_ms)} to {texts.minute_of(file.end_ms)} UTC"
        lines.append(Text(f"  {texts.counted(file.rows, 'bar')} of {file.timeframe}, {period}"))
    if file.largest_jump is not None:
        jump = texts.signed_percent(math.expm1(file.largest_jump.log_return))
        when = texts.minute_of(file.largest_jump.at_ms)
        lines.append(Text(f"  largest move from close to close {jump}, at {when}"))
    lines += _gap_lines(file)
    if file.zero_volume_rows:
        spells = texts.counted(len(file.stale_runs), "silent spell")
        rows = texts.counted(file.zero_volume_rows, "bar")
        lines.append(Text(f"  {rows} without volume, {spells}"))
    return lines


def _gap_lines(file: FileQuality) -> list[Text]:
    if not file.gaps:
        return []
    bars, holes = texts.counted(file.missing_bars, "bar"), texts.counted(len(file.gaps), "gap")
    lines = [Text(f"  {bars} missing in {holes}", style="yellow")]
    for gap in file.gaps[:_SHOWN_GAPS]:
        after, before = texts.minute_of(gap.after_ms), texts.minute_of(gap.before_ms)
        lines.append(Text(f"    {gap.missing_bars:,} between {after} and {before}"))
    hidden = len(file.gaps) - _SHOWN_GAPS
    if hidden > 0:
        lines.append(Text(f"    and {hidden:,} more, which --format json lists"))
    return lines


def _verdict(file: FileQuality) -> Text:
    if file.problem:
        return Text(file.problem, style="red")
    return Text("usable", style="green") if file.rows else Text("holds no rows", style="red")
