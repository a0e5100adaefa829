"""Carries out an approval: everything is asked again at that moment, then the orders leave."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from snipersight.bootstrap.books import Books
from snipersight.bootstrap.executing import Executed
from snipersight.bootstrap.operating.decided import UNASKED
from snipersight.bootstrap.operating.drift import drift_refusal
from snipersight.bootstrap.operating.ideas import Idea, idea_refusal, read_idea
from snipersight.bootstrap.operating.markets import MarketLook, PlanMarket
from snipersight.bootstrap.operating.records import Outcome, Settling, done, refused
from snipersight.bootstrap.operating.trading import Trading
from snipersight.bot.executor.ledger_following import release_entry
from snipersight.domain import wording as texts
from snipersight.domain.commands import Command
from snipersight.domain.decision import Check
from snipersight.domain.errors import DataInvalid, VenueUnavailable
from snipersight.domain.execution import Mode, Trade, TradeId, TradeState
from snipersight.domain.instrument import parse_symbol
from snipersight.domain.ledger import EntryState, LedgerEntry, Origin
from snipersight.domain.plan import TradePlan
from snipersight.domain.store import DecisionStore, UnitOfWork
from snipersight.risk.ledger.work import Clerk
from snipersight.storage.commands import StoredCommand

_SHOWN: Final = 3  # reasons of a refusal; the audit holds all of them
_NEVER_FILLED: Final = "its entry orders ended without a fill; a plan is traded once"
_BROKEN_OFF: Final = "an approval was broken off before its orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRules:
    """What an approval is held to.

    Args:
        minutes: how old a signal may be; 0: as old as its plan may get.
        max_drift_r: how far price may have run away from the zone since, in stop distances.
        asks: whether a person has to approve; else what another process left is executed too.
    """

    minutes: int
    max_drift_r: Decimal
    asks: bool = False


class Approving:
    """Executes approved plans, each once.

    Args:
        books: of the account.
        store: what is written goes through it: fenced by the executor's lease.
        trading: sends the orders.
        market: looks at the plan's market.
        rules: what an approval is held to.
    """

    def __init__(
        self,
        books: Books,
        *,
        store: DecisionStore,
        trading: Trading,
        market: PlanMarket,
        rules: ApprovalRules,
    ) -> None:
        self._books: Final = books
        self._store: Final = store
        self._trading: Final = trading
        self._market: Final = market
        self._rules: Final = rules
        self._rehearses: Final = trading.mode is Mode.DRY_RUN

    async def __call__(self, stored: StoredCommand, settling: Settling) -> Outcome:
        """Return what became of an approval; orders left only if it is done.

        Raises:
            ConfigInvalid: no such plan was judged, or its profile is gone.
            LeaseLost: another process executes the account now.
            StateUnavailable: the store cannot be used; it can be done again.
        """
        idea = await asyncio.to_thread(
            read_idea, self._books, stored.command.subject, rehearses=self._rehearses
        )
        sent = await asyncio.to_thread(self._sent_before, idea.plan)
        if sent is not None:
            return self._known(sent, idea.plan)
        why_not = self._refusal_of_asker(stored.command) or self._refusal_of_idea(idea)
        if why_not:
            return refused(why_not, idea.plan)
        return await self._at_these_markets(idea)

    async def _at_these_markets(self, idea: Idea) -> Outcome:
        plan = idea.plan
        try:
            look = await self._market.look(
                plan, quote_volume=idea.quote_volume, price_of=self._trading.price
            )
        except (DataInvalid, VenueUnavailable) as error:
            return refused(f"its market cannot be looked at: {error.what}", plan)
        why_not = self._refusal_of_market(idea, look)
        if why_not:
            return refused(why_not, plan)
        executed = await self._trading.execute(plan, look.seen)
        return self._outcome(executed)

    def _refusal_of_asker(self, command: Command) -> str:
        """Return why a plan that a process left to this one is not executed; empty if it is."""
        if command.actor != UNASKED:
            return ""
        if self._rules.asks:
            return "another process left it without asking, and here a person has to approve"
        meant = command.arguments.get("mode")
        if meant != self._trading.mode.value:
            return (
                f"it was left to be executed as {meant}, and this process is {self._trading.mode}"
            )
        return ""

    def _refusal_of_idea(self, idea: Idea) -> str:
        return idea_refusal(
            idea, now_us=self._books.ports.clock(), approval_minutes=self._rules.minutes
        )

    def _refusal_of_market(self, idea: Idea, look: MarketLook) -> str:
        if look.over:
            return f"the plan is over: {look.over}"
        facts = look.seen.markets.get(idea.plan.symbol)
        price = None if facts is None or facts.reference is None else facts.reference.price
        if price is None or not (price.is_finite() and price > 0):
            return f"no present price of {idea.plan.symbol} is known"
        return drift_refusal(
            idea.plan, told=idea.told_price, now=price, most_r=self._rules.max_drift_r
        )

    def _sent_before(self, plan: TradePlan) -> Trade | None:
        """Return the trade of a plan that was executed, and give back what a crash left reserved.

        Whoever was killed between the reservation and the orders left budget behind that would
        refuse the plan now.
        """
        ports = self._books.ports

        def read(unit: UnitOfWork) -> tuple[tuple[LedgerEntry, Trade | None], ...]:
            entries = unit.entries_of_plan(plan.plan_id)
            return tuple((one, unit.book.trade(TradeId(one.entry_id))) for one in entries)

        known = self._store.view(ports.account_id, read)
        sent = [trade for _entry, trade in known if trade is not None]
        if sent:
            return sent[-1]
        for entry, _trade in () if self._rehearses else known:
            if entry.state is EntryState.RESERVED and entry.origin is Origin.EXECUTED:
                self._give_back(entry)
        return None

    def _give_back(self, entry: LedgerEntry) -> None:
        ports = self._books.ports

        def work(unit: UnitOfWork) -> Check | None:
            clerk = Clerk(now_us=ports.clock(), actor="executor", policy=ports.policy)
            if unit.book.trade(TradeId(entry.entry_id)) is not None:
                return None
            return release_entry(unit, clerk, entry.entry_id, why=_BROKEN_OFF)

        self._store.transact(ports.account_id, work)

    def _known(self, sent: Trade, plan: TradePlan) -> Outcome:
        """Return what became of a plan whose trade is in the books already."""
        if sent.state is TradeState.DONE and sent.opened_us is None:
            return refused(_NEVER_FILLED, plan)
        return done(self._sent_words(sent), plan)

    def _outcome(self, executed: Executed) -> Outcome:
        if executed.trade is None:
            return refused(_why(executed.refused), executed.plan)
        return done(self._sent_words(executed.trade), executed.plan)

    def _sent_words(self, trade: Trade) -> str:
        base = parse_symbol(trade.symbol)[0]
        what = f"entry orders for {texts.size_text(trade.size)} {base}"
        if self._trading.mode is Mode.DRY_RUN:
            return f"{what} were written to the log, none was sent (dry run)."
        return f"{what} were sent ({self._trading.mode})."


def _why(checks: tuple[Check, ...]) -> str:
    told = [f"{check.sentence} ({check.code})".strip() for check in checks]
    more = len(told) - _SHOWN
    return "nothing was sent: " + "; ".join(told[:_SHOWN]) + (f"; {more} more" if more > 0 else "")
