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

    Args:
        venue: short name.
        instruments: rules by symbol.
        ids: the venue's own names by symbol.
        order_types: the venue's names of the kinds of orders that a market takes; empty: not told.
    """

    venue: str
    instruments: Mapping[Symbol, Instrument]
    ids: Mapping[Symbol, str]
    order_types: Mapping[Symbol, frozenset[str]]
    _symbols: Mapping[str, Symbol] = field(repr=False)

    @classmethod
    def of(
        cls, markets: Mapping[str, Mapping[str, Any]], *, venue: str, precision_mode: int
    ) -> Markets:
        """Return the served ones among ccxt's markets."""
        listing = listing_of(markets.values(), venue=venue, precision_mode=precision_mode)
        served = {
            Symbol(str(market["symbol"])): market
            for market in markets.values()
            if is_served(market) and Symbol(str(market["symbol"])) in listing.instruments
        }
        ids = {symbol: str(market["id"]) for symbol, market in served.items()}
        return cls(
            venue=venue,
            instruments=listing.instruments,
            ids=ids,
            order_types={
                symbol: frozenset(market["info"].get("orderTypes") or ())
                for symbol, market in served.items()
            },
            _symbols={market_id: symbol for symbol, market_id in ids.items()},
        )

    def id_of(self, symbol: Symbol) -> str:
        """Return the venue's name of a market.

        Raises:
            UnknownSymbol: it lists no such active market; near names are given.
        """
        if (found := self.ids.get(symbol)) is None:
            raise self.unknown(symbol)
        return found

    def symbol_of(self, market_id: str) -> Symbol:
        """Return our name of a market; the venue's own where we do not trade it."""
        return self._symbols.get(market_id, Symbol(market_id))

    def unknown(self, symbol: Symbol) -> UnknownSymbol:
        """Return the error for a symbol that is not listed."""
        return unknown_symbol(symbol, venue=self.venue, known=self.ids)


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
