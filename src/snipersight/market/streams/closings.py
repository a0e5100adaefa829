"""Waiting for a close, whatever the candles come from."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from snipersight.domain.ports import CandleSource
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.market.streams.source import StreamedSource


class Closings(Protocol):
    """Knows when the bars of a close can be read."""

    def watch(self, symbols: Collection[Symbol], timeframes: Collection[Timeframe]) -> None:
        """Say which series will be read; call it again when they change."""
        ...

    async def wait_closed(
        self,
        symbols: Collection[Symbol],
        timeframe: Timeframe,
        close_ms: int,
        *,
        timeout_s: float,
    ) -> set[Symbol]:
        """Return the symbols whose bars of a close are there, as soon as all are or time is up."""
        ...


class NothingToAwait:
    """The closings of the built-in market and of recorded data, which know every bar at once."""

    def watch(self, symbols: Collection[Symbol], timeframes: Collection[Timeframe]) -> None:
        """Need no preparation."""

    async def wait_closed(
        self,
        symbols: Collection[Symbol],
        timeframe: Timeframe,
        close_ms: int,
        *,
        timeout_s: float,
    ) -> set[Symbol]:
        """Return every symbol at once."""
        return set(symbols)


def closings_of(source: CandleSource) -> Closings:
    """Return how to wait for the closes of a source: by its streams if it has been given any."""
    return source if isinstance(source, StreamedSource) else NothingToAwait()
