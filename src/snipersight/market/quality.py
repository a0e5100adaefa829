"""A report on recorded candles: what is there, what is missing and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from snipersight.domain.candles import Floats, Times, utc_text
from snipersight.domain.errors import DataInvalid
from snipersight.domain.timeframe import HOUR_MS, Timeframe
from snipersight.market.bar_faults import Mask, fault_masks, first_fault
from snipersight.market.candle_files import CandleFile, find_candle_files
from snipersight.market.raw_bars import RawBars, read_bars

_SHORTEST_STALE_RUN: Final = 3  # flat bars without volume in a row that are worth a line


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Missing bars between two that are there; times are their opens in milliseconds UTC."""

    after_ms: int
    before_ms: int
    missing_bars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleRun:
    """Consecutive flat bars without volume: a halted market, or a defect of the source."""

    first_ms: int
    last_ms: int
    bars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """The largest move between two consecutive closes."""

    at_ms: int
    log_return: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FileQuality:
    """What was found in one file.

    Args:
        file: its name.
        timeframe: bar length its name states.
        rows: rows of any kind.
        start_ms, end_ms: earliest and latest open time; None without rows.
        problem: why the file could not be read, or the first faulty row; None if it is in order.
        gaps: holes, oldest first.
        faults: rows by kind of fault, only kinds that occur (see `bar_faults.fault_masks`).
        future_rows: bars that open after the given present.
        forming_rows: bars that are open at the given present.
        zero_volume_rows: bars without volume.
        stale_runs: three or more flat bars without volume in a row.
        flat_fraction: share of bars whose high is their low.
        largest_jump: None with fewer than two usable closes.
        longest_step_ms: longest time from one open to the next; 0 with fewer than two rows.
    """

    file: str
    timeframe: Timeframe
    rows: int = 0
    start_ms: int | None = None
    end_ms: int | None = None
    problem: str | None = None
    gaps: tuple[Gap, ...] = ()
    faults: tuple[tuple[str, int], ...] = ()
    future_rows: int = 0
    forming_rows: int = 0
    zero_volume_rows: int = 0
    stale_runs: tuple[StaleRun, ...] = ()
    flat_fraction: float = 0.0
    largest_jump: Jump | None = None
    longest_step_ms: int = 0

    @property
    def missing_bars(self) -> int:
        """Return how many bars all gaps together lack."""
        return sum(gap.missing_bars for gap in self.gaps)

    @property
    def longest_step_hours(self) -> float:
        """Return the longest time from one open to the next, in hours."""
        return self.longest_step_ms / HOUR_MS

    @property
    def is_usable(self) -> bool:
        """Return whether a scan can use the file; gaps and zero volume do not forbid it."""
        return self.problem is None and self.rows > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityReport:
    """What was found in a directory.

    Args:
        directory: where.
        files: one entry a candle file, by pair and timeframe.
        ignored: other Parquet files with the reason.
    """

    directory: str
    files: tuple[FileQuality, ...]
    ignored: tuple[tuple[str, str], ...]

    @property
    def is_usable(self) -> bool:
        """Return whether a scan can use every candle file."""
        return all(file.is_usable for file in self.files)


def check_directory(path: Path, *, now_ms: int | None = None) -> QualityReport:
    """Return a report on every candle file of a directory; no file stops the others.

    Args:
        path: the directory, files named like `BTCUSDT-5m.parquet`.
        now_ms: the present (milliseconds UTC), to find future and forming bars; None skips that.

    Raises:
        ConfigInvalid: there is no such directory.
        NoData: it holds no candle file.
    """
    found = find_candle_files(path)
    return QualityReport(
        directory=str(path),
        files=tuple(check_file(file, now_ms=now_ms) for file in found.files),
        ignored=found.ignored,
    )


def check_file(file: CandleFile, *, now_ms: int | None = None) -> FileQuality:
    """Return what is in one file; an unreadable one is a report with a problem, not an error."""
    try:
        bars = read_bars(file.path)
    except DataInvalid as error:
        problem = f"{error.what}; {error.next_step}"
        return FileQuality(file=file.path.name, timeframe=file.timeframe, problem=problem)
    return assess(bars, file.timeframe, name=file.path.name, now_ms=now_ms)


def assess(
    bars: RawBars, timeframe: Timeframe, *, name: str, now_ms: int | None = None
) -> FileQuality:
    """Return what is in unchecked bars.

    Gaps, runs and jumps are looked for in time order; rows that repeat a time count once there.
    """
    if len(bars) == 0:
        return FileQuality(file=name, timeframe=timeframe, problem="holds no row")
    counts = {kind: int(mask.sum()) for kind, mask in fault_masks(bars, timeframe).items()}
    times, order = np.unique(bars.time, return_index=True)
    is_late = np.zeros(0) if now_ms is None else bars.time > now_ms
    is_open = np.zeros(0) if now_ms is None else bars.time + timeframe.duration_ms > now_ms
    return FileQuality(
        file=name,
        timeframe=timeframe,
        rows=len(bars),
        start_ms=int(times[0]),
        end_ms=int(times[-1]),
        problem=first_fault(bars, timeframe) or _late_problem(bars, now_ms),
        gaps=_gaps(times, timeframe),
        faults=tuple((kind, count) for kind, count in counts.items() if count),
        future_rows=int(is_late.sum()),
        forming_rows=int(is_open.sum() - is_late.sum()),
        zero_volume_rows=int((bars.volume == 0).sum()),
        stale_runs=_stale_runs(times, (_is_flat(bars) & (bars.volume == 0))[order], timeframe),
        flat_fraction=float(_is_flat(bars).mean()),
        largest_jump=_largest_jump(times, bars.close[order]),
        longest_step_ms=int(np.diff(times).max(initial=0)),
    )


def _late_problem(bars: RawBars, now_ms: int | None) -> str | None:
    if now_ms is None or not (bars.time > now_ms).any():
        return None
    row = int(np.argmax(bars.time > now_ms))
    return f"future bar in row {row + 1}, {utc_text(int(bars.time[row]))}"


def _is_flat(bars: RawBars) -> Mask:
    return np.asarray(bars.high == bars.low)


def _gaps(times: Times, timeframe: Timeframe) -> tuple[Gap, ...]:
    steps = np.diff(times)
    return tuple(
        Gap(
            after_ms=int(times[i]),
            before_ms=int(times[i + 1]),
            missing_bars=int(steps[i] // timeframe.duration_ms) - 1,
        )
        for i in np.flatnonzero(steps >= 2 * timeframe.duration_ms)
    )


def _stale_runs(times: Times, is_stale: Mask, timeframe: Timeframe) -> tuple[StaleRun, ...]:
    rows = np.flatnonzero(is_stale)
    breaks = np.flatnonzero(np.diff(times[rows]) != timeframe.duration_ms) + 1
    return tuple(
        StaleRun(first_ms=int(times[run[0]]), last_ms=int(times[run[-1]]), bars=len(run))
        for run in np.split(rows, breaks)
        if len(run) >= _SHORTEST_STALE_RUN
    )


def _largest_jump(times: Times, closes: Floats) -> Jump | None:
    is_price = np.isfinite(closes) & (closes > 0)
    times, closes = times[is_price], closes[is_price]
    if len(closes) < 2:
        return None
    returns = np.diff(np.log(closes))
    row = int(np.argmax(np.abs(returns)))
    return Jump(at_ms=int(times[row + 1]), log_return=float(returns[row]))
