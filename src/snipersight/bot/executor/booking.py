"""Books the venue's fills and funding: each with the ledger, its record and its notice in one go."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from snipersight.bot.executor.actions import Alarm
from snipersight.bot.executor.alarms import tell
from snipersight.bot.executor.books import TradeBooks
from snipersight.bot.executor.desk import Desk
from snipersight.bot.executor.fees import booked_fill, needs_rate
from snipersight.bot.executor.ledger_following import follow
from snipersight.bot.executor.trade_file import TradeFile
from snipersight.domain.decision import Check
from snipersight.domain.errors import LeaseLost, SniperSightError, StateUnavailable
from snipersight.domain.execution import BookedFill, Leg, OrderIntent, Trade, TradeId
from snipersight.domain.instrument import MarketKind
from snipersight.domain.orders import Fill, FundingPayment, Side
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Currency, Symbol, plain
from snipersight.risk.ledger import execution_work

_LATE_US: Final = 600_000_000  # a venue may list a fill this long after a later one
_BEFORE_US: Final = 60_000_000  # clocks differ
_KNOWN: Final = "known_fill"


class Booker:
    """Asks for fills and books those of our orders; one that was booked is not booked twice.

    Args:
        desk: whose, and where.
        books: kept up to date.
    """

    def __init__(self, desk: Desk, books: TradeBooks) -> None:
        self._desk: Final = desk
        self._books: Final = books
        self._refused: Final[dict[tuple[TradeId, str, Side], int]] = {}

    async def book(self, file: TradeFile, *, heard: Iterable[Fill] = ()) -> int:
        """Book every fill of a trade's orders that is not booked yet; return how many were.

        What the store cannot take now is booked in a later round.

        Args:
            file: the trade.
            heard: fills that the stream told of.

        Raises:
            LeaseLost: another executor has taken over.
            VenueUnavailable: the venue does not say.
            VenueStopped: it refuses us.
        """
        told = await self.fills_since(file)
        known = {(one.fill.fill_id, one.fill.side) for one in file.fills}
        count = 0
        # An order of ours that is filled by another one of ours makes two fills of one id.
        news = {(one.fill_id, one.side): one for one in (*heard, *told)}
        for fill in sorted(news.values(), key=_when):
            intent = _order_of(file, fill)
            if intent is None or (fill.fill_id, fill.side) in known:
                continue
            booked = await self._as_booked(fill, file.trade, intent)
            count += await self.store(file.trade, booked)
        return count

    async def fills_since(self, file: TradeFile) -> tuple[Fill, ...]:
        """Return the market's executions that may be news for a trade.

        Raises:
            VenueUnavailable: the venue does not say.
            VenueStopped: it refuses us.
        """
        newest = max((one.fill.at_us for one in file.fills), default=None)
        start_us = file.trade.created_us - _BEFORE_US
        since_us = start_us if newest is None else max(start_us, newest - _LATE_US)
        return await self._desk.venue.fills(file.trade.symbol, since_us=since_us)

    async def store(self, trade: Trade, booked: BookedFill) -> bool:
        """Book one fill in one transaction; False if it was booked, or the store is away.

        Raises:
            LeaseLost: another executor has taken over.
        """

        def work(unit: UnitOfWork) -> Check:
            clerk = self._desk.clerk()
            if booked.leg is Leg.ENTRY:
                check = execution_work.book_entry_fill(unit, clerk, booked)
            else:
                check = execution_work.book_exit_fill(unit, clerk, booked)
            follow(unit, clerk, unit.book.trade(trade.trade_id) or trade)
            if not check and check.code != _KNOWN:
                self._doubt(unit, booked, check)
            return check

        try:
            return bool(await self._desk.transact(work))
        except LeaseLost:
            raise
        except StateUnavailable:
            return False  # the next round asks for it again
        finally:
            self._books.doubt(trade.trade_id)

    def _doubt(self, unit: UnitOfWork, booked: BookedFill, check: Check) -> None:
        """Tell of an execution that the ledger cannot take, if that goes on.

        The exit may be listed before the entry; what is not booked keeps its trade from ending.
        """
        fill, now_us = booked.fill, self._desk.clock()
        key = booked.trade_id, fill.fill_id, fill.side
        since_us = self._refused.setdefault(key, now_us)
        if now_us - since_us < self._desk.venue.capabilities(fill.symbol).lookup_us:
            return
        text = (
            f"{fill.symbol}: execution {fill.fill_id} ({fill.side} {plain(fill.size)} at "
            f"{plain(fill.price)}) of trade {booked.trade_id} cannot be booked: {check.sentence}. "
            "The ledger lacks it; compare it with the venue's history."
        )
        about = f"{booked.trade_id}:{fill.fill_id}:{fill.side}"
        tell(unit, Alarm(subject=f"execution:unbooked:{about}", text=text), at_us=now_us)

    async def book_funding(self, trade: Trade) -> int:
        """Book what a perpetual position paid and got since it was opened; return how much was new.

        Raises:
            LeaseLost: another executor has taken over.
            VenueUnavailable: the venue does not say.
            VenueStopped: it refuses us.
        """
        if trade.market is not MarketKind.PERPETUAL or trade.opened_us is None:
            return 0
        # From its beginning: it may have been filled, and paid, before anybody told of that.
        payments = await self._desk.venue.funding(trade.symbol, since_us=trade.created_us)
        return sum([await self._store_funding(trade, one) for one in payments])

    async def _store_funding(self, trade: Trade, payment: FundingPayment) -> bool:
        def work(unit: UnitOfWork) -> bool:
            clerk = self._desk.clerk()
            return bool(execution_work.book_funding(unit, clerk, trade.trade_id, payment))

        try:
            return await self._desk.transact(work)
        except LeaseLost:
            raise
        except StateUnavailable:
            return False

    async def _as_booked(self, fill: Fill, trade: Trade, intent: OrderIntent) -> BookedFill:
        instrument = self._desk.instrument(trade.symbol)
        rate = None
        if needs_rate(fill, instrument):
            rate = await self._rate(fill.fee_currency, instrument.quote)
        return booked_fill(
            fill,
            instrument,
            trade_id=trade.trade_id,
            client_id=intent.client_id,
            leg=intent.leg,
            rate=rate,
        )

    async def _rate(self, currency: Currency, quote: Currency) -> Decimal | None:
        """Return what a fee's currency is worth in quote currency; None where nobody says."""
        symbol = next(
            (one for one in _pairs(currency, quote) if one in self._desk.instruments), None
        )
        if symbol is None:
            return None
        try:
            return (await self._desk.venue.quote(symbol)).last
        except SniperSightError:
            return None  # the instrument's fee fraction stands in for it


def _pairs(currency: Currency, quote: Currency) -> tuple[Symbol, Symbol]:
    return Symbol(f"{currency}/{quote}"), Symbol(f"{currency}/{quote}:{quote}")


def _order_of(file: TradeFile, fill: Fill) -> OrderIntent | None:
    if fill.symbol != file.trade.symbol:
        return None
    by_id = file.intent(fill.client_id) if fill.client_id else None
    if by_id is not None or not fill.venue_id:
        return by_id
    return next((one for one in file.intents if one.venue_id == fill.venue_id), None)


def _when(fill: Fill) -> tuple[int, str]:
    return fill.at_us, fill.fill_id
