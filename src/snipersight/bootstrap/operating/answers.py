"""What people ask the bot, looked up in the store: implements the operator's port `Answers`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.operating.answer_prices import (
    NOTHING_KNOWN,
    Prices,
    PricesOf,
    no_prices,
)
from snipersight.bootstrap.operating.answers_figures import risk_facts, stats_facts
from snipersight.bootstrap.operating.answers_plans import (
    find_plan,
    newest_signals,
    why_facts,
)
from snipersight.bootstrap.operating.answers_trades import (
    hand_facts,
    order_facts,
    position_facts,
)
from snipersight.bootstrap.trade_views import TradeView, trades_of, views_of
from snipersight.bot.operator.facts import (
    OrderFacts,
    PositionFacts,
    RiskFacts,
    RunFacts,
    SignalFacts,
    StatsFacts,
    StatusFacts,
    Unfound,
    WhyFacts,
)
from snipersight.risk.manager import RiskManager

if TYPE_CHECKING:
    from snipersight.bootstrap.books import Books
    from snipersight.domain.evidence import EvidenceStore
    from snipersight.domain.ledger import LedgerEntry
    from snipersight.domain.plan import PlanId
    from snipersight.domain.store import UnitOfWork
    from snipersight.domain.units import Symbol
    from snipersight.risk.manager import RiskStatus

SHOWN: Final = 8  # newest signals
_MOST_TRADES: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSources:
    """Where answers come from.

    Args:
        books: of the account, open.
        evidence: signals and their outcomes; None where none are kept.
        run: what the process is doing; None where nobody knows.
        prices: of the markets of open trades; asked for when somebody looks at these.
    """

    books: Books
    evidence: EvidenceStore | None = None
    run: Callable[[], RunFacts] | None = None
    prices: PricesOf = no_prices


class StoreAnswers:
    """Looks things up for one account; every method may raise `StateUnavailable`.

    Args:
        sources: where.
    """

    def __init__(self, sources: AnswerSources) -> None:
        self._sources: Final = sources
        self._books: Final = sources.books

    def status(self) -> StatusFacts:
        """Return where everything stands."""
        views = self._views()
        ports = self._books.ports
        switch = ports.store.view(ports.account_id, lambda unit: unit.book.kill_switch())
        held = [one for one in views if one.holding.held > 0]
        run = self._sources.run
        return StatusFacts(
            risk=self._risk(),
            switch=switch,
            positions=len(held) + len(self._by_hand(views)),
            waiting=len(views) - len(held),
            unprotected=sum(one.protection == "UNPROTECTED" for one in held),
            orders=sum(one.state.is_open for view in views for one in view.intents),
            run=None if run is None else run(),
        )

    def positions(self) -> tuple[PositionFacts, ...]:
        """Return live trades, executed ones first, then those made by hand."""
        prices = self._sources.prices(self._held())
        views = self._views(prices)
        by_hand = (hand_facts(one, prices) for one in self._by_hand(views))
        return (*map(position_facts, views), *by_hand)

    def orders(self) -> tuple[OrderFacts, ...]:
        """Return orders of ours that wait, by trade."""
        return tuple(
            order_facts(view, intent)
            for view in self._views()
            for intent in view.intents
            if intent.state.is_open
        )

    def signals(self) -> tuple[SignalFacts, ...]:
        """Return the newest approved plans, newest first, one a setup."""
        return newest_signals(self._books, self._sources.evidence, limit=SHOWN)

    def risk(self) -> RiskFacts:
        """Return losses and budget against their limits."""
        return risk_facts(self._risk())

    def stats(self) -> StatsFacts:
        """Return what signals have been worth."""
        return stats_facts(self._sources.evidence)

    def why(self, name: str) -> WhyFacts | Unfound:
        """Return the newest verdict on a plan."""
        return why_facts(self._books, self._sources.evidence, name)

    def plan_id(self, name: str) -> PlanId | Unfound:
        """Return the id of the judged plan that begins so."""
        found = find_plan(self._books, name)
        return found if isinstance(found, Unfound) else found.plan_id

    def _risk(self) -> RiskStatus:
        ports = self._books.ports
        manager = RiskManager(
            account_id=ports.account_id,
            store=ports.store,
            clock=ports.clock,
            policy=ports.policy,
        )
        return manager.status()

    def _held(self) -> frozenset[Symbol]:
        """Return the markets of live trades, executed or made by hand."""
        ports = self._books.ports
        live = ports.store.view(ports.account_id, lambda unit: unit.live_entries())
        return frozenset(one.symbol for one in live)

    def _views(self, prices: Prices = NOTHING_KNOWN) -> tuple[TradeView, ...]:
        def read(unit: UnitOfWork) -> tuple[TradeView, ...]:
            live = trades_of(unit, everything=False, limit=_MOST_TRADES)
            return views_of(unit, live, prices.instruments, prices.quotes)

        ports = self._books.ports
        return ports.store.view(ports.account_id, read)

    def _by_hand(self, views: tuple[TradeView, ...]) -> tuple[LedgerEntry, ...]:
        """Return open entries of the ledger that no executed trade stands behind."""
        ports = self._books.ports
        live = ports.store.view(ports.account_id, lambda unit: unit.live_entries())
        executed = {str(one.trade.entry_id) for one in views}
        return tuple(one for one in live if one.open_size > 0 and str(one.entry_id) not in executed)
