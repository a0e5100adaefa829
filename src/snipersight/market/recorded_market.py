"""One market of a directory: its files, their time index, and reading bars from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from snipersight.analysis.resampling import resample
from snipersight.domain.candles import Candles, Times, utc_text
from snipersight.domain.errors import DataInvalid, NoData
from snipersight.domain.observations import ReferencePrice
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Price, Symbol, exact
from snipersight.market.bar_faults import first_fault
from snipersight.market.candle_files import CandleFile
from snipersight.market.raw_bars import RawBars, read_bars, read_times

_REFERENCE_AGE_MS: Final = 2 * DAY_MS
_REPAIR = "see `snipersight data check`, then repair or replace the file"


@dataclass(slots=True, kw_only=True, eq=False)
class RecordedMarket:
    """The candle files of one symbol; open times are read once and kept.

    Args:
        symbol: unified symbol.
        files: its files by timeframe, at least one.
        clock_ms: the present, so that a forming bar is left out and a future one refused; None
            if the recording is to be taken as it is.
    """

    symbol: Symbol
    files: Mapping[Timeframe, CandleFile]
    clock_ms: int | None = None
    _times: dict[Timeframe, Times] = field(default_factory=dict)

    @property
    def finest(self) -> Timeframe:
        """Return the shortest timeframe there is a file of."""
        return min(self.files)

    def last_close_ms(self) -> int | None:
        """Return when the newest closed bar of any file closed; None if no file can be used."""
        closes = []
        for timeframe in self.files:
            try:
                times = self.times(timeframe)
            except DataInvalid:
                continue  # the file is reported when its candles are asked for
            if len(times):
                closes.append(int(times[-1]) + timeframe.duration_ms)
        return max(closes, default=None)

    def times(self, timeframe: Timeframe) -> Times:
        """Return the open times of a file's closed bars.

        Raises:
            DataInvalid: the file is unreadable, or its times are unsorted, repeated, off the
                timeframe's grid or in the future; the first such row is named.
        """
        if timeframe not in self._times:
            file = self.files[timeframe]
            times = read_times(file.path)
            self._check(times, file)
            self._times[timeframe] = self._closed(times, file)
        return self._times[timeframe]

    def _check(self, times: Times, file: CandleFile) -> None:
        off_grid = (times - file.timeframe.offset_ms) % file.timeframe.duration_ms != 0
        disorder = np.diff(times, prepend=times[:1] - 1) <= 0
        if not (off_grid.any() or disorder.any()):
            return
        fault = first_fault(read_bars(file.path), file.timeframe)
        raise DataInvalid(str(fault), where=str(file.path), next_step=_REPAIR)

    def _closed(self, times: Times, file: CandleFile) -> Times:
        if self.clock_ms is None or len(times) == 0:
            return times
        if times[-1] > self.clock_ms:
            row = int(np.searchsorted(times, self.clock_ms, side="right"))
            raise DataInvalid(
                f"row {row + 1} opens in the future, {utc_text(int(times[row]))}",
                where=str(file.path),
                next_step=f"check the file's time zone and this machine's clock; {_REPAIR}",
            )
        closed = np.searchsorted(times + file.timeframe.duration_ms, self.clock_ms, side="right")
        return times[: int(closed)]

    def candles(self, timeframe: Timeframe, *, start_ms: int, end_ms: int) -> Candles:
        """Return the bars that open at or after `start_ms` and are closed at `end_ms`.

        The market's own file of the timeframe is preferred; where there is none, or it has no
        bar in the period, the finest file that divides the timeframe is resampled. The answer
        does not depend on the window: it is the slice of what the whole file would give up to
        `end_ms`.

        Raises:
            NoData: no file has a bar in the period.
            DataInvalid: the file to be read breaks the contract of `Candles`.
        """
        for source in self._sources(timeframe):
            bars = self._read(source, timeframe, start_ms=start_ms, end_ms=end_ms)
            if len(bars):
                return bars
        raise self._no_data(timeframe, start_ms, end_ms)

    def _sources(self, timeframe: Timeframe) -> list[Timeframe]:
        finer = [own for own in sorted(self.files) if own < timeframe and own.divides(timeframe)]
        return [timeframe, *finer] if timeframe in self.files else finer

    def _read(
        self, source: Timeframe, timeframe: Timeframe, *, start_ms: int, end_ms: int
    ) -> Candles:
        times = self.times(source)
        first = int(np.searchsorted(times, timeframe.floor(start_ms), side="left"))
        if source != timeframe:
            # One bar more tells a bucket that lost its first bar from the start of the data.
            first = max(0, first - 1)
        stop = int(np.searchsorted(times + source.duration_ms, end_ms, side="right"))
        fine = self._rows(source, first, max(first, stop))
        return resample(fine, timeframe).between(start_ms, end_ms)

    def _rows(self, timeframe: Timeframe, first: int, stop: int) -> Candles:
        file = self.files[timeframe]
        bars = read_bars(file.path, first=first, count=stop - first)
        try:
            return bars.candles(self.symbol, timeframe)
        except DataInvalid as error:
            fault = first_fault(bars, timeframe, row_offset=first) or error.what
            raise DataInvalid(fault, where=str(file.path), next_step=_REPAIR) from error

    def last_price(self, at_ms: int) -> ReferencePrice | None:
        """Return the newest close known at a moment, from the file whose bar closed last.

        None where no file has a bar within the two days before. A file that cannot be used is
        passed over: it is reported when its candles are asked for.

        Raises:
            DataInvalid: the newest bar breaks the contract of `Candles`.
        """
        newest = {frame: self._last_close_before(frame, at_ms) for frame in sorted(self.files)}
        # The first of equals: `sorted` puts the shortest bar, which is the most precise, there.
        frame = max(newest, key=lambda each: newest[each])
        if newest[frame] <= at_ms - _REFERENCE_AGE_MS:
            return None
        bars = self.candles(frame, start_ms=newest[frame] - frame.duration_ms, end_ms=at_ms)
        return ReferencePrice(
            price=Price(exact(float(bars.close[-1]))),
            at_ms=newest[frame],
            step_ms=frame.duration_ms,
            source=f"recorded {frame} close",
        )

    def _last_close_before(self, timeframe: Timeframe, at_ms: int) -> int:
        try:
            closes = self.times(timeframe) + timeframe.duration_ms
        except DataInvalid:
            return 0
        stop = int(np.searchsorted(closes, at_ms, side="right"))
        return int(closes[stop - 1]) if stop else 0

    def last_bars(self, at_ms: int, count: int) -> RawBars:
        """Return up to `count` unchecked bars of the finest file, the last closed at a moment.

        Raises:
            DataInvalid: the file's times are not in order, or it cannot be read.
        """
        closes = self.times(self.finest) + self.finest.duration_ms
        stop = int(np.searchsorted(closes, at_ms, side="right"))
        first = max(0, stop - count)
        return read_bars(self.files[self.finest].path, first=first, count=stop - first)

    def _no_data(self, timeframe: Timeframe, start_ms: int, end_ms: int) -> NoData:
        spans = []
        for own in sorted(self.files):
            times = self.times(own)
            if len(times):
                last = int(times[-1]) + own.duration_ms
                spans.append(f"{own} from {utc_text(int(times[0]))} to {utc_text(last)}")
        held = "; ".join(spans) or "no closed bar"
        return NoData(
            f"no {timeframe} bar between {utc_text(start_ms)} and {utc_text(end_ms)}",
            where=self.symbol,
            next_step=f"the files hold {held}",
        )
