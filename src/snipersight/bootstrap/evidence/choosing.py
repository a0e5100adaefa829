"""Which recorded markets a backtest looks at, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from snipersight.domain.candles import utc_text
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.instrument import Instrument
from snipersight.domain.ports import CandleSource
from snipersight.domain.timeframe import HOUR_MS
from snipersight.domain.units import Symbol
from snipersight.engine.backtesting.hourly_universe import HourlyUniverse
from snipersight.engine.recording import Period
from snipersight.market.parquet_source import ParquetDirectory
from snipersight.market.universe import is_ranked, select_universe, top_count
from snipersight.market.universe_history import largest_by_moment

ALL: Final = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants to look at.

    Args:
        symbols: `all`, a list, `@name` of a watch-list, or `topN`.
        watchlists: the named lists there are.
        period: of decisions; None: its start was not named.
        exchange: whose history it is; None: a folder's.
    """

    symbols: str
    watchlists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    period: Period | None = None
    exchange: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Markets that are looked at.

    Args:
        symbols: sorted; of the largest, those that are among them in any hour.
        universe: which of them are looked at, hour by hour; None: all, always.
        remarks: what a reader of results should know of the choice, one sentence each.
    """

    symbols: tuple[Symbol, ...]
    universe: HourlyUniverse | None = None
    remarks: tuple[str, ...] = ()


async def choose_markets(
    asked: Asked, source: CandleSource, listed: Mapping[Symbol, Instrument]
) -> Chosen:
    """Return the markets of a request.

    The largest of a folder are chosen anew every hour, as a run chooses them, by what was traded
    in the 24 hours before; those of an exchange once, by the day before the start, because its
    whole history would have to be fetched for more.

    Raises:
        ConfigInvalid: a symbol is not listed, all of an exchange were asked for, or the largest
            of a period without a start.
    """
    if asked.symbols.strip().lower() == ALL:
        return _all(asked, listed)
    if is_ranked(asked.symbols):
        return await _largest(asked, source, listed)
    universe = select_universe(
        asked.symbols, instruments=listed, volumes={}, watchlists=asked.watchlists
    )
    if universe.dropped:
        symbol, reason = universe.dropped[0]
        raise ConfigInvalid(
            f"{symbol}: {reason}",
            where="--symbols",
            next_step="`snipersight data check DIR` names them",
        )
    return Chosen(symbols=universe.symbols)


def _all(asked: Asked, listed: Mapping[Symbol, Instrument]) -> Chosen:
    if asked.exchange is None:
        return Chosen(symbols=tuple(sorted(listed)))
    raise ConfigInvalid(
        f"{asked.exchange} lists {len(listed)} markets",
        where="--symbols",
        next_step="name symbols (BTC/USDT,ETH/USDT), a watch-list (@name), or top20",
    )


async def _largest(
    asked: Asked, source: CandleSource, listed: Mapping[Symbol, Instrument]
) -> Chosen:
    period, name = asked.period, asked.symbols.strip()
    if period is None:
        raise ConfigInvalid(
            "the largest markets of a period would be known at its end only",
            where="--symbols",
            next_step="name the start with --from, and they are the largest of the day before "
            "each hour; or name symbols (BTC/USDT,ETH/USDT), a watch-list (@name), or all",
        )
    if isinstance(source, ParquetDirectory):
        universe = await _hour_by_hour(top_count(name), source, listed, period)
        symbols, when = tuple(sorted(universe.members)), "each hour, chosen anew every hour"
    else:
        volumes = await source.quote_volumes(tuple(listed), at_ms=period.start_ms)
        chosen = select_universe(name, instruments=listed, volumes=volumes, watchlists={})
        universe, symbols = None, tuple(sorted(chosen.symbols))
        when = f"{utc_text(period.start_ms)}, chosen once"
    if not symbols:
        raise ConfigInvalid(
            f"nothing is known of what was traded in the day before {utc_text(period.start_ms)}",
            where="--symbols",
            next_step="begin a day after the candles do, or name symbols",
        )
    remark = f"the {name} by what was traded in the 24 hours before {when}"
    return Chosen(symbols=symbols, universe=universe, remarks=(remark,))


async def _hour_by_hour(
    count: int, source: ParquetDirectory, listed: Mapping[Symbol, Instrument], period: Period
) -> HourlyUniverse:
    first, last = period.start_ms // HOUR_MS, period.end_ms // HOUR_MS
    hours_ms = np.arange(first, last + 1, dtype=np.int64) * HOUR_MS
    volumes = await source.traded_before(tuple(listed), hours_ms)
    largest = largest_by_moment(count, instruments=listed, volumes=volumes)
    members = {symbol: mask for symbol, mask in largest.items() if mask.any()}
    return HourlyUniverse(first_hour=first, members=members)
