"""What happened within 24 hours in each market, as tickers tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Self

from snipersight.domain.units import Symbol
from snipersight.sandbox.exchange.prices import MINUTE_MS, Bar, PriceSource, Tape

DAY_MS: Final = 1_440 * MINUTE_MS
_HOUR_MS: Final = 60 * MINUTE_MS
_STEP_MS: Final = 5 * MINUTE_MS  # the finest candles that come by themselves
_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The 24 hours before a moment.

    Args:
        open, high, low, last: prices, quote per base unit.
        hour_open: the first price of its last hour.
        volume: traded, base units.
        value: what was traded, in quote currency; each bar counts at its close.
    """

    open: Decimal
    high: Decimal
    low: Decimal
    last: Decimal
    hour_open: Decimal
    volume: Decimal = _NOTHING
    value: Decimal = _NOTHING

    @classmethod
    def of(cls, bars: Sequence[Bar]) -> Self | None:
        """Return the day that bars make, oldest first; None without bars."""
        if not bars:
            return None
        hour_ms = bars[-1].open_ms - _HOUR_MS
        return cls(
            open=bars[0].open,
            high=max(bar.high for bar in bars),
            low=min(bar.low for bar in bars),
            last=bars[-1].close,
            hour_open=next(bar.open for bar in bars if bar.open_ms > hour_ms),
            volume=sum((bar.volume for bar in bars), _NOTHING),
            value=sum((bar.volume * bar.close for bar in bars), _NOTHING),
        )

    @classmethod
    def standing(cls, price: Decimal) -> Self:
        """Return the day of a market in which nothing was traded."""
        return cls(open=price, high=price, low=price, last=price, hour_open=price)

    def then(self, later: Day | None) -> Day:
        """Return this part of a day and the one after it as one."""
        if later is None:
            return self
        return Day(
            open=self.open,
            high=max(self.high, later.high),
            low=min(self.low, later.low),
            last=later.last,
            hour_open=self.hour_open,
            volume=self.volume + later.volume,
            value=self.value + later.value,
        )


class Days:
    """The last day of every market: its closed candles, and what was printed since.

    Args:
        tape: what was printed.
        source: of candles; None: the tape is all there is.
    """

    def __init__(self, tape: Tape, source: PriceSource | None) -> None:
        self._tape = tape
        self._source = source
        self._closed: dict[Symbol, tuple[int, Day | None]] = {}  # with the end, ms UTC

    async def learn(self, symbol: Symbol, *, at_ms: int) -> None:
        """Read the candles of a market's last day, once for each that closes."""
        end_ms = at_ms // _STEP_MS * _STEP_MS
        if self._source is None or self._closed.get(symbol, (0, None))[0] == end_ms:
            return
        begin_ms = -(-(at_ms - DAY_MS) // _STEP_MS) * _STEP_MS
        bars = await self._source.bars(symbol, step_ms=_STEP_MS, start_ms=begin_ms, end_ms=end_ms)
        self._closed[symbol] = end_ms, Day.of(bars)

    def day(self, symbol: Symbol, *, at_ms: int) -> Day | None:
        """Return a market's last day as far as it was learnt; None if nothing is known of it."""
        end_ms, closed = self._closed.get(symbol, (0, None))
        begin_ms = at_ms - DAY_MS if closed is None else max(end_ms, at_ms - DAY_MS)
        printed = Day.of(
            self._tape.bars(symbol, step_ms=MINUTE_MS, start_ms=begin_ms, end_ms=at_ms + 1)
        )
        return printed if closed is None else closed.then(printed)
