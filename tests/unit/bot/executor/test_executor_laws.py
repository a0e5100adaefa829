"""Whatever venue, store and people do: once they leave off, every position is covered or gone."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from snipersight.bot.executor.client_ids import is_ours, parse_client_id
from snipersight.bot.executor.trades import Staged
from snipersight.domain.direction import Direction
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.execution import Leg, Mode, TradeState
from snipersight.domain.orders import ClientOrderId, OrderKind, OrderRequest
from snipersight.domain.units import Size, Symbol
from tests.fakes.executor_desk import ExecutorDesk
from tests.fakes.scripted_venue import ACCOUNT, Fate

FATES = [one for one in Fate if one is not Fate.WELL]
ASKED = ("submit", "cancel", "order", "open_orders", "fills", "quote", "positions", "prepare")
PRICES = ("41700", "41760", "42000", "42060", "42200", "42260", "42700", "43010", "43700", "44400")
SETTLING = 45  # cycles


class ExecutorMachine(RuleBasedStateMachine):
    """Two perpetuals, one executor, a venue that lies, a store that goes away, crashes, hands."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        quick = {"request_us": 3_000, "question_us": 3_000, "patience_us": 1_000}
        self.desk = ExecutorDesk("BTC", "ETH", desk=quick)
        self.plans = 0

    def teardown(self) -> None:
        try:
            self.settle()
        finally:
            self.runner.close()

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(coroutine)

    @rule(which=st.integers(0, 1), side=st.sampled_from(list(Direction)))
    def put_on(self, which, side) -> None:
        """Another plan is executed, if gate and safeguards let it."""
        symbol = self.desk.symbols[which]
        self.plans += 1
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

    @rule(which=st.integers(0, 1), price=st.sampled_from(PRICES), whole=st.booleans())
    def move(self, which, price, whole) -> None:
        """Price moves; a small print fills only part of what it reaches."""
        self.desk.price(price, self.desk.symbols[which], size=None if whole else "0.03")

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
        held = self.desk.position(symbol)
        size = abs(held * Decimal(share)).quantize(Decimal("0.00001"))
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

    @rule(flatten=st.booleans())
    def kill(self, flatten) -> None:
        """The kill switch is pulled."""
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
            assert desk.position(symbol) == held[symbol]
            if held[symbol]:
                assert desk.open_stops(symbol) == abs(held[symbol])
        ours = [one for one in desk.venue.engine.orders(ACCOUNT) if is_ours(one.client_id)]
        alive = {one.client_id for trade in live for one in desk.intents(trade)}
        assert {one.client_id for one in ours} <= alive
        results = sum((desk.entry(one).realised for one in desk.trades), Decimal(0))
        if not live:
            assert results == desk.venue.engine.equity(ACCOUNT) - Decimal(1_000_000)


TestExecutor = ExecutorMachine.TestCase
TestExecutor.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
