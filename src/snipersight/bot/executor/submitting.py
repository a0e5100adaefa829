"""From an approval to entries at the venue: everything asked, all of it journaled, then sent."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from snipersight.bot.executor.books import TradeBooks
from snipersight.bot.executor.desk import Desk
from snipersight.bot.executor.ledger_following import release_entry
from snipersight.bot.executor.managing.entries import first_intents, why_void
from snipersight.bot.executor.order_checks import (
    enforce_max_position_risk,
    validate_order_parameters,
)
from snipersight.bot.executor.safeguards import (
    FiredSignals,
    check_duplicate_order,
    check_kill_switch,
    check_mode,
    prevent_double_fire,
)
from snipersight.bot.executor.sending import Courier
from snipersight.bot.executor.staging import stage
from snipersight.bot.executor.trade_file import TradeFile, file_of
from snipersight.bot.executor.venue_health import VenueHealth
from snipersight.domain.decision import Approved, Check
from snipersight.domain.errors import (
    LeaseLost,
    OrderRefused,
    StateUnavailable,
    VenueStopped,
    VenueUnavailable,
)
from snipersight.domain.execution import ManagementRules, Mode, OrderIntent, Trade, TradeId
from snipersight.domain.instrument import MarketKind
from snipersight.domain.ledger import EntryId, EntryState, LedgerEntry, Origin
from snipersight.domain.orders import Quote, VenuePosition
from snipersight.domain.plan import TradePlan
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Symbol
from snipersight.risk.breakers.equity_marks import marked_equity
from snipersight.risk.breakers.standing import settle
from snipersight.risk.breakers.trading_state import trading_state
from snipersight.risk.ledger.order_records import record_intent


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What became of an approval that was to be executed; truthy if its entries were sent.

    Args:
        check: `submitted`, or the safeguard that refused it; nothing was sent then, and the
            budget was given back.
        trade: as it is journaled; None where it was refused.
    """

    check: Check
    trade: Trade | None = None

    def __bool__(self) -> bool:
        """Return whether entries were journaled and sent."""
        return self.trade is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """By which terms an executor submits.

    Args:
        rules: how trades are managed.
        fired: remembers signals; None: what `register_fired_signals` was given.
        window_minutes: in which a market and side is entered once.
        confirmed: the account that a person named for live trading; None: nobody did.
    """

    rules: ManagementRules = field(default_factory=ManagementRules)
    fired: FiredSignals | None = None
    window_minutes: int = 15
    confirmed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Market:
    """What the venue says of a market before it is entered."""

    quote: Quote
    positions: tuple[VenuePosition, ...]


class Submitter:
    """Puts approved plans on, one at a time for each market.

    Args:
        desk: account and venue.
        books: its trades.
        courier: sends.
        health: of the venue.
        terms: by which it submits.
    """

    def __init__(
        self,
        desk: Desk,
        books: TradeBooks,
        courier: Courier,
        health: VenueHealth,
        *,
        terms: Terms,
    ) -> None:
        self._desk: Final = desk
        self._books: Final = books
        self._courier: Final = courier
        self._health: Final = health
        self._terms: Final = terms
        self._locks: Final[defaultdict[Symbol, asyncio.Lock]] = defaultdict(asyncio.Lock)

    def staged(self, approved: Approved, entry: LedgerEntry | None, *, mode: Mode) -> Trade:
        """Return the trade of an approval; nothing is stored or sent.

        Raises:
            OrderRefused: the approval reserved nothing, or its market is not this venue's.
        """
        self._require_here(approved)
        plan, venue = approved.plan, self._desk.venue
        return stage(
            plan,
            approved,
            account_id=self._desk.account_id,
            venue=venue.name,
            environment=venue.environment,
            mode=mode,
            rules=self._terms.rules,
            instrument=self._desk.instrument(plan.symbol),
            now_us=self._desk.clock(),
            cost_per_unit=None if entry is None else entry.cost_per_unit,
        )

    def entries_of(self, trade: Trade) -> tuple[OrderIntent, ...]:
        """Return the orders that a trade begins with, about to leave."""
        now_us = self._desk.clock()
        intents = first_intents(
            trade,
            instrument=self._desk.instrument(trade.symbol),
            abilities=self._desk.venue.capabilities(trade.symbol),
            now_us=now_us,
        )
        return tuple(replace(one, sent_us=now_us) for one in intents)

    async def submit(self, approved: Approved, *, mode: Mode) -> Submission:
        """Ask every safeguard, journal trade and entries in one transaction, and send them.

        What is refused gives its budget back.

        Raises:
            LeaseLost: another executor has taken over.
            OrderRefused: it is no approval, reserved nothing, or is for another venue.
            StateUnavailable: the store cannot be read or written; nothing was sent.
        """
        _require_approval(approved)
        entry_id = EntryId(str(approved.reservation_id))
        async with self._locks[approved.plan.symbol]:
            done = await self._submit(approved, entry_id, mode)
            if isinstance(done, Submission):
                return done
            await self._give_back(entry_id, done)
            return Submission(check=done)

    async def _submit(
        self, approved: Approved, entry_id: EntryId, mode: Mode
    ) -> Submission | Check:
        """Return what was sent, or the safeguard that refused it.

        Books and venue are asked at the same time, and the books again in the transaction that
        journals the trade: what is asked before it keeps the venue from being set up in vain.
        """
        self._require_here(approved)
        early = self._asked_first(mode)
        if early is not None:
            return early
        asking = asyncio.create_task(self._market(approved.plan))
        try:
            looked = await self._desk.view(
                lambda unit: self._staged(unit, approved, entry_id, mode)
            )
            if isinstance(looked, Check):
                return looked
            market = await asking
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        if isinstance(market, Check):
            return market
        trade, intents = looked
        refused = await self._set_up(trade, intents, market)
        return refused if refused is not None else await self._send(trade, intents)

    def _staged(
        self, unit: UnitOfWork, approved: Approved, entry_id: EntryId, mode: Mode
    ) -> tuple[Trade, tuple[OrderIntent, ...]] | Check:
        """Return the trade with its entries, or the refusal that the books are enough for."""
        trade = self.staged(approved, unit.entry(entry_id), mode=mode)
        intents = self.entries_of(trade)
        if not intents:
            return _no(
                "below_minimum", f"{trade.size} is too small for an order that can be closed"
            )
        refused = self._refusal(unit, trade, intents)
        return (trade, intents) if refused is None else refused

    async def _set_up(
        self, trade: Trade, intents: tuple[OrderIntent, ...], market: _Market
    ) -> Check | None:
        """Make the market ready for entries; return what refuses that."""
        refused = _first(self._market_checks(trade, intents, market))
        return await self._prepared(trade) if refused is None else refused

    def _require_here(self, approved: Approved) -> None:
        plan, venue = approved.plan, self._desk.venue
        if plan.venue != venue.name:
            raise OrderRefused(
                f"the plan is for {plan.venue}, and this executor trades on {venue.name}",
                where=f"{plan.symbol} {plan.plan_id}",
                next_step="execute it with the account of that venue",
            )

    def _asked_first(self, mode: Mode) -> Check | None:
        """Return the refusal of what needs neither books nor venue to be seen; None: there is none."""
        check = check_mode(
            mode,
            self._desk.venue.environment,
            account_id=self._desk.account_id,
            confirmed=self._terms.confirmed,
        )
        if not check:
            return check
        if self._health.is_stopped:
            name = self._desk.venue.name
            return _no("venue_stopped", f"{name} refuses us: {self._health.why}")
        return None

    async def _market(self, plan: TradePlan) -> _Market | Check:
        """Return what the venue says of the market, or the refusal if it does not answer."""
        try:
            quote, positions = await asyncio.gather(
                self._desk.venue.quote(plan.symbol), self._positions(plan)
            )
        except (VenueUnavailable, VenueStopped) as error:
            return _no("venue_unavailable", str(error))
        return _Market(quote=quote, positions=positions)

    async def _positions(self, plan: TradePlan) -> tuple[VenuePosition, ...]:
        if plan.market is MarketKind.SPOT:
            return ()
        return await self._desk.venue.positions()

    def _refusal(
        self, unit: UnitOfWork, trade: Trade, intents: tuple[OrderIntent, ...]
    ) -> Check | None:
        """Return the first safeguard that refuses a trade as the books are now; None if none does."""
        standing = settle(unit.account.standing, at_us=self._desk.clock())
        entry = unit.entry(trade.entry_id)
        return _first(
            (
                check_kill_switch(unit.book.kill_switch(), trading_state(standing.tripped)),
                _has_reservation(entry, trade),
                check_duplicate_order(
                    trade,
                    live=unit.book.live_trades(),
                    entries=unit.live_entries(),
                    is_executed=any(unit.book.intent(one.client_id) is not None for one in intents),
                ),
                enforce_max_position_risk(
                    trade,
                    equity=marked_equity(standing),
                    policy=self._desk.policy,
                    instrument=self._desk.instrument(trade.symbol),
                    quote_rate=Decimal(1) if entry is None else entry.quote_rate,
                ),
            )
        )

    def _market_checks(
        self, trade: Trade, intents: tuple[OrderIntent, ...], market: _Market
    ) -> tuple[Check, ...]:
        """Return the safeguards that go by what the venue says."""
        instrument = self._desk.instrument(trade.symbol)
        return (
            check_duplicate_order(trade, live=(), positions=market.positions),
            _is_alive(trade, market.quote),
            *(validate_order_parameters(one.request, instrument, market.quote) for one in intents),
        )

    def _fired(self, unit: UnitOfWork, trade: Trade) -> Check | None:
        answer = prevent_double_fire(
            trade.symbol,
            trade.direction.value,
            self._terms.window_minutes,
            fired=self._terms.fired,
            unit=unit,
        )
        return _no(answer.code, answer.sentence) if answer else None

    async def _prepared(self, trade: Trade) -> Check | None:
        """Set margin and leverage; the lock on the market keeps others out meanwhile."""
        answer = await self._desk.venue.prepare(trade.symbol, leverage=trade.leverage)
        self._health.note(answer, at_us=self._desk.clock())
        problem = answer.problem
        if problem is None:
            return None
        words = f"{problem.code} {problem.text}".strip()
        return _no("not_prepared", f"isolated margin and leverage could not be set: {words}")

    async def _send(self, trade: Trade, intents: tuple[OrderIntent, ...]) -> Submission | Check:
        def work(unit: UnitOfWork) -> Check | TradeFile:
            refused = self._refusal(unit, trade, intents)
            if refused is None:
                # Last: whoever claims and is refused could not try again within the window.
                refused = self._fired(unit, trade)
            if refused is not None:
                return refused
            clerk = self._desk.clerk()
            unit.book.save_trade(trade)
            for intent in intents:
                unit.book.save_intent(intent)
                record_intent(unit, intent, at_us=clerk.at_us(unit), actor=clerk.actor)
            return file_of(unit, trade)

        stored = await self._desk.transact(work)
        if isinstance(stored, Check):
            return stored
        self._books.learn(stored)
        await self._courier.settle([self._courier.place((one,)) for one in intents])
        count = f"{len(intents)} entries" if len(intents) > 1 else "one entry"
        sentence = f"{count} in {trade.symbol} sent"
        check = Check(code="submitted", passed=True, sentence=sentence)
        return Submission(check=check, trade=trade)

    async def _give_back(self, entry_id: EntryId, check: Check) -> None:
        """Release the budget of what was refused; the reconciler does it where this cannot."""

        def work(unit: UnitOfWork) -> None:
            if unit.book.trade(TradeId(entry_id)) is None:
                why = f"not submitted: {check.code}"
                release_entry(unit, self._desk.clerk(), entry_id, why=why)

        try:
            await self._desk.transact(work)
        except LeaseLost:
            raise
        except StateUnavailable:
            return  # a reservation without a trade is released within a minute of reconciling


def _require_approval(approved: object) -> None:
    """Refuse, at run time too, what did not pass the gate.

    Raises:
        OrderRefused: it is no approval, or reserved no budget.
    """
    if isinstance(approved, Approved) and approved.reservation_id is not None:
        return
    what = "reserved no budget" if isinstance(approved, Approved) else "is no approval"
    raise OrderRefused(
        f"what was handed over {what}",
        next_step="let the risk gate approve the plan first, with a reservation",
    )


def _first(checks: Iterable[Check]) -> Check | None:
    """Return the first check that failed; None if none did."""
    return next((one for one in checks if not one), None)


def _has_reservation(entry: LedgerEntry | None, trade: Trade) -> Check:
    held = "nothing" if entry is None else f"an entry that is {entry.state}"
    is_held = (
        entry is not None
        and entry.state is EntryState.RESERVED
        and entry.origin is Origin.EXECUTED
        and entry.pending_size == trade.size
    )
    if is_held:
        return Check(code="reservation", passed=True, sentence="its budget is reserved")
    return _no("no_reservation", f"the ledger holds {held} for {trade.trade_id}")


def _is_alive(trade: Trade, quote: Quote) -> Check:
    """Return whether price has come neither to the first target nor to the stop meanwhile."""
    why = why_void(trade, quote)
    return Check(code="void", passed=not why, sentence=why or "the plan may still be entered")


def _no(code: str, sentence: str) -> Check:
    return Check(code=code, passed=False, sentence=sentence)
