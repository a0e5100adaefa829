"""Compares our books with the venue's whole book, does what follows from it, and says what it did.

Nothing is touched but what carries our prefix. What cannot be explained is quarantined: its
entries end, its stop stays, and a person is told.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Final

from snipersight.bot.executor.actions import Alarm
from snipersight.bot.executor.alarms import tell
from snipersight.bot.executor.booking import Booker
from snipersight.bot.executor.books import Look, TradeBooks
from snipersight.bot.executor.desk import Desk
from snipersight.bot.executor.reconciling.foreign import foreign_positions, uncounted_text
from snipersight.bot.executor.reconciling.funding import FundingRounds
from snipersight.bot.executor.reconciling.gaps import (
    Gap,
    VenueBook,
    as_exit,
    gap_of,
    is_unsure,
    strangers,
    taken,
)
from snipersight.bot.executor.reconciling.late_fills import (
    ended_lately,
    late_fills,
    may_come_late,
    reopen,
)
from snipersight.bot.executor.reconciling.loose_budget import release_loose
from snipersight.bot.executor.reconciling.margin import changed_margin
from snipersight.bot.executor.reconciling.orphans import SortedOrders, sort_orders
from snipersight.bot.executor.reconciling.outcome import Reconciled
from snipersight.bot.executor.sending import Courier
from snipersight.bot.executor.situations import holding_in
from snipersight.bot.executor.trade_file import Changes, Cleared, Quarantined, TradeFile
from snipersight.bot.executor.venue_health import VenueHealth
from snipersight.domain.errors import (
    LeaseLost,
    StateUnavailable,
    UnknownSymbol,
    VenueStopped,
    VenueUnavailable,
)
from snipersight.domain.execution import Trade, TradeId, TradeState
from snipersight.domain.orders import VenueOrder
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import plain
from snipersight.risk.ledger.foreign_positions import ForeignSync, sync_foreign
from snipersight.risk.ledger.order_records import record_reconciled

Tend = Callable[[Collection[Trade]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The venue's answers to one comparison."""

    orders: tuple[VenueOrder, ...]
    book: VenueBook


class Reconciler:
    """Compares books and venue; asked at start-up and every so many cycles.

    Args:
        desk: account and venue.
        books: its trades.
        courier: sends.
        booker: books what is adopted.
        health: of the venue.
        tend: looks after trades, so that all evidence is in before a difference is believed.
    """

    def __init__(
        self,
        desk: Desk,
        books: TradeBooks,
        courier: Courier,
        booker: Booker,
        health: VenueHealth,
        *,
        tend: Tend,
    ) -> None:
        self._desk: Final = desk
        self._books: Final = books
        self._courier: Final = courier
        self._booker: Final = booker
        self._health: Final = health
        self._tend: Final = tend
        self._funding: Final = FundingRounds(booker, desk.clock)
        self._gaps: Final[dict[TradeId, tuple[Decimal, int]]] = {}
        self._balance: Decimal | None = None

    async def reconcile(self) -> Reconciled:
        """Compare once, act on what is sure, and wait with what may still explain itself.

        Returns:
            What was found; incomplete where the venue did not answer or the store went away, with
            what was done until then.

        Raises:
            LeaseLost: another executor has taken over.
        """
        said: list[str] = []
        try:
            return await self._reconcile(said)
        except LeaseLost:
            raise
        except (VenueUnavailable, VenueStopped) as error:
            said.append(f"{self._desk.venue.name} could not be asked: {error}")
        except StateUnavailable as error:
            said.append(f"the store could not be used: {error}")
        return Reconciled(sentences=tuple(said), is_complete=False, is_settled=False)

    async def _reconcile(self, said: list[str]) -> Reconciled:
        """Compare once, and add what is found to `said` as it is found."""
        asked = await self._ask()
        look = await self._books.look()
        if not look.is_stored or self._books.is_behind:
            raise StateUnavailable("it is away, and what happened since is not in it yet")
        said += await self._cancel_orphans(asked)
        said += await self._reopen_late(asked, look)
        for file in look.files:
            said += await self._compare_trade(file, asked.book)
        for over in self._gaps.keys() - {file.trade.trade_id for file in look.files}:
            del self._gaps[over]
        said += await self._watch_balance(asked.book, look)
        foreign = await self._sync_foreign(asked, said)
        said += await self._release_loose()
        orders = await self._sorted(asked)
        return Reconciled(
            sentences=tuple(said),
            foreign_orders=len(orders.foreign),
            foreign_positions=foreign,
            is_settled=not self._gaps,
        )

    async def _ask(self) -> _Asked:
        orders = await self._desk.venue.open_orders()
        book = await self._book_again()
        self._health.note_well(at_us=book.asked_us)
        return _Asked(orders=orders, book=book)

    async def _sorted(self, asked: _Asked) -> SortedOrders:
        positions = asked.book.positions
        return await self._desk.view(lambda unit: sort_orders(unit, asked.orders, positions))

    async def _cancel_orphans(self, asked: _Asked) -> list[str]:
        said = []
        for order in (await self._sorted(asked)).orphans:
            answer = await self._desk.venue.cancel(
                order.symbol, order.client_id, is_conditional=order.kind.is_conditional
            )
            became = "cancelled" if answer else "asked to be cancelled, and the venue refused"
            said.append(
                f"order {order.client_id} in {order.symbol} belonged to no live trade: {became}"
            )
            await self._record(
                "", "orphan_cancelled" if answer else "orphan", order=order.client_id
            )
        return said

    async def _compare_trade(self, file: TradeFile, book: VenueBook) -> list[str]:
        try:
            if may_come_late(file, now_us=self._desk.clock()):
                await self._book_late(file)
            said = await self._compare(file, book)
        except UnknownSymbol as error:
            return [str(error)]
        await self._funding.book(file.trade)
        return [*said, *await self._compare_margin(file, book)]

    async def _book_late(self, file: TradeFile) -> None:
        """Book what orders did that were given up: it is held, and needs its stop."""
        with suppress(VenueUnavailable, VenueStopped):
            if await self._booker.book(file):
                await self._tend([file.trade])

    async def _compare(self, file: TradeFile, book: VenueBook) -> list[str]:
        """Compare one trade with the venue's position, and adopt what explains a difference."""
        if is_unsure(file):
            return []
        if self._gap(file, book) is None:
            return await self._clear(file)
        await self._tend([file.trade])
        try:
            book = await self._book_again()
        except (VenueUnavailable, VenueStopped):
            return []
        known = (await self._books.look(file.trade.trade_id)).file(file.trade.trade_id)
        if known is None:
            self._gaps.pop(file.trade.trade_id, None)
        if known is None or is_unsure(known):
            return []
        gap = self._gap(known, book)
        return await self._clear(known) if gap is None else await self._explain(known, gap)

    async def _explain(self, file: TradeFile, gap: Gap) -> list[str]:
        said = await self._adopt(file, gap) if gap.missing > 0 else []
        if said:
            await self._tend([file.trade])
            self._gaps.pop(file.trade.trade_id, None)
            return said
        return await self._wait_or_quarantine(file, gap)

    def _gap(self, file: TradeFile, book: VenueBook) -> Gap | None:
        instrument = self._desk.instrument(file.trade.symbol)
        return gap_of(file, holding_in(self._desk, file), book, instrument)

    async def _book_again(self) -> VenueBook:
        venue, asked_us = self._desk.venue, self._desk.clock()
        positions, balances = await venue.positions(), await venue.balances()
        return VenueBook(asked_us=asked_us, positions=positions, balances=balances)

    async def _clear(self, file: TradeFile) -> list[str]:
        self._gaps.pop(file.trade.trade_id, None)
        if file.trade.state is not TradeState.QUARANTINED:
            return []
        changes = Changes(
            trade_id=file.trade.trade_id, at_us=self._desk.clock(), verdicts=(Cleared(),)
        )
        await self._books.write(changes)
        await self._record(file.trade.trade_id, "cleared")
        return [f"{file.trade.symbol}: books and venue agree again"]

    async def _adopt(self, file: TradeFile, gap: Gap) -> list[str]:
        """Book executions that were not ours as exits, as far as something is missing."""
        try:
            fills = await self._booker.fills_since(file)
        except (VenueUnavailable, VenueStopped):
            return []
        missing, said = gap.missing, []
        for fill in strangers(file, fills):
            if missing <= 0:
                break
            part = taken(fill, missing)
            market = self._desk.instrument(file.trade.symbol)
            if await self._booker.store(file.trade, as_exit(part, file.trade, market)):
                missing -= part.size
                said.append(
                    f"{file.trade.symbol}: {plain(part.size)} left the position at "
                    f"{plain(part.price)} by no order of ours (by hand, or liquidated); booked"
                )
                await self._record(
                    file.trade.trade_id,
                    "adopted",
                    fill_id=part.fill_id,
                    size=plain(part.size),
                    price=plain(part.price),
                )
        if said:
            await self._tell(file, f"execution:adopted:{file.trade.trade_id}:{gap.held}", said[0])
        return said

    async def _wait_or_quarantine(self, file: TradeFile, gap: Gap) -> list[str]:
        """Give a difference the venue's window to explain itself; then let a person look."""
        now_us, trade = self._desk.clock(), file.trade
        difference = gap.actual - gap.held
        known, since_us = self._gaps.get(trade.trade_id, (difference, now_us))
        if known != difference:
            since_us = now_us
        self._gaps[trade.trade_id] = (difference, since_us)
        abilities, timings = self._desk.venue.capabilities(trade.symbol), self._desk.timings
        window_us = max(abilities.lookup_us, timings.lookup_retry_us)
        if now_us - since_us < window_us:
            return []
        shown = f"the venue holds {plain(gap.actual)}, our orders explain {plain(gap.held)}"
        why = f"{shown} (nobody's executions tell the difference)"
        if trade.state is TradeState.QUARANTINED and trade.note.endswith(why):
            return []
        text = (
            f"{trade.symbol}: {shown}. Entries are cancelled, what is ours stays protected. Look at "
            "the venue; close what is not ours there, or `snipersight flatten` the trade."
        )
        changes = Changes(trade_id=trade.trade_id, at_us=now_us, verdicts=(Quarantined(why=why),))
        alarm = Alarm(subject=f"quarantine:{trade.trade_id}:{difference}", text=text)
        await self._books.write(changes, alarms=(alarm,))
        await self._record(
            trade.trade_id, "quarantined", held=plain(gap.held), actual=plain(gap.actual)
        )
        await self._tend([trade])
        return [f"{trade.symbol}: {shown}; quarantined"]

    async def _compare_margin(self, file: TradeFile, book: VenueBook) -> list[str]:
        """Tell of leverage or margin mode that somebody changed by hand."""
        position, trade = book.position(file.trade), file.trade
        if position is None:
            return []
        found = changed_margin(trade, position)
        if not found:
            return []
        text = f"{trade.symbol}: {' and '.join(found)}; somebody changed it by hand."
        if not await self._tell(file, f"execution:margin:{trade.trade_id}:{found}", text):
            return []
        await self._record(trade.trade_id, "margin_changed", found="; ".join(found))
        return [text]

    async def _watch_balance(self, book: VenueBook, look: Look) -> list[str]:
        """Block entries while the account's money is gone from the venue."""
        currency = await self._desk.view(lambda unit: unit.account.currency)
        total = book.balance(currency)
        before, self._balance = self._balance, total
        if total > 0 or (not book.balances and not look.files):
            self._health.block("")
            return []
        had = before is not None and before > 0
        if not had and not look.files:
            return []
        text = (
            f"{self._desk.venue.name} shows no {currency} any more. Nothing is entered until it "
            "does; look at the venue whether it was moved."
        )
        self._health.block(text)
        return [text] if await self._tell(None, f"execution:balance:{book.asked_us}", text) else []

    async def _sync_foreign(self, asked: _Asked, said: list[str]) -> int:
        """Let the ledger count positions that are not ours; return how many there are.

        One that cannot be valued is told of. Its market cannot be entered: whoever submits asks
        the venue for positions, and any one bars the market.
        """

        def work(unit: UnitOfWork) -> tuple[int, ForeignSync]:
            foreign = foreign_positions(unit, self._desk, asked.book)
            synced = sync_foreign(
                unit,
                self._desk.clerk(),
                foreign,
                venue=self._desk.venue.name,
                instruments=self._desk.instruments,
                rates=self._desk.quote_rates,
            )
            return len(foreign), synced

        count, synced = await self._desk.transact(work)
        for one in synced.uncounted:
            text = uncounted_text(one)
            if await self._tell(None, f"execution:uncounted:{one.symbol}:{one.direction}", text):
                said.append(text)
        return count

    async def _release_loose(self) -> list[str]:
        clerk, venue = self._desk.clerk(), self._desk.venue.name
        loose = await self._desk.transact(lambda unit: release_loose(unit, clerk, venue=venue))
        return [
            f"{one.symbol}: budget of plan {one.plan_id} was never used, and is released"
            for one in loose
        ]

    async def _reopen_late(self, asked: _Asked, look: Look) -> list[str]:
        """Take up again trades whose orders were filled after all evidence had ended them."""
        busy = {file.trade.symbol for file in look.files}
        held = {one.symbol for one in asked.book.positions}
        now_us = self._desk.clock()
        ended = await self._desk.view(
            lambda unit: ended_lately(unit, held=held, busy=busy, now_us=now_us)
        )
        said = []
        for file in ended:
            fills = await self._booker.fills_since(file)
            late = late_fills(file, fills)
            if not late:
                continue
            await self._desk.transact(partial(reopen, trade=file.trade))
            self._books.doubt(file.trade.trade_id)
            await self._booker.book(file, heard=late)
            await self._record(file.trade.trade_id, "reopened", fills=str(len(late)))
            await self._tend([file.trade])
            said.append(f"{file.trade.symbol}: an order was filled after its end; it is closed")
        return said

    async def _record(self, subject: str, event: str, **details: str) -> None:
        def work(unit: UnitOfWork) -> None:
            clerk = self._desk.clerk()
            record_reconciled(
                unit, subject, event, at_us=clerk.at_us(unit), actor=clerk.actor, **details
            )

        await self._desk.transact(work)

    async def _tell(self, file: TradeFile | None, subject: str, text: str) -> bool:
        at_us = self._desk.clock()
        alarm = Alarm(subject=subject, text=text)
        return await self._desk.transact(lambda unit: tell(unit, alarm, at_us=at_us))
