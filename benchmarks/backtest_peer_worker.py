"""Runs inside the peers' environment: the cross of two averages, in one peer's own backtest.

usage: backtest_peer_worker.py NAME CANDLES.npz

Speaks as `peer_worker.py` does: one JSON line `{"version": …}`, which also tells how many trades there
were, then for every line on stdin, which says for how many seconds to measure, `{"seconds": …}` for
one backtest. What is loaded and converted beforehand is not timed; averages and ATR are.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

FAST, SLOW, STOP_ATR, REWARD, ATR_BARS = 20, 50, 2.0, 2.0, 14
CASH = 1_000_000
Run = Callable[[], int]  # returns the number of trades


def frame_of(path: Path) -> Any:
    """Return the candles as pandas keeps them."""
    import pandas as pd

    with np.load(path) as stored:
        columns = {name.capitalize(): stored[name] for name in stored.files}
    index = pd.date_range("2015-01-01", periods=len(columns["Close"]), freq="5min", tz="UTC")
    return pd.DataFrame(columns, index=index)


def signals_of(frame: Any) -> tuple[Any, Any, Any]:
    """Return where the fast average crosses up and down, and the ATR."""
    import pandas as pd

    close = frame["Close"]
    above = close.rolling(FAST).mean() > close.rolling(SLOW).mean()
    before = above.shift(1, fill_value=False)
    spans = [
        frame["High"] - frame["Low"],
        (frame["High"] - close.shift()).abs(),
        (frame["Low"] - close.shift()).abs(),
    ]
    return (
        above & ~before,
        ~above & before,
        pd.concat(spans, axis=1).max(axis=1).rolling(ATR_BARS).mean(),
    )


def backtesting(path: Path) -> Run:
    """Return a backtest of backtesting.py: market orders with stop and target."""
    from backtesting import Backtest, Strategy

    frame = frame_of(path)

    class Cross(Strategy):  # type: ignore[misc]
        def init(self) -> None:
            up, down, atr = signals_of(frame)
            self.up, self.down, self.atr = up.to_numpy(), down.to_numpy(), atr.to_numpy()

        def next(self) -> None:
            at = len(self.data) - 1
            if self.position or not (self.up[at] or self.down[at]):
                return
            price, away = self.data.Close[-1], STOP_ATR * self.atr[at]
            if self.up[at]:
                self.buy(size=0.1, sl=price - away, tp=price + REWARD * away)
            else:
                self.sell(size=0.1, sl=price + away, tp=price - REWARD * away)

    return lambda: int(Backtest(frame, Cross, cash=CASH).run()["# Trades"])


def vectorbt(path: Path) -> Run:
    """Return a backtest of vectorbt: signals as columns, stop and target as shares of the price."""
    import vectorbt as vbt

    frame = frame_of(path)

    def run() -> int:
        up, down, atr = signals_of(frame)
        away = (STOP_ATR * atr / frame["Close"]).fillna(1.0)
        book = vbt.Portfolio.from_signals(
            frame["Close"],
            entries=up,
            short_entries=down,
            open=frame["Open"],
            high=frame["High"],
            low=frame["Low"],
            sl_stop=away,
            tp_stop=REWARD * away,
            size=0.1,
            size_type="percent",
            init_cash=CASH,
            upon_opposite_entry="ignore",
            freq="5min",
        )
        return int(book.trades.count())

    return run


def nautilus_trader(path: Path) -> Run:
    """Return a backtest of nautilus_trader: market orders in brackets, over bars."""
    from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
    from nautilus_trader.config import LoggingConfig
    from nautilus_trader.model.currencies import USDT
    from nautilus_trader.model.data import BarType
    from nautilus_trader.model.enums import AccountType, OmsType
    from nautilus_trader.model.identifiers import Venue
    from nautilus_trader.model.objects import Money
    from nautilus_trader.persistence.wranglers import BarDataWrangler
    from nautilus_trader.test_kit.providers import TestInstrumentProvider

    frame = frame_of(path)
    market = TestInstrumentProvider.btcusdt_perp_binance()
    kind = BarType.from_str(f"{market.id}-5-MINUTE-LAST-EXTERNAL")
    columns = frame.rename(columns=str.lower)[["open", "high", "low", "close", "volume"]]
    bars = BarDataWrangler(kind, market).process(columns.assign(volume=1_000.0))

    def run() -> int:
        engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
        engine.add_venue(
            venue=Venue("BINANCE"),
            oms_type=OmsType.NETTING,
            account_type=AccountType.MARGIN,
            starting_balances=[Money(1_000_000, USDT)],
        )
        engine.add_instrument(market)
        engine.add_data(bars, sort=False)
        engine.add_strategy(_strategy(market, kind, signals_of(frame)))
        engine.run()
        trades = len(engine.cache.positions_closed()) + len(engine.cache.position_snapshots())
        engine.dispose()
        return trades

    return run


def _strategy(market: Any, kind: Any, signals: tuple[Any, Any, Any]) -> Any:
    from nautilus_trader.model.enums import OrderSide
    from nautilus_trader.model.objects import Quantity
    from nautilus_trader.trading.strategy import Strategy

    up, down, atr = (one.to_numpy() for one in signals)
    size = Quantity(Decimal("1.000"), market.size_precision)

    class Cross(Strategy):  # type: ignore[misc]
        def on_start(self) -> None:
            self.place = -1
            self.subscribe_bars(kind)

        def on_bar(self, bar: Any) -> None:
            self.place += 1
            at = self.place
            is_free = self.portfolio.is_flat(market.id) and not self.cache.orders_open_count()
            if not is_free or not (up[at] or down[at]):
                return
            sign = 1 if up[at] else -1
            price, away = float(bar.close), STOP_ATR * atr[at]
            brackets = self.order_factory.bracket(
                instrument_id=market.id,
                order_side=OrderSide.BUY if sign > 0 else OrderSide.SELL,
                quantity=size,
                sl_trigger_price=market.make_price(price - sign * away),
                tp_price=market.make_price(price + sign * REWARD * away),
            )
            self.submit_order_list(brackets)

    return Cross()


PEERS = {peer.__name__: peer for peer in (backtesting, vectorbt, nautilus_trader)}


def serve(name: str, path: Path) -> None:
    """Answer requests until stdin ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever the peer prints must not be taken for an answer
    run = PEERS[name](path)
    trades = run()  # imports, compiles, fills caches
    told = f"{version(name)}, {trades:,} trades"
    print(json.dumps({"version": told}), file=answers, flush=True)
    for request in sys.stdin:
        print(json.dumps({"seconds": _mean(run, float(request))}), file=answers, flush=True)


def _mean(run: Run, at_least_s: float) -> float:
    started, runs = time.process_time(), 0
    while True:
        run()
        runs += 1
        spent = time.process_time() - started
        if spent >= at_least_s:
            return spent / runs


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]))
