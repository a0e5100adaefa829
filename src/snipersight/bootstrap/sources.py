"""Which candle source a command reads from: at most one may be named, none means the built-in one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.environment import absolute
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.ports import CandleSource, EventSink

if TYPE_CHECKING:
    import aiohttp

    from snipersight.bootstrap.execution_settings import ExecutionSettings
    from snipersight.market.ccxt_source import CcxtSource

DEFAULT_SEED: Final = 7
_SHORTEST_PATIENCE_S: Final = 0.05  # so long a message of this machine may be on its way
_PUBLIC_HOSTS: Final = frozenset(
    {
        "api.binance.com",
        "api.bybit.com",
        "fapi.binance.com",
        "fstream.binance.com",
        "stream.binance.com",
        "stream.bybit.com",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceChoice:
    """What the user said about the source.

    Args:
        exchange: ccxt's name of an exchange.
        data: directory of Parquet candles.
        instruments: rules for that directory.
        is_market: the built-in market was asked for by name.
        seed: which built-in market.

    Raises:
        ConfigInvalid: two sources are named, or an option that belongs to another source.
    """

    exchange: str | None = None
    data: Path | None = None
    instruments: Path | None = None
    is_market: bool = False
    seed: int | None = None

    def __post_init__(self) -> None:
        """Refuse a choice that cannot be meant."""
        named = [
            name
            for name, given in (
                ("--exchange", self.exchange is not None),
                ("--data", self.data is not None),
                ("--market", self.is_market),
            )
            if given
        ]
        if len(named) > 1:
            raise ConfigInvalid(
                f"{' and '.join(named)} name two sources", next_step="name one of them, or none"
            )
        if self.instruments is not None and self.data is None:
            raise ConfigInvalid("--instruments belongs to --data", next_step="name --data too")
        if self.seed is not None and not self.is_built_in:
            raise ConfigInvalid(
                "--seed belongs to the built-in market", next_step=f"leave out {named[0]} or --seed"
            )

    @property
    def is_built_in(self) -> bool:
        """Return whether the built-in market is read, by name or by default."""
        return self.exchange is None and self.data is None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """A server on this machine that answers for exchanges: `EXCHANGE_GATEWAY`.

    Args:
        host, port: where it listens.
        ca_file: certificate of the authority that signed its own.
    """

    host: str
    port: int
    ca_file: Path

    def session(self) -> aiohttp.ClientSession:
        """Return a session that reaches the exchanges' public hosts there and nothing else."""
        from snipersight.market.venues.config import Gateway
        from snipersight.market.venues.session import open_session

        gateway = Gateway(host=self.host, port=self.port, ca_file=self.ca_file)
        return open_session(_PUBLIC_HOSTS, gateway)


def stand_in_of(settings: ExecutionSettings) -> StandIn | None:
    """Return the server that the settings name; None where they name none."""
    address, ca_file = settings.gateway_address, settings.exchange_gateway_ca
    if address is None or ca_file is None:
        return None
    return StandIn(host=address[0], port=address[1], ca_file=ca_file)


def open_source(
    choice: SourceChoice,
    *,
    cache: Path | None,
    clock: Callable[[], int],
    as_of_ms: int | None,
    events: EventSink,
    stand_in: StandIn | None = None,
    streams: bool = False,
    markets: int | None = None,
    pace: float = 1.0,
) -> CandleSource:
    """Return the chosen source; the caller closes it.

    Args:
        choice: what the user said.
        cache: folder for fetched candles; None keeps nothing.
        clock: the present, milliseconds UTC.
        as_of_ms: the moment to look from, None for now; recorded ticks and lots are judged then.
        events: is told what a source notices.
        stand_in: answers for an exchange; its candles are not kept beside the exchange's own.
        streams: whether an exchange's candles are listened to as well; the others know their bars
            without.
        markets: how many the built-in market lists; None: its usual ones.
        pace: how much faster than ours the time of the stand-in runs; 1 is real.

    Raises:
        ConfigInvalid: an unknown exchange, no such directory, or a time that lies in the future
            of a real market.
        NoData: the directory holds no candles.
    """
    if choice.is_built_in:
        from snipersight.sandbox.market import SyntheticMarket
        from snipersight.sandbox.market_listing import MARKETS

        seed = DEFAULT_SEED if choice.seed is None else choice.seed
        # It can be looked at from any date, a later one too, so it is told that it is that late.
        return SyntheticMarket(
            seed, clock=lambda: max(clock(), as_of_ms or 0), markets=markets or MARKETS
        )
    _refuse_future(as_of_ms, clock())
    if choice.data is not None:
        from snipersight.market.parquet_source import ParquetDirectory

        return ParquetDirectory(
            absolute(choice.data),
            instruments=choice.instruments,
            rules_at_ms=as_of_ms,
            clock=clock,
        )
    from snipersight.market.ccxt_source import CcxtSource

    source = CcxtSource(
        str(choice.exchange),
        cache_dir=cache if stand_in is None else None,
        clock=clock,
        events=events,
        session_factory=None if stand_in is None else stand_in.session,
        pace=1.0 if stand_in is None else pace,
    )
    if not streams:
        return source
    return _streamed(source, clock=clock, events=events, pace=1.0 if stand_in is None else pace)


def _streamed(
    source: CcxtSource, *, clock: Callable[[], int], events: EventSink, pace: float
) -> CandleSource:
    from snipersight.market.streams import StreamedSource, lines_of
    from snipersight.market.streams.source import PATIENCE_S

    lines = lines_of(source.client, load_markets=source.instruments)
    # What a fast clock's stream does not tell is asked for before several of its bars have closed.
    patience_s = max(_SHORTEST_PATIENCE_S, PATIENCE_S / pace)
    return StreamedSource(
        source,
        lines,
        clock=clock,
        events=events,
        patience_s=patience_s,
        doubt_clock=source.doubt_clock,
    )


def _refuse_future(as_of_ms: int | None, now_ms: int) -> None:
    if as_of_ms is not None and as_of_ms > now_ms:
        raise ConfigInvalid(
            "the time lies in the future",
            where="--as-of",
            next_step="name a time that has passed; the built-in market alone knows later ones",
        )
