"""A venue's world: the matching engine, its accounts, its prices, its clock, its open lines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any, Final

from snipersight.domain.errors import UnknownSymbol
from snipersight.domain.instrument import Instrument
from snipersight.domain.units import Currency, Symbol
from snipersight.matching import MatchEvent, MatchingEngine, MatchingRules
from snipersight.sandbox.exchange.accounts import Accounts
from snipersight.sandbox.exchange.candle_news import FinishedBars
from snipersight.sandbox.exchange.clock import Clock
from snipersight.sandbox.exchange.day import Day, Days
from snipersight.sandbox.exchange.prices import Bar, PriceSource, Tape
from snipersight.sandbox.exchange.streams import Lines

_FRESH_US: Final = 1_000_000
Hear = Callable[[MatchEvent], None]
HearPrice = Callable[[Symbol], None]


class VenueWorld:
    """Everything behind one protocol.

    Args:
        name: of the venue, `binance`, `binanceusdm`, `bybit`.
        instruments: the markets with their rules, by symbol.
        rules: of the matching engine.
        accounts: that exist.
        clock: the venue's time, microseconds UTC.
        source: prices that come by themselves; None: only `print` makes prices.
        limit_factor: how many times as many requests pass as at the real venue.
    """

    def __init__(
        self,
        name: str,
        instruments: Mapping[Symbol, Instrument],
        *,
        rules: MatchingRules,
        accounts: Accounts,
        clock: Clock,
        source: PriceSource | None = None,
        limit_factor: int = 1,
    ) -> None:
        self.name = name
        self.limit_factor = limit_factor
        self.instruments = dict(instruments)
        self.accounts = accounts
        self.clock = clock
        self.tape = Tape()
        self.lines = Lines()
        self.engine = MatchingEngine(tuple(self.instruments.values()), rules=rules)
        self._ids = {_venue_id(symbol): symbol for symbol in self.instruments}
        self._source = source
        self._days = Days(self.tape, source)
        self.finished = FinishedBars(self.tape, source)
        self._watched: set[Symbol] = set()
        self._hear: Hear = _ignore
        self._hear_price: HearPrice = _ignore
        self._down_until_s = 0.0
        self.restarted_us = 0  # when it last came back; 0: never
        for account in accounts.by_name.values():
            self.engine.open_account(
                account.name,
                {Currency(name): amount for name, amount in account.balances.items()},
                is_hedged=account.is_hedged,
                at_us=clock(),
            )

    def listen(self, hear: Hear, hear_price: HearPrice) -> None:
        """Tell a protocol of every event of the engine and of every price."""
        self._hear, self._hear_price = hear, hear_price

    def symbol_of(self, venue_id: str) -> Symbol | None:
        """Return the market that the venue calls `BTCUSDT`."""
        return self._ids.get(venue_id)

    def venue_id_of(self, symbol: Symbol) -> str:
        """Return the venue's name of a market."""
        return _venue_id(symbol)

    def list_market(self, instrument: Instrument) -> None:
        """List one more market; one that is listed already gets these rules.

        Args:
            instrument: its rules; a perpetual or spot market, as the venue has them.
        """
        self.instruments[instrument.symbol] = instrument
        self._ids[_venue_id(instrument.symbol)] = instrument.symbol
        self.engine.list_market(instrument)

    def print(
        self,
        symbol: str,
        price: Decimal | str,
        *,
        size: Decimal | str | None = None,
        mark: Decimal | str | None = None,
    ) -> None:
        """Put one trade on the tape: it triggers, fills and liquidates what it reaches.

        Args:
            symbol: unified.
            price: quote per base unit.
            size: what may be filled by it, base units; None: everything.
            mark: the mark price from now on; None: it follows the price.

        Raises:
            UnknownSymbol: the venue has no such market.
            DataInvalid: a price or the size is not above 0.
        """
        market, at_us = Symbol(symbol), self.clock()
        if market not in self.instruments:
            raise UnknownSymbol(f"no market {symbol!r}", where=f"sandbox {self.name}")
        value, amount = Decimal(price), Decimal(0) if size is None else Decimal(size)
        self.engine.trade(
            market,
            price=value,
            size=None if size is None else amount,
            at_us=at_us,
            mark=None if mark is None else Decimal(mark),
        )
        self.tape.add(market, value, size=amount, at_us=at_us)
        self.tell()
        self._hear_price(market)

    def fund(self, symbol: str, rate: Decimal | str) -> None:
        """Settle funding of a market: longs pay the rate of their notional to shorts."""
        self.engine.fund(Symbol(symbol), Decimal(rate), at_us=self.clock())
        self.tell()

    def tell(self) -> None:
        """Tell the lines what the engine did; called after everything that changes it."""
        for event in self.engine.drain():
            self._hear(event)

    async def freshen(self, symbols: Collection[Symbol]) -> None:
        """Print the newest price of markets whose prices come by themselves, and of later ones."""
        if self._source is None:
            return
        self._watched.update(symbols)
        now_us = self.clock()
        for symbol in symbols:
            if now_us - self.tape.last_us.get(symbol, -_FRESH_US) >= _FRESH_US:
                await self._print_newest(symbol, now_us)

    def watched(self) -> frozenset[Symbol]:
        """Return the markets that were ever asked for."""
        return frozenset(self._watched)

    def waiting(self) -> frozenset[Symbol]:
        """Return the markets where an order works or something is held with a price to wait for."""
        names = tuple(self.accounts.by_name)
        orders = (one.symbol for name in names for one in self.engine.orders(name))
        held = (one.symbol for name in names for one in self.engine.positions(name))
        return frozenset(orders) | frozenset(held)

    async def learn_days(self, symbols: Collection[Symbol]) -> None:
        """Learn what happened within 24 hours in markets, for `day`."""
        for symbol in symbols:
            await self._days.learn(symbol, at_ms=self.clock() // 1_000)

    def day(self, symbol: Symbol) -> Day | None:
        """Return a market's last 24 hours as far as they were learnt; None: nothing is known."""
        return self._days.day(symbol, at_ms=self.clock() // 1_000)

    async def keep_fresh(self, *, every_s: float = 1.0) -> None:
        """Print the prices of every market that was ever asked for, until cancelled."""
        while True:
            await self.freshen(tuple(self._watched))
            await asyncio.sleep(every_s)

    async def bars(self, symbol: Symbol, *, step_ms: int, start_ms: int, end_ms: int) -> list[Bar]:
        """Return candles that open in a period, oldest first; the last may still be forming."""
        printed = self.tape.bars(symbol, step_ms=step_ms, start_ms=start_ms, end_ms=end_ms)
        if self._source is None:
            return printed
        closed_ms = self.clock() // 1_000 // step_ms * step_ms
        known = await self._source.bars(
            symbol, step_ms=step_ms, start_ms=start_ms, end_ms=min(end_ms, closed_ms)
        )
        if not known:
            return printed
        return [*known, *(bar for bar in printed if bar.open_ms >= closed_ms)]

    @property
    def is_down(self) -> bool:
        """Return whether the venue is restarting."""
        return asyncio.get_running_loop().time() < self._down_until_s

    def restart(self, *, down_s: float) -> None:
        """Go down, end every line, and come back from what was stored, after real seconds."""
        self._down_until_s = asyncio.get_running_loop().time() + down_s
        self.restarted_us = self.clock()
        self.lines.cut()
        stored: dict[str, Any] = self.engine.snapshot()
        self.engine = MatchingEngine.restore(stored)

    async def _print_newest(self, symbol: Symbol, now_us: int) -> None:
        tick = self.instruments[symbol].tick
        if self._source is None or tick is None:
            return
        price = await self._source.price(symbol, at_us=now_us, tick=tick)
        if price is not None:
            await self.finished.learn(symbol, at_ms=now_us // 1_000)
            self.print(symbol, price)


def _venue_id(symbol: Symbol) -> str:
    return symbol.partition(":")[0].replace("/", "")


def _ignore(_: object) -> None:
    """Hear nothing: no protocol listens yet."""
