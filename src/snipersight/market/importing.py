"""Bring candles of other layouts into ours, changing nothing that is not reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from snipersight.domain.candles import COLUMNS, Times, utc_text
from snipersight.domain.errors import DataInvalid
from snipersight.domain.instrument import parse_symbol
from snipersight.domain.timeframe import ALL_TIMEFRAMES, Timeframe
from snipersight.domain.units import Symbol
from snipersight.market.bar_faults import first_fault
from snipersight.market.import_columns import find_columns, numbers, require_symbol
from snipersight.market.import_output import write_bars, write_stub
from snipersight.market.import_tables import Table, read_table
from snipersight.market.import_times import parse_times
from snipersight.market.import_volumes import checked_volume
from snipersight.market.raw_bars import RawBars

_Rows = npt.NDArray[np.intp]
_REPAIR: Final = "correct the file or export it again; nothing was written"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did.

    Args:
        source, target: file read and file written.
        symbol, timeframe: what it holds.
        rows_read, rows_written: candles before and after.
        start_ms, end_ms: first and last open time, milliseconds UTC.
        missing_bars: bars between them that the file does not have.
        assumptions: everything that was taken for granted.
        repairs: everything that was changed, with counts and times.
        stub: the `instruments.toml` that was written, or None.
    """

    source: str
    target: str
    symbol: Symbol
    timeframe: Timeframe
    rows_read: int
    rows_written: int
    start_ms: int
    end_ms: int
    missing_bars: int
    assumptions: tuple[str, ...]
    repairs: tuple[str, ...]
    stub: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Draft:
    """Bars on their way in, the line each came from, and what was done to them so far."""

    bars: RawBars
    lines: _Rows
    repairs: tuple[str, ...]

    def keep(self, rows: _Rows, *repairs: str) -> _Draft:
        columns = {name: self.bars.column(name)[rows] for name in COLUMNS}
        bars = RawBars(time=self.bars.time[rows], **columns)
        return _Draft(bars=bars, lines=self.lines[rows], repairs=(*self.repairs, *repairs))


def import_file(
    path: Path,
    out_dir: Path,
    *,
    symbol: str,
    timeframe: str | None = None,
    now_ms: int | None = None,
    overwrite: bool = False,
    stub_venue: str | None = None,
) -> ImportReport:
    """Read candles in a common layout and write them as `BTCUSDT-5m.parquet`.

    Order is restored, identical repeated rows are removed, and volume columns that changed
    places are put back where volume × price proves it. Anything else that breaks the contract of
    candles is refused, and then nothing is written.

    Args:
        path: CSV (also .gz or .zip), Feather, JSON or Parquet.
        out_dir: directory to write to; made if missing.
        symbol: unified symbol of the market, `BTC/USDT` or `BTC/USDT:USDT`.
        timeframe: bar length; None takes the most frequent step and reports it.
        now_ms: the present, to leave out a forming bar and refuse future ones; None skips that.
        overwrite: whether a file of that name may be replaced.
        stub_venue: write an `instruments.toml` to fill in for this venue, if there is none yet.

    Raises:
        ConfigInvalid: the timeframe is unknown, the target exists or cannot be written.
        DataInvalid: the file cannot be read, or its rows are no candles of that market.
    """
    parse_symbol(symbol)
    try:
        table = read_table(path)
        draft, assumptions = _draft(table, Symbol(symbol))
        frame, note = _timeframe(draft.bars.time, timeframe)
        draft = _without_late(_without_repeats(_in_order(draft)), frame, now_ms)
        _require_valid(draft, frame)
    except DataInvalid as error:
        where = str(path) if not error.where else error.where
        raise DataInvalid(error.what, where=where, next_step=error.next_step or _REPAIR) from error
    bars = draft.bars
    target = write_bars(bars, out_dir, symbol=symbol, timeframe=frame, overwrite=overwrite)
    stub = write_stub(out_dir, symbol=symbol, venue=stub_venue) if stub_venue else None
    first, last = int(bars.time[0]), int(bars.time[-1])
    return ImportReport(
        source=str(path),
        target=str(target),
        symbol=Symbol(symbol),
        timeframe=frame,
        rows_read=len(table.frame),
        rows_written=len(bars),
        start_ms=first,
        end_ms=last,
        missing_bars=(last - first) // frame.duration_ms + 1 - len(bars),
        assumptions=(*assumptions, *note),
        repairs=draft.repairs,
        stub=str(stub) if stub else None,
    )


def _draft(table: Table, symbol: Symbol) -> tuple[_Draft, tuple[str, ...]]:
    columns = find_columns(table, symbol)
    require_symbol(table, columns, symbol)
    time, time_notes = parse_times(table.frame[columns.time], first_line=table.first_line)
    o, h, low, c = (numbers(table, name) for name in ("open", "high", "low", "close"))
    quote = None if columns.quote_volume is None else numbers(table, columns.quote_volume)
    volume = checked_volume(numbers(table, columns.volume), quote, low=low, high=h, time=time)
    draft = _Draft(
        bars=RawBars(time=time, open=o, high=h, low=low, close=c, volume=volume.values),
        lines=np.arange(len(time)) + table.first_line,
        repairs=volume.repairs,
    )
    return draft, (*table.notes, *columns.notes, *time_notes, *volume.notes)


def _timeframe(times: Times, name: str | None) -> tuple[Timeframe, tuple[str, ...]]:
    steps, counts = np.unique(np.diff(np.unique(times)), return_counts=True)
    usual_ms = int(steps[np.argmax(counts)]) if len(steps) else 0
    found = next((frame for frame in ALL_TIMEFRAMES if frame.duration_ms == usual_ms), None)
    if name is not None:
        frame = Timeframe.parse(name)
        if usual_ms and frame.duration_ms != usual_ms:
            raise DataInvalid(
                f"the file holds bars of {found or f'{usual_ms / 1000:g} seconds'}, not of {frame}",
                next_step="name the timeframe the file is of; coarser ones are made from it",
            )
        return frame, ()
    if found is None:
        raise DataInvalid(
            f"the usual step between rows is {usual_ms / 1000:g} seconds, which is no timeframe",
            next_step="name the timeframe if the file holds a single bar",
        )
    return found, (f"timeframe {found} taken from the usual step between rows",)


def _in_order(draft: _Draft) -> _Draft:
    steps = np.diff(draft.bars.time)
    if (steps >= 0).all():
        return draft
    if (steps <= 0).all():
        backwards = np.arange(len(draft.lines))[::-1]
        return draft.keep(backwards, "rows stood newest first; turned round")
    line = draft.lines[int(np.argmax(steps < 0)) + 1]
    order = np.argsort(draft.bars.time, kind="stable")
    return draft.keep(order, f"rows were not in order of time (first at line {line}); sorted")


def _without_repeats(draft: _Draft) -> _Draft:
    bars = draft.bars
    repeats = np.flatnonzero(np.diff(bars.time) == 0) + 1
    if len(repeats) == 0:
        return draft
    for row in repeats.tolist():
        if any(bars.column(name)[row] != bars.column(name)[row - 1] for name in COLUMNS):
            raise DataInvalid(
                f"lines {draft.lines[row - 1]} and {draft.lines[row]} contradict each other at "
                f"{utc_text(int(bars.time[row]))} ({bars.row(row - 1)}; {bars.row(row)})",
                next_step="remove the wrong one; nothing was written",
            )
    rows = np.delete(np.arange(len(bars)), repeats)
    first = utc_text(int(bars.time[repeats[0]]))
    return draft.keep(rows, f"{len(repeats)} repeated identical rows removed, the first at {first}")


def _without_late(draft: _Draft, timeframe: Timeframe, now_ms: int | None) -> _Draft:
    if now_ms is None:
        return draft
    times = draft.bars.time
    if (times > now_ms).any():
        row = int(np.argmax(times > now_ms))
        raise DataInvalid(
            f"line {draft.lines[row]} opens in the future, {utc_text(int(times[row]))}",
            next_step="check the file's time zone and this machine's clock; nothing was written",
        )
    closed = np.flatnonzero(times + timeframe.duration_ms <= now_ms)
    if len(closed) == len(times):
        return draft
    return draft.keep(closed, f"the bar of {utc_text(int(times[-1]))} was still forming; left out")


def _require_valid(draft: _Draft, timeframe: Timeframe) -> None:
    lines: Sequence[int] = draft.lines.tolist()
    fault = first_fault(draft.bars, timeframe, lines=lines)
    if len(lines) == 0 or fault is not None:
        raise DataInvalid(fault or "holds no closed bar", next_step=_REPAIR)
