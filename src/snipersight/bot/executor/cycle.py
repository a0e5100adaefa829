"""One cycle of an account: every live trade is brought to rest, killing goes on, books compared."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine
from dataclasses import replace
from typing import Any, Final

from snipersight.bot.executor.actions import Alarm
from snipersight.bot.executor.books import Look, TradeBooks
from snipersight.bot.executor.desk import Desk
from snipersight.bot.executor.gathering import OpenOrders, Prices
from snipersight.bot.executor.listening import Ears
from snipersight.bot.executor.tending import News, TradeKeeper
from snipersight.bot.executor.trade_file import Changes, TradeFile
from snipersight.domain.errors import SniperSightError, StateUnavailable
from snipersight.domain.execution import IntentState, Trade, TradeId
from snipersight.domain.units import Symbol

CONCURRENCY: Final = 8
_FEW: Final = 3  # up to here each market's price is asked for apart
_SECOND_US: Final = 1_000_000
_DOUBLINGS: Final = 8

Before = Callable[[Look], Awaitable[None]]
Finally = Callable[[Look], Awaitable[bool]]


class Cycle:
    """Looks after all live trades of an account, several at a time.

    Args:
        desk: account and venue.
        books: its trades.
        keeper: looks after one trade.
        ears: what the stream told.
        before, finally_: done in every whole cycle, before the trades and after them; the latter
            says whether it may have changed anything.
        concurrency: most trades at the same time.
    """

    def __init__(
        self,
        desk: Desk,
        books: TradeBooks,
        keeper: TradeKeeper,
        ears: Ears,
        *,
        before: Before,
        finally_: Finally,
        concurrency: int = CONCURRENCY,
    ) -> None:
        self._desk: Final = desk
        self._books: Final = books
        self._keeper: Final = keeper
        self._ears: Final = ears
        self._before: Final = before
        self._finally: Final = finally_
        self._concurrency: Final = concurrency
        self._urgent: Final = asyncio.Semaphore(concurrency)
        self._turns: Final[dict[TradeId, asyncio.Task[None]]] = {}
        self._misses: Final[dict[TradeId, int]] = {}

    async def run(self) -> Look:
        """Look after everything once, and return the account as it is then.

        Raises:
            LeaseLost: another executor has taken over.
            StateUnavailable: the store is away and was never read.
        """
        await self._books.flush()
        look = await self._books.look()
        await self._before(look)
        await self._give_turns([file.trade for file in look.files])
        look = await self._books.look()
        return await self._books.look() if await self._finally(look) else look

    async def heed(self, symbol: Symbol) -> None:
        """Look at once after the trade of a market that the stream told of.

        May run beside a whole cycle: what protects a fill must not wait for other trades.

        Args:
            symbol: of the market.

        Raises:
            LeaseLost: another executor has taken over.
            StateUnavailable: the store is away and was never read.
        """
        async with self._urgent:
            is_reminder = self._ears.is_due(symbol)
            orders, fills = self._ears.take(symbol)
            news = News(heard=orders, fills=fills, is_hint=not is_reminder)
            for trade in await self._in_market(symbol):
                await self._tend_one(trade, news)

    async def tend(self, trades: Collection[Trade]) -> None:
        """Look after some trades once."""
        await self._tend(trades)

    async def _in_market(self, symbol: Symbol) -> list[Trade]:
        known = [one.trade for one in self._books.known.files if one.trade.symbol == symbol]
        if known:
            return known
        files = (await self._books.look()).files
        return [one.trade for one in files if one.trade.symbol == symbol]

    async def _give_turns(self, trades: Collection[Trade]) -> None:
        """Look after every trade, without waiting for long for one whose requests hang.

        Such a turn goes on beside the next cycle, in which the trade gets no other one.
        """
        self._collect()
        due = [one for one in trades if one.trade_id not in self._turns]
        if not due:
            return
        turns = {
            trade.trade_id: asyncio.create_task(turn) for trade, turn in await self._turns_of(due)
        }
        self._turns.update(turns)
        longest_s = self._desk.timings.poll_us / _SECOND_US
        try:
            await asyncio.wait(turns.values(), timeout=longest_s)
        except asyncio.CancelledError:
            await self.end()
            raise
        self._collect()

    async def end(self) -> None:
        """Break off every turn that is still under way."""
        turns = list(self._turns.values())
        self._turns.clear()
        for turn in turns:
            turn.cancel()
        await asyncio.gather(*turns, return_exceptions=True)

    def _collect(self) -> None:
        for trade_id in [one for one, turn in self._turns.items() if turn.done()]:
            self._turns.pop(trade_id).result()

    async def _tend(self, trades: Collection[Trade]) -> None:
        if trades:
            await asyncio.gather(*(turn for _, turn in await self._turns_of(trades)))

    async def _turns_of(
        self, trades: Collection[Trade]
    ) -> list[tuple[Trade, Coroutine[Any, Any, None]]]:
        """Ask what all trades need to know, and return a turn for each, the most urgent first."""
        seen, prices = await asyncio.gather(self._open_orders(trades), self._prices(trades))
        gate = asyncio.Semaphore(self._concurrency)
        # What lies without a stop comes first.
        urgent_first = sorted(trades, key=lambda one: one.uncovered_since_us is None)
        told = News(orders=seen, prices=prices)
        return [(trade, self._in_turn(trade, told, gate)) for trade in urgent_first]

    async def _in_turn(self, trade: Trade, told: News, gate: asyncio.Semaphore) -> None:
        async with gate:
            orders, fills = self._ears.take(trade.symbol)
            mine = None if told.orders is None else told.orders.of(trade.symbol)
            await self._tend_one(trade, replace(told, orders=mine, heard=orders, fills=fills))

    async def _tend_one(self, trade: Trade, news: News) -> None:
        is_all = False
        try:
            is_all = await self._keeper.tend(trade.trade_id, news)
        except StateUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  one trade must not leave the others alone
            await self._tell(trade, error)
        file = (await self._books.recall(trade.trade_id)).file(trade.trade_id)
        misses = 0 if is_all or file is None else self._misses.get(trade.trade_id, 0) + 1
        self._misses.pop(trade.trade_id, None)
        if misses:
            self._misses[trade.trade_id] = misses
        if file is not None and (misses or _is_restless(file)):
            # Something is tried again after a pause, and no event may come to tell.
            self._ears.remind(trade.symbol, after_s=self._pause_s(file, misses))

    def _pause_s(self, file: TradeFile, misses: int) -> float:
        """Return when to look again: soon, less so at a venue that was asked in vain for long."""
        timings = self._desk.timings
        pause_us = timings.retry_us
        if not _is_restless(file):
            pause_us = min(timings.retry_us << min(misses - 1, _DOUBLINGS), timings.poll_us)
        return pause_us / _SECOND_US

    async def _tell(self, trade: Trade, error: Exception) -> None:
        text = (
            f"Looking after {trade.symbol} ({trade.plan_id}) broke off: {type(error).__name__}: "
            f"{error}. It is tried again in every cycle; look at the position at the venue."
        )
        alarm = Alarm(subject=f"execution:broke:{trade.trade_id}:{type(error).__name__}", text=text)
        changes = Changes(trade_id=trade.trade_id, at_us=self._desk.clock())
        await self._books.write(changes, alarms=(alarm,))

    async def _open_orders(self, trades: Collection[Trade]) -> OpenOrders | None:
        """Return the open orders of the account; None where each trade asks for its own."""
        venue, asked_us = self._desk.venue, self._desk.clock()
        alone = min(venue.capabilities(one.symbol).orders_alone for one in trades)
        if len(trades) <= alone:
            return None
        try:
            orders = await venue.open_orders()
        except SniperSightError:
            return None  # each trade asks, and says what is wrong
        return OpenOrders(asked_us=asked_us, orders=orders)

    async def _prices(self, trades: Collection[Trade]) -> Prices | None:
        """Return the prices of all trades' markets; None where each asks for its own."""
        asked_us = self._desk.clock()
        if len(trades) <= _FEW:
            return None
        try:
            quotes = await self._desk.venue.quotes({one.symbol for one in trades})
        except SniperSightError:
            return None
        return Prices(asked_us=asked_us, quotes=quotes)


def _is_restless(file: TradeFile) -> bool:
    """Return whether a trade waits for something that no stream tells: the end of a pause."""
    trade = file.trade
    if trade.uncovered_since_us is not None or trade.exit_reason:
        return True
    return any(
        one.state in (IntentState.JOURNALED, IntentState.UNKNOWN)
        or (one.cancel_us is not None and one.state.is_open)
        for one in file.intents
    )
