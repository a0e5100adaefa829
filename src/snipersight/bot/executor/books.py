"""The trades of an account as they are stored, with what could not be stored yet.

While the store is away nothing that enters is journaled, and what protects or reduces goes on: it
is kept here and in a small file, and written to the store once that is back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

from snipersight.bot.executor import fallback
from snipersight.bot.executor.actions import Alarm, Finish
from snipersight.bot.executor.alarms import resolved_alarm, tell
from snipersight.bot.executor.desk import Desk
from snipersight.bot.executor.kept_records import KeptRecords
from snipersight.bot.executor.kill_latch import latch
from snipersight.bot.executor.ledger_following import follow, release_entry, write_off
from snipersight.bot.executor.remembering import Look, TradeMemory
from snipersight.bot.executor.trade_file import Changes, TradeFile, after, file_of, read_file
from snipersight.domain.errors import DataInvalid, LeaseLost, StateUnavailable
from snipersight.domain.execution import IntentState, KillSwitch, Leg, OrderIntent, Trade, TradeId
from snipersight.domain.store import UnitOfWork
from snipersight.risk.breakers.standing import settle
from snipersight.risk.breakers.trading_state import trading_state
from snipersight.risk.ledger.order_records import record_intent
from snipersight.risk.ledger.work import Clerk

__all__ = ["Look", "TradeBooks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unsaved:
    """Changes that the store does not have yet, with what is to be told of them."""

    changes: Changes
    alarms: tuple[Alarm, ...] = ()


class TradeBooks:
    """Reads and writes the trades of one account.

    Args:
        desk: whose, and where.

    Attributes:
        is_unjournaled: the newest order that protects could be written nowhere at all.
    """

    def __init__(self, desk: Desk) -> None:
        self.is_unjournaled = False
        self._desk: Final = desk
        self._memory: Final = TradeMemory()
        self._numbers: Final = count(1)
        self._unsaved: list[_Unsaved] = []
        self._unsaved_kill: KillSwitch | None = None
        self._kept: Final = KeptRecords(desk)

    @property
    def is_behind(self) -> bool:
        """Return whether something waits for the store to come back."""
        return bool(self._unsaved) or self._unsaved_kill is not None

    @property
    def known(self) -> Look:
        """Return the account as it was last read, with what was written since; nothing is read."""
        return self._with_unsaved(self._memory.look)

    async def recall(self, trade_id: TradeId) -> Look:
        """Return a trade as it was read or written within the last second, else as it is now.

        Nobody else writes what trades are while the lease is held; what another process may ask
        for (a pulled kill switch, a close) is seen a second later at most.

        Raises:
            LeaseLost: another executor has taken over.
            StateUnavailable: the store is away and was never read.
        """
        if self._memory.is_fresh(trade_id, at_us=self._desk.clock()):
            return self._with_unsaved(self._memory.look.of(trade_id))
        return await self.look(trade_id)

    def doubt(self, trade_id: TradeId) -> None:
        """Have a trade read before it is next needed: something of it was written elsewhere."""
        self._memory.doubt(trade_id)

    async def look(self, only: TradeId | None = None) -> Look:
        """Return the account's live trades and what it may do, as it is now.

        While the store is away, what was last known with everything that happened since.

        Args:
            only: of the trades, this one alone; None: all of them.

        Raises:
            LeaseLost: another executor has taken over.
            StateUnavailable: the store is away and was never read.
        """
        began, at_us = self._memory.now, self._desk.clock()
        try:
            stored = await self._desk.view(lambda unit: self._read(unit, only))
        except LeaseLost:
            raise
        except StateUnavailable:
            if not self._memory.has_read:
                raise
            return self._with_unsaved(replace(self._memory.look.of(only), is_stored=False))
        return self._with_unsaved(self._memory.take(stored, only, began=began, at_us=at_us))

    def learn(self, file: TradeFile) -> None:
        """Take note of a trade that was just let in: the store may be away before it is read."""
        self._memory.let_in(file)

    async def write(self, changes: Changes, *, alarms: tuple[Alarm, ...] = ()) -> TradeFile | None:
        """Store what was learnt and decided of a trade, in one transaction.

        Where the store is away, what enters nothing is kept for later; what must not be lost is
        in the fallback journal when this returns.

        Returns:
            The trade after it; None if the store knows no such trade.

        Raises:
            LeaseLost: another executor has taken over.
            StateUnavailable: an entry could not be journaled, or nothing can be written at all.
        """
        waiting = tuple(self._unsaved)
        mine, at_us = _Unsaved(changes=changes, alarms=alarms), self._desk.clock()

        def work(unit: UnitOfWork) -> tuple[int, TradeFile | None]:
            return next(self._numbers), self._write_all(unit, (*waiting, mine))

        try:
            number, file = await self._desk.transact(work)
        except LeaseLost:
            raise
        except StateUnavailable:
            if any(one.leg is Leg.ENTRY for one in changes.journaled):
                raise
            return await self._keep(mine)
        if file is not None:
            self._memory.write(file, number=number, at_us=at_us)
        await self._forget(waiting)
        return file

    async def tell(self, alarm: Alarm) -> None:
        """Store an alarm of the account; while the store is away nobody can be told.

        Raises:
            LeaseLost: another executor has taken over.
        """
        at_us = self._desk.clock()
        try:
            await self._desk.transact(lambda unit: tell(unit, alarm, at_us=at_us))
        except LeaseLost:
            raise
        except StateUnavailable:
            return

    async def flush(self) -> bool:
        """Write what waits for the store; True once nothing does.

        Raises:
            LeaseLost: another executor has taken over.
        """
        with suppress(StateUnavailable, DataInvalid):  # `recover` says so, and every append
            self._adopt(await self._kept.news())
        waiting, kill = tuple(self._unsaved), self._unsaved_kill
        if not waiting and kill is None:
            await self._forget(())
            return True

        def work(unit: UnitOfWork) -> None:
            if kill is not None:
                latch(unit, self._desk.clerk(), kill)
            self._write_all(unit, waiting)

        try:
            await self._desk.transact(work)
        except LeaseLost:
            raise
        except StateUnavailable:
            return False
        if self._unsaved_kill == kill:  # else a stronger one came meanwhile
            self._unsaved_kill = None
        await self._forget(waiting)
        return True

    async def recover(self) -> int:
        """Take over what an earlier process left in the fallback journal; return how much.

        Raises:
            DataInvalid: a record cannot be read.
            StateUnavailable: the journal cannot be read.
        """
        records = await self._kept.news()
        self._adopt(records)
        return len(records)

    async def keep_kill(self, switch: KillSwitch) -> None:
        """Hold to a kill switch that the store could not take.

        Raises:
            StateUnavailable: the fallback journal could not take it either; it holds all the same
                as long as this process lives.
        """
        self._unsaved_kill = switch
        await self._kept.append(fallback.kill_record(switch))

    def _adopt(self, records: Iterable[Mapping[str, object]]) -> None:
        for record in records:
            changes, kill = fallback.changes_of(record), fallback.kill_of(record)
            if changes is not None:
                self._unsaved.append(_Unsaved(changes=changes))
            if kill is not None:
                self._unsaved_kill = kill

    def _read(self, unit: UnitOfWork, only: TradeId | None) -> Look:
        trades = unit.book.live_trades() if only is None else _live(unit.book.trade(only))
        standing = settle(unit.account.standing, at_us=self._desk.clock())
        return Look(
            files=tuple(file_of(unit, trade) for trade in trades if self._is_here(trade)),
            kill=unit.book.kill_switch(),
            state=trading_state(standing.tripped),
        )

    def _is_here(self, trade: Trade) -> bool:
        venue = self._desk.venue
        return (trade.venue, trade.environment) == (venue.name, venue.environment)

    def _with_unsaved(self, look: Look) -> Look:
        files = look.files
        for one in self._unsaved:
            files = tuple(
                after(file, one.changes) if file.trade.trade_id == one.changes.trade_id else file
                for file in files
            )
        live = tuple(file for file in files if file.trade.state.is_live)
        return replace(look, files=live, kill=look.kill or self._unsaved_kill)

    def _write_all(self, unit: UnitOfWork, waiting: tuple[_Unsaved, ...]) -> TradeFile | None:
        file = None
        for one in waiting:
            file = _write(unit, self._desk.clerk(), one.changes)
            for alarm in one.alarms:
                tell(unit, alarm, at_us=one.changes.at_us)
        return file

    async def _keep(self, unsaved: _Unsaved) -> TradeFile | None:
        """Keep changes until the store is back, and return the trade with them."""
        self._unsaved.append(unsaved)
        if fallback.must_survive(unsaved.changes):
            await self._journal(fallback.changes_record(unsaved.changes))
        return self.known.file(unsaved.changes.trade_id)

    async def _journal(self, record: dict[str, object]) -> None:
        try:
            await self._kept.append(record)
            self.is_unjournaled = False
        except StateUnavailable:
            # Neither store nor file: a position without its stop is worse than an order that only
            # its id explains. It is kept here, and cancelled as an orphan should this process die.
            self.is_unjournaled = True

    async def _forget(self, written: tuple[_Unsaved, ...]) -> None:
        for one in written:
            self.doubt(one.changes.trade_id)
        self._unsaved = [one for one in self._unsaved if one not in written]
        with suppress(StateUnavailable):  # what is stored twice changes nothing more
            await self._kept.clear(unless=lambda: self.is_behind)


def _live(trade: Trade | None) -> tuple[Trade, ...]:
    return () if trade is None or not trade.state.is_live else (trade,)


def _write(unit: UnitOfWork, clerk: Clerk, changes: Changes) -> TradeFile | None:
    before = read_file(unit, changes.trade_id)
    if before is None:
        return None
    file = after(before, _without_entries_if_killed(unit, changes))
    _save_intents(unit, clerk, before, file)
    if file.trade != before.trade:
        unit.book.save_trade(file.trade)
    if changes.releases_rest:
        release_entry(unit, clerk, file.trade.entry_id, why="no entry is open any more")
    follow(unit, clerk, file.trade)
    finishes = [one for one in changes.verdicts if isinstance(one, Finish)]
    if finishes:
        release_entry(unit, clerk, file.trade.entry_id, why=finishes[0].why)
        write_off(unit, clerk, file.trade)
    return file


def _without_entries_if_killed(unit: UnitOfWork, changes: Changes) -> Changes:
    """Return changes without new entries where the kill switch was pulled since they were decided."""
    enters = any(one.leg is Leg.ENTRY for one in changes.journaled)
    if not enters or unit.book.kill_switch() is None:
        return changes
    exits = tuple(one for one in changes.journaled if one.leg is not Leg.ENTRY)
    return replace(changes, journaled=exits)


def _save_intents(unit: UnitOfWork, clerk: Clerk, before: TradeFile, file: TradeFile) -> None:
    known = {one.client_id: one for one in before.intents}
    for intent in file.intents:
        stored = known.get(intent.client_id)
        if intent == stored:
            continue
        unit.book.save_intent(intent)
        if stored is None or _is_worth_a_record(stored, intent):
            record_intent(unit, intent, at_us=clerk.at_us(unit), actor=clerk.actor)
        alarm = None if stored is None else resolved_alarm(stored, intent)
        if alarm is not None:
            tell(unit, alarm, at_us=clerk.at_us(unit))


def _is_worth_a_record(before: OrderIntent, now: OrderIntent) -> bool:
    """Return whether an order came to its end with this, or is known to be without a sure answer."""
    has_ended = before.state.is_open and not now.state.is_open
    return has_ended or (now.state is IntentState.UNKNOWN and before.state is not now.state)
