"""A market opened to be stepped through, judged by a copy of the account."""

from __future__ import annotations

from dataclasses import dataclass

from snipersight.bootstrap.session import Session
from snipersight.domain.candles import utc_text
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.ports import CandleSource
from snipersight.domain.units import Symbol
from snipersight.engine.stepping.moment_source import MomentSource, RulesAt
from snipersight.engine.stepping.stepper import Judged, Stepper, open_stepper
from snipersight.market.parquet_source import ParquetDirectory


@dataclass(frozen=True, slots=True, kw_only=True)
class SteppingRequest:
    """Which closes are stepped through.

    Args:
        symbol: the market.
        start_ms, end_ms: closes later than the one and not later than the other, milliseconds
            UTC; None: the newest `bars`, and all there are.
        bars: how many where no start is named.
    """

    symbol: Symbol
    start_ms: int | None
    end_ms: int | None
    bars: int


async def open_stepping(session: Session, asked: SteppingRequest) -> Stepper:
    """Return the stepper of a session's source, profile and account.

    Args:
        session: a preview, so that nothing is recorded.
        asked: which closes.

    Raises:
        UnknownSymbol: the source does not list the symbol.
        ConfigInvalid: no bar closes in the period.
        DataInvalid, VenueUnavailable: the candles cannot be read.
    """
    newest_ms = await session.source.now_ms()
    end_ms = newest_ms if asked.end_ms is None else min(asked.end_ms, newest_ms)
    if asked.start_ms is not None and asked.start_ms >= end_ms:
        raise ConfigInvalid(
            f"no close lies between {utc_text(asked.start_ms)} and {utc_text(end_ms)}",
            where="--from and --to",
            next_step=f"the candles end at {utc_text(newest_ms)}; name a period before that",
        )
    source = MomentSource(
        inner=session.source, symbol=asked.symbol, rules_at=_rules_at(session.source)
    )
    judged = Judged(gate=session.gate, account=session.account, sink=session.sink)
    return await open_stepper(
        source, session.request, judged, start_ms=asked.start_ms, end_ms=end_ms, bars=asked.bars
    )


def _rules_at(source: CandleSource) -> RulesAt | None:
    # Ticks of recorded markets are judged by the prices of their time, those of others are stated.
    return source.rules_at if isinstance(source, ParquetDirectory) else None
