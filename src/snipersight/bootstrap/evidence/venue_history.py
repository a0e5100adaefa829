"""The history of an exchange as a source of recorded markets: whole, or refused."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.sources import SourceChoice, StandIn, open_source
from snipersight.domain.candles import Candles, utc_text
from snipersight.domain.errors import DataInvalid
from snipersight.domain.units import Symbol

if TYPE_CHECKING:
    from snipersight.market.ccxt_source import CcxtSource

_LATE_BARS: Final = 2  # a venue may publish a bar late; two are missing only when trading ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Which exchange's candles are read, and where they are kept.

    Args:
        name: ccxt's.
        cache: folder of fetched candles; None keeps nothing.
        stand_in: a server of this machine that answers for it.
    """

    name: str
    cache: Path | None = None
    stand_in: StandIn | None = None


class VenueHistory:
    """An exchange, and what it did not hand out of its history.

    Args:
        exchange: which one.

    Raises:
        ConfigInvalid: it is unknown, or serves no candles.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._unserved: dict[tuple[str, str], str] = {}
        self.source: CcxtSource = open_source(  # type: ignore[assignment]  # an exchange is named
            SourceChoice(exchange=exchange.name),
            cache=exchange.cache,
            clock=lambda: time.time_ns() // 1_000_000,
            as_of_ms=None,
            events=self,
            stand_in=exchange.stand_in,
        )

    def emit(self, name: str, fields: Mapping[str, object]) -> None:
        """Take note of history that the exchange keeps to itself."""
        if name == "history_not_served":
            key = str(fields["symbol"]), str(fields["timeframe"])
            self._unserved.setdefault(key, f"{fields['start']} to {fields['end']}")

    def require_whole(self, symbol: Symbol, candles: Candles, *, end_ms: int) -> None:
        """Refuse candles that are not all there were, up to a moment.

        Holes that the exchange has itself stay holes, and so does the time before a listing.

        Args:
            symbol: the market.
            candles: as they were read, at least one.
            end_ms: what they were asked for until.

        Raises:
            DataInvalid: the exchange serves a part of the period only, or trading ended within it.
        """
        frame = candles.timeframe
        missing = self._unserved.get((symbol, frame.name))
        if missing is not None:
            raise DataInvalid(
                f"{self.source.venue} does not serve its {frame} candles of {missing}",
                where=str(symbol),
                next_step="name a later --from, or bring candles in with `data import`",
            )
        newest_ms = int(candles.close_time[-1])
        if (frame.floor(end_ms) - newest_ms) // frame.duration_ms >= _LATE_BARS:
            raise DataInvalid(
                f"its newest {frame} bar closed at {utc_text(newest_ms)}",
                where=str(symbol),
                next_step=f"end at {utc_text(newest_ms)}, or leave it out",
            )
