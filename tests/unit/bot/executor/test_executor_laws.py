"""Whatever venue, store and people do: once they leave off, every position is covered or gone."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from decimal import ROUND_DOWN, Decimal
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from snipersight.bot.executor.client_ids import is_ours, parse_client_id
from snipersight.bot.executor.trades import Staged
from snipersight.domain.direction import Direction
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.execution import Leg, Mode, TradeState
from snipersight.domain.orders import ClientOrderId, OrderKind, OrderRequest
from snipersight.domain.units import Currency, Size, Symbol
from snipersight.storage.database import connect_database
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.migrating import migrate
from tests.builders.ledger import DECIDED_AT_US
from tests.fakes.executor_desk import ExecutorDesk
from tests.fakes.scripted_venue import ACCOUNT, Fate

FATES = [one for one in Fate if one is not Fate.WELL]
ASKED = ("submit", "cancel", "order", "open_orders", "fills", "quote", "positions", "prepare")
PRICES = ("41700", "41760", "42000", "42060", "42200", "42260", "42700", "43010", "43700", "44400")
SETTLING = 45  # cycles
EAGER = {"cooldown_us": 1, "max_loss_streak": 1000}  # a loss is no reason to wait


class ExecutorMachine(RuleBasedStateMachine):
    """Two perpetuals, one executor, a venue that lies, a store that goes away, crashes, hands."""

    is_spot = False

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        quick = {"request_us": 3_000, "question_us": 3_000, "patience_us": 1_000}
        self.desk = ExecutorDesk(
            "BTC", "ETH", desk=quick, spot=self.is_spot, policy=EAGER, store=self.open_store()
        )
        self.plans = 0

    def open_store(self) -> Any:
        """Return the account's store; None: one in memory."""
        return None

    def teardown(self) -> None:
        try:
            self.settle()
        finally:
            self.runner.close()

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(coroutine)

    @initialize(sides=st.lists(st.sampled_from(list(Direction)), min_size=2, max_size=2))
    def begin(self, sides: list[Direction]) -> None:
        """Both markets have a trade."""
        for which, side in enumerate(sides):
            self.put_on(which, side)

    @rule(which=st.integers(0, 1), side=st.sampled_from(list(Direction)))
    def put_on(self, which, side) -> None:
        """Another plan is executed, if gate and safeguards let it."""
        symbol = self.desk.symbols[which]
        with suppress(StateUnavailable):
            self.run(self.desk.executor.rearm(actor="person"))
        side = Direction.LONG if self.is_spot else side
        self.plans += 1
        self.desk.signals.fired.clear()
        # Another far edge makes another setup.
        far = Decimal(42050 if side is Direction.LONG else 42450) + Decimal(self.plans) / 100
        plan = self.desk.plan(symbol, direction=side, far=str(far))
        try:
            self.desk.executor = self.desk.restarted_gate()
            staged = self.desk.executor.stage_order(plan, Mode.PAPER)
            if isinstance(staged, Staged):
                self.run(self.desk.executor.submit_order(staged.approved, mode=Mode.PAPER))
        except StateUnavailable:
            return

    @rule(
        which=st.integers(0, 1),
        price=st.sampled_from(PRICES),
        whole=st.booleans(),
        seconds=st.sampled_from([None, 0.1, 1, 30]),
    )
    def move(self, which, price, whole, seconds) -> None:
        """Price moves; a small print fills only part of what it reaches; somebody may look."""
        self.desk.price(price, self.desk.symbols[which], size=None if whole else "0.03")
        if seconds is not None:
            self.cycle(seconds)

    @rule(kind=st.sampled_from(ASKED), fates=st.lists(st.sampled_from(FATES), max_size=3))
    def trouble(self, kind, fates) -> None:
        """The next requests of a kind go wrong."""
        self.desk.venue.script(kind, *fates)

    @rule(seconds=st.sampled_from([0.1, 1, 5, 30]))
    def cycle(self, seconds) -> None:
        """Everything is looked after once."""
        try:
            self.run(self.desk.cycle(seconds=seconds))
        except StateUnavailable:
            return

    @rule()
    def arrive(self) -> None:
        """What was late arrives."""
        self.desk.venue.arrive()

    @rule()
    def crash(self) -> None:
        """The executor dies and another one starts."""
        self.desk.restarted()
        try:
            self.run(self.desk.executor.start())
        except StateUnavailable:
            return

    @rule(is_away=st.booleans())
    def store(self, is_away) -> None:
        """The store goes away, or comes back."""
        self.desk.store.error = StateUnavailable("away") if is_away else None

    @rule(which=st.integers(0, 1), share=st.sampled_from(["0.3", "1"]))
    def close_by_hand(self, which, share) -> None:
        """A person closes part of a position."""
        symbol = self.desk.symbols[which]
        held = self.held(symbol)
        size = (abs(held) * Decimal(share)).quantize(Decimal("0.00001"), ROUND_DOWN)
        if size > 0:
            self.desk.venue.engine.submit(
                ACCOUNT,
                OrderRequest(
                    client_id=ClientOrderId(f"hand-{self.plans}-{len(self.desk.venue.log)}"),
                    symbol=Symbol(symbol),
                    direction=Direction.LONG if held > 0 else Direction.SHORT,
                    is_reducing=True,
                    kind=OrderKind.MARKET,
                    size=Size(size),
                ),
                at_us=self.desk.clock(),
            )

    @rule(which=st.integers(0, 9))
    def cancel_by_hand(self, which) -> None:
        """A person cancels one of our orders."""
        orders = self.desk.venue.engine.orders(ACCOUNT)
        if orders:
            order = orders[which % len(orders)]
            self.desk.venue.engine.cancel(
                ACCOUNT, order.symbol, client_id=order.client_id, at_us=self.desk.clock()
            )

    @rule(flatten=st.booleans(), chance=st.integers(0, 4))
    def kill(self, flatten, chance) -> None:
        """The kill switch is pulled, now and then."""
        if chance == 0:
            self.run(self.desk.executor.kill(actor="person", flatten=flatten))

    @rule()
    @precondition(lambda self: self.desk.store.error is None)
    def rearm(self) -> None:
        """It is armed again."""
        self.run(self.desk.executor.rearm(actor="person"))

    @invariant()
    def no_order_is_there_twice(self) -> None:
        """No client id of ours was ever taken by two orders, and entries keep to their size."""
        orders = [
            one
            for one in self.desk.venue.engine.orders(ACCOUNT, open_only=False)
            if is_ours(one.client_id)
        ]
        twice = [key for key, count in Counter(o.client_id for o in orders).items() if count > 1]
        assert twice == []
        entered: dict[str, Decimal] = {}
        for one in orders:
            parts = parse_client_id(one.client_id)
            if parts is not None and parts.leg is Leg.ENTRY:
                rest = one.size if one.status.is_open else one.filled_size
                entered[parts.plan_key] = entered.get(parts.plan_key, Decimal(0)) + rest
        assert all(size <= Decimal("0.2") for size in entered.values())

    def held(self, symbol: str) -> Decimal:
        """Return what the venue holds in a market, signed; on spot, the coins."""
        if not self.is_spot:
            return self.desk.position(symbol)
        base = symbol.split("/", maxsplit=1)[0]
        balances = self.desk.venue.engine.balances(ACCOUNT)
        return sum((one.total for one in balances if one.currency == base), Decimal(0))

    def settle(self) -> None:
        """Everybody leaves off, and time passes."""
        venue, desk = self.desk.venue, self.desk
        desk.store.error = None
        venue._scripted.clear()
        venue.arrive()
        for symbol in desk.symbols:  # somebody trades there again
            desk.price(str(venue.engine.quote(Symbol(symbol)).last), symbol)
        desk.restarted()
        self.run(desk.executor.start())
        self.run(desk.cycles(SETTLING, seconds=2))
        self.check()

    def check(self) -> None:
        """At rest: covered or flat, ledger equal to fills, no orphan."""
        desk = self.desk
        held = {symbol: Decimal(0) for symbol in desk.symbols}
        live = [one for one in desk.trades if one.state.is_live]
        for trade in live:
            entry = desk.entry(trade)
            held[trade.symbol] += trade.direction.sign * entry.open_size
            assert trade.state is not TradeState.QUARANTINED, trade.note
            assert trade.uncovered_since_us is None
        for symbol in desk.symbols:
            self.check_market(symbol, held[symbol])
        ours = [one for one in desk.venue.engine.orders(ACCOUNT) if is_ours(one.client_id)]
        alive = {one.client_id for trade in live for one in desk.intents(trade)}
        assert {one.client_id for one in ours} <= alive
        if not live:
            results = sum((desk.entry(one).realised for one in desk.trades), Decimal(0))
            balances = desk.venue.engine.balances(ACCOUNT)
            (money,) = [one.total for one in balances if one.currency == "USDT"]
            assert results == money - Decimal(1_000_000)

    def check_market(self, symbol: str, booked: Decimal) -> None:
        """The ledger holds what the venue holds, and stops cover it; dust no order can sell."""
        lot = Decimal("0.00001")
        if not self.is_spot:
            assert self.held(symbol) == booked
            assert self.desk.open_stops(symbol) == abs(booked)
            return
        dust = self.held(symbol) - booked
        assert 0 <= dust <= lot * self.plans
        assert self.desk.open_stops(symbol) == (booked / lot).to_integral_value(ROUND_DOWN) * lot


class SpotMachine(ExecutorMachine):
    """The same on spot: exits in pairs, fees taken from what was bought, no reduce-only."""

    is_spot = True


class FailingStore:
    """A `DecisionStore` that goes away while `error` is set."""

    def __init__(self, store: SqlDecisionStore) -> None:
        self.error: StateUnavailable | None = None
        self._store = store

    def transact(self, account_id: str, work: Any) -> Any:
        if self.error is not None:
            raise self.error
        return self._store.transact(account_id, work)

    def view(self, account_id: str, read: Any) -> Any:
        if self.error is not None:
            raise self.error
        return self._store.view(account_id, read)


class SqlMachine(ExecutorMachine):
    """The same on SQLite."""

    def open_store(self) -> FailingStore:
        """Return a store on a file of its own."""
        self.folder = TemporaryDirectory()
        self.database = connect_database(f"sqlite:///{self.folder.name}/snipersight.db")
        migrate(self.database)
        store = SqlDecisionStore(self.database, clock=lambda: DECIDED_AT_US)
        store.create_account(ACCOUNT, Currency("USDT"), Decimal(10_000), at_us=0)
        return FailingStore(store)

    def teardown(self) -> None:
        """Leave no file behind."""
        try:
            super().teardown()
        finally:
            self.database.close()
            self.folder.cleanup()


SETTINGS = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
TestExecutor = ExecutorMachine.TestCase
TestExecutor.settings = SETTINGS
TestSpotExecutor = SpotMachine.TestCase
TestSpotExecutor.settings = SETTINGS
TestSqlExecutor = SqlMachine.TestCase
TestSqlExecutor.settings = settings(SETTINGS, max_examples=6)
