"""The markets of a venue: its names for them, and their rules."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from snipersight.domain.errors import UnknownSymbol
from snipersight.domain.instrument import Instrument
from snipersight.domain.units import Symbol
from snipersight.market.ccxt_errors import unknown_symbol
from snipersight.market.ccxt_instruments import is_served, listing_of

_MOST_IDS: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Markets:
    """What a venue trades.

    A market that is halted or delisted keeps its name: what is held there must be seen and closed
    as soon as it trades again.

    Args:
        venue: short name.
        instruments: rules by symbol, of the markets that trade now.
        ids: the venue's own names by symbol; halted markets too.
        order_types: the venue's names of the kinds of orders that a market takes; empty: not told.
    """

    venue: str
    instruments: Mapping[Symbol, Instrument]
    ids: Mapping[Symbol, str]
    order_types: Mapping[Symbol, frozenset[str]]
    _symbols: Mapping[str, Symbol] = field(repr=False)

    @classmethod
    def of(
        cls,
        markets: Mapping[str, Mapping[str, Any]],
        *,
        venue: str,
        precision_mode: int,
        former: Markets | None = None,
    ) -> Markets:
        """Return the served ones among ccxt's markets.

        Args:
            markets: by ccxt's symbol.
            venue: short name.
            precision_mode: how the venue states precision (ccxt's `precisionMode`).
            former: the list before this one, whose names are kept.
        """
        listing = listing_of(markets.values(), venue=venue, precision_mode=precision_mode)
        # Those that trade come last: of two of one name they count.
        named = sorted(
            (market for market in markets.values() if is_served({**market, "active": True})),
            key=lambda market: Symbol(str(market["symbol"])) in listing.instruments,
        )
        told = {Symbol(str(market["symbol"])): market for market in named}
        ids = {symbol: str(market["id"]) for symbol, market in told.items()}
        types = {
            symbol: frozenset(market["info"].get("orderTypes") or ())
            for symbol, market in told.items()
        }
        symbols = {market_id: symbol for symbol, market_id in ids.items()}
        return cls(
            venue=venue,
            instruments=listing.instruments,
            ids=ids if former is None else {**former.ids, **ids},
            order_types=types if former is None else {**former.order_types, **types},
            _symbols=symbols if former is None else {**former._symbols, **symbols},
        )

    def id_of(self, symbol: Symbol) -> str:
        """Return the venue's name of a market.

        Raises:
            UnknownSymbol: it never listed such a market; near names are given.
        """
        if (found := self.ids.get(symbol)) is None:
            raise self.unknown(symbol)
        return found

    def symbol_of(self, market_id: str) -> Symbol:
        """Return our name of a market; the venue's own where we do not trade it."""
        return self._symbols.get(market_id, Symbol(market_id))

    def unknown(self, symbol: Symbol) -> UnknownSymbol:
        """Return the error for a symbol that is not listed."""
        return unknown_symbol(symbol, venue=self.venue, known=self.instruments)


class OrderIds:
    """Which of our ids an order of the venue has; the newest few thousand are remembered.

    Executions name the venue's id alone, and a conditional order that triggers goes on under
    another one.
    """

    def __init__(self) -> None:
        self._clients: OrderedDict[tuple[Symbol, str], str] = OrderedDict()

    def learn(self, symbol: Symbol, venue_id: str, client_id: str) -> None:
        """Remember whose order it is; without both ids there is nothing to remember."""
        if venue_id and client_id:
            self._clients[symbol, venue_id] = client_id
            self._clients.move_to_end((symbol, venue_id))
            if len(self._clients) > _MOST_IDS:
                self._clients.popitem(last=False)

    def client_id(self, symbol: Symbol, venue_id: str) -> str | None:
        """Return our id; None where it was never seen."""
        return self._clients.get((symbol, venue_id))
