"""The venue beside a naive model of it: lists that are searched, and cash that flows."""

from dataclasses import dataclass
from decimal import Decimal

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from snipersight.domain.direction import Direction
from snipersight.domain.orders import OrderKind, OrderRequest, TriggerSource
from tests.builders.matching import ACCOUNT, PERPETUAL, a_print, an_engine, an_order

RICH = Decimal(100_000_000)
MAKER, TAKER = Decimal("0.0002"), Decimal("0.0005")
prices = st.integers(900, 1100).map(lambda ticks: str(Decimal(ticks) / 10))


@dataclass
class Told:
    """An order of the model."""

    number: int
    request: OrderRequest
    state: str = "working"

    @property
    def price(self) -> Decimal:
        return self.request.trigger_price or self.request.price or Decimal(0)

    def key(self, *, falls: bool) -> tuple[Decimal, int]:
        return (-self.price if falls else self.price, self.number)


class Naive:
    """One market, one account, one-way, no leverage, no slippage: as plainly as it can be told."""

    def __init__(self) -> None:
        self.cash = RICH
        self.held = Decimal(0)  # below 0: short
        self.last = Decimal(100)
        self.orders: list[Told] = []

    def submit(self, request: OrderRequest) -> None:
        order = Told(len(self.orders) + 1, request)
        kind, buys = request.kind, request.side == "buy"
        if request.is_reducing and self.held * request.direction.sign <= 0:
            return
        if kind.is_conditional:
            falls = kind.is_stop is not buys
            reached = order.price >= self.last if falls else (order.price <= self.last)
            if reached:
                return
        self.orders.append(order)
        if kind is OrderKind.MARKET or (
            kind is OrderKind.LIMIT
            and (order.price > self.last if buys else order.price < self.last)
        ):
            self.execute(order, self.last, TAKER)
            self.settle()

    def cancel(self, number: int) -> None:
        order = self.orders[number]
        if order.state == "working":
            order.state = "cancelled"

    def print(self, price: Decimal) -> None:
        self.last = price
        self.settle()

    def settle(self) -> None:
        while any(
            [
                self.fill_limits(is_reducing=False),
                self.trigger(is_stop=True),
                self.trigger(is_stop=False),
                self.fill_limits(is_reducing=True),
            ]
        ):
            pass  # fmt: skip

    def fill_limits(self, *, is_reducing: bool) -> bool:
        found = False
        for buys in (True, False):
            due = [
                o for o in self.waiting()
                if o.request.kind is OrderKind.LIMIT
                and o.request.is_reducing is is_reducing
                and (o.request.side == "buy") is buys
                and (o.price > self.last if buys else o.price < self.last)
            ]  # fmt: skip
            for order in sorted(due, key=lambda o: o.key(falls=buys)):
                if order.state == "working":
                    self.execute(order, order.price, MAKER)
                    found = True
        return found

    def trigger(self, *, is_stop: bool) -> bool:
        found = False
        for falls in (True, False):
            due = [
                o for o in self.waiting()
                if o.request.kind.is_conditional
                and (o.request.kind.is_stop or not o.request.is_reducing) is is_stop
                and (o.request.kind.is_stop is not (o.request.side == "buy")) is falls
                and (o.price >= self.last if falls
                     else o.price <= self.last)
            ]  # fmt: skip
            for order in sorted(due, key=lambda o: o.key(falls=falls)):
                if order.state == "working":
                    self.execute(order, self.last, TAKER)
                    found = True
        return found

    def waiting(self) -> list[Told]:
        return [order for order in self.orders if order.state == "working"]

    def execute(self, order: Told, price: Decimal, fee: Decimal) -> None:
        request = order.request
        size: Decimal = request.size
        if request.is_reducing:
            size = min(size, max(self.held * request.direction.sign, Decimal(0)))
        sign = 1 if request.side == "buy" else -1
        was = self.held
        self.held += sign * size
        self.cash -= sign * size * price + size * price * fee
        order.state = "filled" if size == request.size else "expired"
        if was * self.held <= 0 and was != 0:
            self.end_exits(Direction.of_sign(1 if was > 0 else -1))

    def end_exits(self, direction: Direction) -> None:
        for order in self.waiting():
            if order.request.is_reducing and order.request.direction is direction:
                order.state = "expired"


class BesideTheModel(RuleBasedStateMachine):
    """Whatever is asked of both, both say the same."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = an_engine(balances={"USDT": str(RICH)}, leverage="1")
        self.model = Naive()
        self.count = 0

    @rule(
        kind=st.sampled_from(("limit", "limit", "market", "stop_market", "take_profit_market")),
        size=st.sampled_from(("0.001", "1", "2.5", "7")),
        direction=st.sampled_from(Direction),
        is_reducing=st.booleans(),
        price=prices,
    )
    def submit(self, kind, size, direction, is_reducing, price):
        self.count += 1
        request = an_order(
            f"o{self.count}", kind, size=size, direction=direction, is_reducing=is_reducing,
            price=price if kind == "limit" else None,
            trigger=price if kind.endswith("_market") else None,
            trigger_source=TriggerSource.LAST,
        )  # fmt: skip
        before = len(self.model.orders)
        self.model.submit(request)
        answer = self.engine.submit(ACCOUNT, request, at_us=self.count)
        assert bool(answer) is (len(self.model.orders) > before)

    @rule(number=st.integers(0, 30))
    def cancel(self, number):
        if number < len(self.model.orders):
            client_id = self.model.orders[number].request.client_id
            self.model.cancel(number)
            self.engine.cancel(ACCOUNT, PERPETUAL, client_id=client_id, at_us=self.count)

    @rule(price=prices)
    def print_price(self, price):
        self.model.print(Decimal(price))
        a_print(self.engine, price, at_us=self.count)

    @invariant()
    def both_say_the_same(self):
        states = [order.status.value for order in self.engine.orders(ACCOUNT, open_only=False)]
        assert states == [order.state for order in self.model.orders]
        held = sum((p.size * p.direction.sign for p in self.engine.positions(ACCOUNT)), Decimal(0))
        assert held == self.model.held
        assert self.engine.equity(ACCOUNT) == self.model.cash + held * self.model.last


BesideTheModel.TestCase.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
TestBesideTheModel = BesideTheModel.TestCase
