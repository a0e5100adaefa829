"""The kill switch: latched in the store first, then every entry cancelled, then, if asked, all closed."""

from __future__ import annotations

import asyncio
from typing import Final

from snipersight.bot.executor.actions import Flatten
from snipersight.bot.executor.books import Look, TradeBooks
from snipersight.bot.executor.client_ids import parse_client_id
from snipersight.bot.executor.desk import Desk
from snipersight.bot.executor.evidence import CancelAsked
from snipersight.bot.executor.kill_latch import latch, mark_done, unlatch
from snipersight.bot.executor.sending import Courier
from snipersight.bot.executor.situations import holding_in
from snipersight.bot.executor.trade_file import Changes, TradeFile
from snipersight.domain.errors import LeaseLost, StateUnavailable, VenueStopped, VenueUnavailable
from snipersight.domain.execution import KillSwitch, Leg, OrderIntent, Trade, TradeState
from snipersight.domain.orders import VenueOrder
from snipersight.domain.store import UnitOfWork

_WHY: Final = "kill switch"


class KillWork:
    """Pulls the switch, works until the venue confirms, and re-arms.

    Args:
        desk: account and venue.
        books: its trades.
        courier: sends the cancels.
    """

    def __init__(self, desk: Desk, books: TradeBooks, courier: Courier) -> None:
        self._desk: Final = desk
        self._books: Final = books
        self._courier: Final = courier

    async def pull(self, *, flatten: bool, actor: str, reason: str) -> KillSwitch:
        """End all entries from now on; cancels of what works are under way when this returns.

        Pulling it again changes nothing, but that `flatten` may be added.

        Args:
            flatten: close every position of ours too.
            actor: who pulled it.
            reason: why; may be empty.

        Raises:
            LeaseLost: another executor has taken over.
            StateUnavailable: neither store nor fallback journal took it; it holds while this
                process lives, and the cancels were sent.
        """
        switch = KillSwitch(
            flatten=flatten, since_us=self._desk.clock(), actor=actor, reason=reason
        )
        problem = None
        try:
            clerk = self._desk.clerk()
            switch = await self._desk.transact(lambda unit: latch(unit, clerk, switch))
        except LeaseLost:
            raise
        except StateUnavailable:
            problem = await self._keep(switch)
        try:
            look = await self._books.look()
        except LeaseLost:
            raise
        except StateUnavailable:
            await self._cancel_by_prefix()
        else:
            await self.cancel_entries(look)
        if problem is not None:
            raise problem
        return switch

    async def carry_out(self) -> KillSwitch | None:
        """Cancel at once what a pulled switch ends; nothing, and None, where none is pulled.

        Unlike `pull` it latches nothing: a switch that somebody re-armed meanwhile stays so.

        Raises:
            LeaseLost: another executor has taken over.
            StateUnavailable: the store is away and was never read.
        """
        look = await self._books.look()
        if look.kill is not None:
            await self.cancel_entries(look)
        return look.kill

    async def cancel_entries(self, look: Look) -> int:
        """Ask for the cancel of every entry that may be open, all at once; return how many.

        No trade's round is waited for: it may hang in a request of its own.
        """
        entries = [one for file in look.files for one in open_entries(file)]
        tasks = [self._courier.cancel(one) for one in entries]
        await asyncio.gather(*(self._note_asked(file) for file in look.files))
        await self._courier.settle(tasks)
        return len(entries)

    async def work_on(self, look: Look) -> None:
        """Do what a pulled switch still asks for; nothing where none is pulled or it is done.

        Raises:
            LeaseLost: another executor has taken over.
        """
        switch = look.kill
        if switch is None or switch.done_us is not None:
            return
        if switch.flatten:
            await self._flatten(look.files)

    async def finish(self, look: Look) -> bool:
        """Note that a pulled switch is done, once the venue shows it; return whether it is.

        Raises:
            LeaseLost: another executor has taken over.
        """
        switch = look.kill
        if switch is None or not look.is_stored:
            return False
        if switch.done_us is not None:
            return True
        if not await self._is_confirmed(look, switch):
            return False

        venue = self._desk.venue

        def is_here(trade: Trade) -> bool:
            return (trade.venue, trade.environment) == (venue.name, venue.environment)

        def work(unit: UnitOfWork) -> bool:
            return mark_done(unit, self._desk.clerk(), switch, is_confirmed=is_here)

        try:
            return await self._desk.transact(work)
        except LeaseLost:
            raise
        except StateUnavailable:
            return False

    async def rearm(self, *, actor: str) -> bool:
        """Allow entries again, with the halt that the switch brought; False if it was not pulled.

        Raises:
            StateUnavailable: the store cannot be written; the switch holds.
        """
        await self._books.flush()
        return await self._desk.transact(
            lambda unit: unlatch(unit, self._desk.clerk(), actor=actor)
        )

    async def _cancel_by_prefix(self) -> None:
        """Cancel every entry at the venue that carries our prefix: the books cannot be read."""
        venue = self._desk.venue
        try:
            orders = await venue.open_orders()
        except (VenueUnavailable, VenueStopped):
            return  # the switch holds; the cycles that follow cancel by the books
        entries = [one for one in orders if _is_entry(one)]
        await asyncio.gather(
            *(
                venue.cancel(one.symbol, one.client_id, is_conditional=one.kind.is_conditional)
                for one in entries
            )
        )

    async def _keep(self, switch: KillSwitch) -> StateUnavailable | None:
        try:
            await self._books.keep_kill(switch)
        except StateUnavailable as error:
            return error
        return None

    async def _note_asked(self, file: TradeFile) -> None:
        asked = tuple(CancelAsked(client_id=one.client_id) for one in open_entries(file))
        if asked:
            changes = Changes(trade_id=file.trade.trade_id, at_us=self._desk.clock(), facts=asked)
            await self._books.write(changes)

    async def _flatten(self, files: tuple[TradeFile, ...]) -> None:
        for file in files:
            if file.trade.exit_reason or file.trade.state is TradeState.EXITING:
                continue
            changes = Changes(
                trade_id=file.trade.trade_id,
                at_us=self._desk.clock(),
                verdicts=(Flatten(why=_WHY),),
            )
            await self._books.write(changes)

    def _may_hold(self, file: TradeFile) -> bool:
        """Return whether a trade holds something; in a market without rules nobody can tell."""
        if file.trade.symbol not in self._desk.instruments:
            return True
        return holding_in(self._desk, file).held > 0

    async def _is_confirmed(self, look: Look, switch: KillSwitch) -> bool:
        """Return whether the venue shows no entry of ours, and, if asked, no position."""
        if any(open_entries(file) for file in look.files):
            return False
        if switch.flatten and any(self._may_hold(file) for file in look.files):
            return False
        try:
            orders = await self._desk.venue.open_orders()
        except (VenueUnavailable, VenueStopped):
            return False
        return not any(_is_entry(one) for one in orders)


def open_entries(file: TradeFile) -> tuple[OrderIntent, ...]:
    """Return a trade's entries that may be, or become, orders in the book."""
    return tuple(one for one in file.intents if one.leg is Leg.ENTRY and one.state.is_open)


def _is_entry(order: VenueOrder) -> bool:
    parts = parse_client_id(order.client_id)
    return parts is not None and parts.leg is Leg.ENTRY
