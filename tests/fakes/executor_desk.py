"""A desk to execute plans at: an account in memory or SQLite, a gate, a venue in memory, a clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any, TypeVar

from snipersight.bot.executor.desk import Desk
from snipersight.bot.executor.safeguards import FiredSignals
from snipersight.bot.executor.submitting import Submission, Terms
from snipersight.bot.executor.trades import Staged, TradeExecutor
from snipersight.domain.direction import Direction
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.execution import ManagementRules, Mode, OrderIntent, Trade
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.plan import TradePlan
from snipersight.domain.store import DecisionStore, UnitOfWork
from snipersight.domain.units import Symbol
from snipersight.risk.manager import RiskManager
from tests.builders import a_plan, an_instrument
from tests.builders.ledger import DECIDED_AT_US, a_policy, market_facts
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store
from tests.fakes.risk_desk import FIVE, seen, symbol_of
from tests.fakes.scripted_venue import ACCOUNT, Clock, ScriptedVenue

T = TypeVar("T")
BTC = symbol_of("BTC")
LAST = "42550"  # what plans are made at: 300 before the near edge of a long


class MemoryJournal:
    """A `FallbackJournal` in memory.

    Attributes:
        error: raised by every append, and by clearing, while set.
    """

    def __init__(self) -> None:
        self.records: list[Mapping[str, object]] = []
        self.error: StateUnavailable | None = None

    def append(self, record: Mapping[str, object]) -> None:
        if self.error is not None:
            raise self.error
        self.records.append(dict(record))

    def pending(self) -> tuple[Mapping[str, object], ...]:
        return tuple(self.records)

    def clear(self, known: int) -> bool:
        if self.error is not None:
            raise self.error
        if len(self.records) > known:
            return False
        self.records.clear()
        return True


class MemorySignals:
    """Implements `RecentSignals` by a clock of its own."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.fired: dict[tuple[str, str, Direction], int] = {}

    def claim(
        self,
        account_id: str,
        symbol: str,
        direction: Direction,
        *,
        window_us: int,
        by: str,
        unit: UnitOfWork | None = None,
    ) -> bool:
        key = account_id, symbol, direction
        last = self.fired.get(key)
        if last is not None and self.clock() < last + window_us:
            return False
        self.fired[key] = self.clock()
        return True


async def at_once(function: Callable[..., T], /, *arguments: Any) -> T:
    """Run what may block, in the loop itself: tests are told apart by nothing but their order."""
    return function(*arguments)


class ExecutorDesk:
    """Everything that an executor needs, and the executor.

    Args:
        assets: markets; perpetuals unless `spot`.
        store: the account's; in memory if not given.
        rules: how trades are managed.
    """

    def __init__(
        self,
        *assets: str,
        store: DecisionStore | None = None,
        rules: ManagementRules | None = None,
        spot: bool = False,
        instrument: Mapping[str, Any] | None = None,
        policy: Mapping[str, Any] | None = None,
        venue: Mapping[str, Any] | None = None,
        terms: Mapping[str, Any] | None = None,
        desk: Mapping[str, Any] | None = None,
    ) -> None:
        self.clock = Clock(DECIDED_AT_US)
        names = assets or ("BTC",)
        self.symbols = [f"{name}/USDT" if spot else symbol_of(name) for name in names]
        kept = {"maker": "0.0002", "taker": "0.0005"} | dict(instrument or {})
        self.markets = {Symbol(one): an_instrument(one, **kept) for one in self.symbols}
        self.venue = ScriptedVenue(
            list(self.markets.values()), self.clock, **({"balance": "1000000"} | dict(venue or {}))
        )
        for symbol in self.symbols:
            self.venue.price(symbol, LAST)
        self.store: Any = store if store is not None else a_memory_store()
        self.journal = MemoryJournal()
        self.signals = MemorySignals(self.clock)
        self.policy = a_policy(**({"slippage_fraction": "0"} | FIVE | dict(policy or {})))
        self.terms = Terms(
            rules=rules or ManagementRules(),
            fired=FiredSignals(signals=self.signals, account_id=ACCOUNT),
            **(terms or {}),
        )
        self._desk_options = dict(desk or {})
        self.desk = self._new_desk()
        self.executor = self._new_executor()

    @property
    def symbol(self) -> str:
        """Return the first market."""
        return self.symbols[0]

    def _new_desk(self) -> Desk:
        options: dict[str, Any] = {"in_thread": at_once, "patience_us": 50_000}
        options |= self._desk_options
        return Desk(
            account_id=ACCOUNT,
            venue=self.venue,
            store=self.store,
            journal=self.journal,
            clock=self.clock,
            policy=self.policy,
            instruments=self.markets,
            **options,
        )

    def _new_executor(self) -> TradeExecutor:
        return TradeExecutor(self.desk, gate=self.gate(), terms=self.terms, reconcile_every=1)

    def gate(self) -> RiskManager:
        """Return a risk manager that has observed the markets as they are now."""
        manager = RiskManager(
            account_id=ACCOUNT,
            store=self.store,
            clock=self.clock,
            policy=self.policy,
            actor="executor",
        )
        markets = {symbol: market_facts(one) for symbol, one in self.markets.items()}
        with suppress(StateUnavailable):  # it refuses every plan then
            manager.observe(seen(markets=markets))
        return manager

    def restarted_gate(self) -> TradeExecutor:
        """Return an executor like this one whose gate has seen the markets as they are now."""
        self.executor._gate = self.gate()  # type: ignore[misc]
        return self.executor

    def restarted(self) -> TradeExecutor:
        """Return another executor on the same store, journal and venue, as after a crash."""
        self.desk = self._new_desk()
        self.executor = self._new_executor()
        return self.executor

    def plan(self, symbol: str | None = None, **values: Any) -> TradePlan:
        """Return a plan that risks 1 % of 10,000."""
        side = values.pop("direction", Direction.LONG)
        return a_plan(side, symbol=symbol or self.symbol, cost=values.pop("cost", "0"), **values)

    def stage(self, plan: TradePlan | None = None, mode: Mode = Mode.PAPER) -> Staged:
        """Let the gate approve a plan."""
        staged = self.executor.stage_order(plan or self.plan(), mode)
        assert isinstance(staged, Staged), [one for one in staged.checks if not one]
        return staged

    async def put_on(self, plan: TradePlan | None = None) -> Submission:
        """Stage and submit a plan."""
        staged = self.stage(plan)
        return await self.executor.submit_order(staged.approved, mode=Mode.PAPER)

    def price(self, price: str, symbol: str | None = None, **values: Any) -> None:
        """Print a trade."""
        self.venue.price(symbol or self.symbol, price, **values)

    async def cycle(self, *, seconds: float = 1) -> None:
        """Let time pass, and look after everything once."""
        self.clock.advance(seconds)
        await self.executor.cycle()

    async def cycles(self, count: int, *, seconds: float = 1) -> None:
        """Look after everything several times."""
        for _ in range(count):
            await self.cycle(seconds=seconds)

    def ask(self, question: Callable[[UnitOfWork], T]) -> T:
        """Return an answer of the store."""
        answer: T = self.store.view(ACCOUNT, question)
        return answer

    @property
    def trades(self) -> tuple[Trade, ...]:
        """Return every trade, newest first."""
        return self.ask(lambda unit: unit.book.trades())

    @property
    def trade(self) -> Trade:
        """Return the only trade."""
        (trade,) = self.trades
        return trade

    def intents(self, trade: Trade | None = None) -> tuple[OrderIntent, ...]:
        """Return the orders of a trade."""
        which = (trade or self.trade).trade_id
        return self.ask(lambda unit: unit.book.intents(which))

    def entry(self, trade: Trade | None = None) -> LedgerEntry:
        """Return the ledger entry of a trade."""
        which = (trade or self.trade).entry_id
        entry = self.ask(lambda unit: unit.entry(which))
        assert entry is not None
        return entry

    def position(self, symbol: str | None = None) -> Decimal:
        """Return what the venue holds in a market, signed."""
        wanted = symbol or self.symbol
        found = [one for one in self.venue.engine.positions(ACCOUNT) if one.symbol == wanted]
        return sum((one.direction.sign * one.size for one in found), Decimal(0))

    def open_stops(self, symbol: str | None = None) -> Decimal:
        """Return what open stop orders at the venue would close."""
        orders = self.venue.engine.orders(ACCOUNT, symbol=Symbol(symbol or self.symbol))
        return sum((one.size - one.filled_size for one in orders if one.kind.is_stop), Decimal(0))

    def told(self) -> list[str]:
        """Return the triggers of every alert that was stored, oldest first."""
        queue = self.store.queue if isinstance(self.store, MemoryDecisionStore) else ()
        return [str(one.payload["trigger"]) for one in queue if one.payload["kind"] == "alert"]
