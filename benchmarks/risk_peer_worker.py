"""Runs inside the peers' environment: how long nautilus_trader's RiskEngine takes for one order.

usage: risk_peer_worker.py nautilus_trader ORDER.json

The file holds the `price`, `size` and `balance` that our own gate is measured with, as text. Speaks
as `peer_worker.py` does: one JSON line `{"version": …}`, then for every line on stdin, which says for
how many seconds to measure, `{"seconds": …}` for one order. Orders are made beforehand and not timed.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

_BATCH = 5_000


class Desk:
    """A risk engine with a cash account, one market and a price: where it checks the most.

    It asks of each order whether price and size fit the market, its value the largest one allowed,
    the sum the free balance, and its rate a throttle; of a margin account it asks no amount at all.

    Args:
        price, size, balance: as text.
    """

    def __init__(self, *, price: str, size: str, balance: str) -> None:
        from nautilus_trader.accounting.factory import AccountFactory
        from nautilus_trader.cache.cache import Cache
        from nautilus_trader.common.component import MessageBus, TestClock
        from nautilus_trader.common.factories import OrderFactory
        from nautilus_trader.config import RiskEngineConfig
        from nautilus_trader.model.identifiers import StrategyId, TraderId
        from nautilus_trader.portfolio.portfolio import Portfolio
        from nautilus_trader.risk.engine import RiskEngine
        from nautilus_trader.test_kit.providers import TestInstrumentProvider
        from nautilus_trader.test_kit.stubs.data import TestDataStubs

        self.passed: list[object] = []
        self._price, self._size = price, size
        self._trader, self._strategy = TraderId("BENCH-001"), StrategyId("BENCH-001")
        self._market = TestInstrumentProvider.btcusdt_binance()
        clock, cache = TestClock(), Cache()
        bus = MessageBus(trader_id=self._trader, clock=clock)
        config = RiskEngineConfig(
            max_order_submit_rate="1000000000/00:00:01",
            max_notional_per_order={str(self._market.id): 1_000_000},
        )
        portfolio = Portfolio(msgbus=bus, cache=cache, clock=clock)
        self._engine = RiskEngine(
            portfolio=portfolio, msgbus=bus, cache=cache, clock=clock, config=config
        )
        cache.add_instrument(self._market)
        cache.add_account(AccountFactory.create(_account(balance)))
        at = float(price)
        cache.add_quote_tick(TestDataStubs.quote_tick(self._market, bid_price=at, ask_price=at))
        bus.register(endpoint="ExecEngine.execute", handler=self.passed.append)
        bus.register(endpoint="ExecEngine.process", handler=_refuse)
        self._orders = OrderFactory(trader_id=self._trader, strategy_id=self._strategy, clock=clock)

    def seconds(self, *, at_least_s: float) -> float:
        """Return the mean time of one order, over batches that together take so long."""
        spent, orders = 0.0, 0
        while True:
            commands = [self._command() for _ in range(_BATCH)]
            self.passed.clear()
            started = time.perf_counter()
            for command in commands:
                self._engine.execute(command)
            spent += time.perf_counter() - started
            orders += len(commands)
            if len(self.passed) != len(commands):
                raise RuntimeError("orders got lost in the risk engine")
            if spent >= at_least_s:
                return spent / orders

    def _command(self) -> object:
        from nautilus_trader.core.uuid import UUID4
        from nautilus_trader.execution.messages import SubmitOrder
        from nautilus_trader.model.enums import OrderSide
        from nautilus_trader.model.objects import Price, Quantity

        order = self._orders.limit(
            self._market.id,
            OrderSide.BUY,
            Quantity.from_str(self._size),
            Price.from_str(self._price),
        )
        return SubmitOrder(
            trader_id=self._trader,
            strategy_id=self._strategy,
            order=order,
            command_id=UUID4(),
            ts_init=0,
        )


def _account(balance: str) -> Any:
    from nautilus_trader.core.uuid import UUID4
    from nautilus_trader.model.currencies import USDT
    from nautilus_trader.model.enums import AccountType
    from nautilus_trader.model.events import AccountState
    from nautilus_trader.model.identifiers import AccountId
    from nautilus_trader.model.objects import AccountBalance, Money

    amount = float(balance)
    free = AccountBalance(Money(amount, USDT), Money(0, USDT), Money(amount, USDT))
    return AccountState(
        account_id=AccountId("BINANCE-1"),
        account_type=AccountType.CASH,
        base_currency=None,
        reported=True,
        balances=[free],
        margins=[],
        info={},
        event_id=UUID4(),
        ts_event=0,
        ts_init=0,
    )


def _refuse(event: object) -> None:
    raise RuntimeError(f"an order was refused: {event}")


def serve(name: str, path: Path) -> None:
    """Answer requests until stdin ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever the peer prints must not be taken for an answer
    desk = Desk(**json.loads(path.read_text(encoding="utf-8")))
    desk.seconds(at_least_s=0)
    print(json.dumps({"version": version(name)}), file=answers, flush=True)
    for request in sys.stdin:
        found = desk.seconds(at_least_s=float(request))
        print(json.dumps({"seconds": found}), file=answers, flush=True)


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]))
