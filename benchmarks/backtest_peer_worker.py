"""Runs inside the peers' environment: the cross of two averages, in one peer's own backtest.

usage: backtest_peer_worker.py NAME:FORM CANDLES.npz

`terms.json` beside the candles says what is traded: averages, stop, size, fee, and the targets of
each form. Speaks as `peer_worker.py` does: one JSON line `{"version": …, "trades": …, "equity": …}`,
then for every line on stdin, which says for how many seconds to measure, `{"seconds": …}` for one
backtest. What is loaded and converted beforehand is not timed; averages and ATR are.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Terms:
    """What is traded: the same as ours.

    Args:
        fast, slow, atr_bars: of the averages and of Wilder's ATR.
        stop_atr: distance of the stop in ATR.
        cash: the account begins with.
        risk: share of it that a trade loses at its stop, fees included.
        fee: of the notional of every fill.
        first: row of the first bar whose close may be entered at.
        targets: distance of each exit in stop distances, and the share closed there.
    """

    fast: int
    slow: int
    atr_bars: int
    stop_atr: float
    cash: int
    risk: float
    fee: float
    first: int
    targets: list[tuple[float, float]]


@dataclass(frozen=True)
class Ended:
    """What a backtest came to: entries that were made, and the account at its end."""

    trades: int
    equity: float


Run = Callable[[], Ended]


@dataclass(frozen=True)
class Columns:
    """What is decided at each close, one row a bar.

    Args:
        up, down: whether the fast average crosses the slow one.
        away: distance of the stop.
        units: that lose what may be lost.
    """

    up: Any
    down: Any
    away: Any
    units: Any


def frame_of(path: Path) -> Any:
    """Return the candles as pandas keeps them."""
    import pandas as pd

    with np.load(path) as stored:
        columns = {name.capitalize(): stored[name] for name in stored.files}
    index = pd.date_range("2015-01-01", periods=len(columns["Close"]), freq="5min", tz="UTC")
    return pd.DataFrame(columns, index=index)


def columns_of(frame: Any, terms: Terms) -> Columns:
    """Return what is decided."""
    import pandas as pd

    close = frame["Close"]
    above = close.rolling(terms.fast).mean() > close.rolling(terms.slow).mean()
    before = above.shift(1, fill_value=False)
    counts = np.arange(len(frame)) >= terms.first
    spans = [
        frame["High"] - frame["Low"],
        (frame["High"] - close.shift()).abs(),
        (frame["Low"] - close.shift()).abs(),
    ]
    widest = pd.concat(spans, axis=1).max(axis=1)
    away = terms.stop_atr * widest.ewm(alpha=1 / terms.atr_bars, adjust=False).mean()
    return Columns(
        up=above & ~before & counts,
        down=~above & before & counts,
        away=away,
        units=terms.cash * terms.risk / (away + 2 * terms.fee * close),
    )


def backtesting(path: Path, terms: Terms) -> Run:
    """Return a backtest of backtesting.py: a market order with stop and target for each target."""
    from backtesting import Backtest, Strategy

    frame = frame_of(path)

    class Cross(Strategy):  # type: ignore[misc]
        def init(self) -> None:
            found = columns_of(frame, terms)
            self.up, self.down = found.up.to_numpy(), found.down.to_numpy()
            self.away, self.units = found.away.to_numpy(), found.units.to_numpy()

        def next(self) -> None:
            at = len(self.data) - 1
            if self.position or not (self.up[at] or self.down[at]):
                return
            sign = 1 if self.up[at] else -1
            order = self.buy if sign > 0 else self.sell
            price, away, units = self.data.Close[-1], self.away[at], self.units[at]
            for distance, share in terms.targets:
                order(
                    size=round(units * share),  # whole units are all it trades
                    sl=price - sign * away,
                    tp=price + sign * distance * away,
                )

    def run() -> Ended:
        found = Backtest(frame, Cross, cash=terms.cash, commission=terms.fee).run()
        entries = found["_trades"]["EntryBar"].nunique()
        return Ended(trades=int(entries), equity=float(found["Equity Final [$]"]))

    return run


def vectorbt(path: Path, terms: Terms) -> Run:
    """Return a backtest of vectorbt: signals as columns, stop and target as shares of the price.

    A column has one target, and columns cannot wait for one another: with three targets these are
    three books of one cash, each of which enters again as soon as it is out itself.
    """
    import pandas as pd
    import vectorbt as vbt

    frame = frame_of(path)
    names = [f"{distance} R" for distance, _share in terms.targets]

    def run() -> Ended:
        found, close = columns_of(frame, terms), frame["Close"]
        away = (found.away / close).fillna(1.0)
        parts = list(zip(names, terms.targets, strict=True))
        book = vbt.Portfolio.from_signals(
            pd.DataFrame(dict.fromkeys(names, close)),
            entries=found.up,
            short_entries=found.down,
            open=frame["Open"],
            high=frame["High"],
            low=frame["Low"],
            sl_stop=away,
            tp_stop=pd.DataFrame({name: distance * away for name, (distance, _) in parts}),
            size=pd.DataFrame({name: share * found.units for name, (_, share) in parts}),
            size_type="amount",
            fees=terms.fee,
            init_cash=terms.cash,
            group_by=True,
            cash_sharing=True,
            upon_opposite_entry="ignore",
            freq="5min",
        )
        entries = np.unique(book.trades.records_arr["entry_idx"])
        return Ended(trades=len(entries), equity=float(book.final_value()))

    return run


def nautilus_trader(path: Path, terms: Terms) -> Run:
    """Return a backtest of nautilus_trader over bars: one bracket of orders for each target."""
    from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
    from nautilus_trader.config import LoggingConfig
    from nautilus_trader.model.currencies import USDT
    from nautilus_trader.model.data import BarType
    from nautilus_trader.model.enums import AccountType, OmsType
    from nautilus_trader.model.identifiers import Venue
    from nautilus_trader.model.objects import Money
    from nautilus_trader.persistence.wranglers import BarDataWrangler

    frame = frame_of(path)
    market = _market(terms)
    kind = BarType.from_str(f"{market.id}-5-MINUTE-LAST-EXTERNAL")
    columns = frame.rename(columns=str.lower)[["open", "high", "low", "close", "volume"]]
    bars = BarDataWrangler(kind, market).process(columns.assign(volume=1_000_000.0))

    def run() -> Ended:
        engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
        engine.add_venue(
            venue=Venue("BINANCE"),
            oms_type=OmsType.NETTING,
            account_type=AccountType.MARGIN,
            default_leverage=Decimal(50),
            starting_balances=[Money(terms.cash, USDT)],
        )
        engine.add_instrument(market)
        engine.add_data(bars, sort=False)
        engine.add_strategy(_strategy(market, kind, columns_of(frame, terms), terms))
        engine.run()
        entries = len(engine.cache.positions()) + len(engine.cache.position_snapshots())
        cash = engine.cache.account_for_venue(Venue("BINANCE")).balance_total(USDT).as_double()
        engine.dispose()
        return Ended(trades=entries, equity=cash)

    return run


def _market(terms: Terms) -> Any:
    """Return a perpetual with the tick, lot and fee of ours."""
    from nautilus_trader.model.currencies import BTC, USDT
    from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
    from nautilus_trader.model.instruments import CryptoPerpetual
    from nautilus_trader.model.objects import Price, Quantity

    fee = Decimal(str(terms.fee))
    return CryptoPerpetual(
        instrument_id=InstrumentId(Symbol("BTCUSDT-PERP"), Venue("BINANCE")),
        raw_symbol=Symbol("BTCUSDT"),
        base_currency=BTC,
        quote_currency=USDT,
        settlement_currency=USDT,
        is_inverse=False,
        price_precision=2,
        size_precision=3,
        price_increment=Price.from_str("0.01"),
        size_increment=Quantity.from_str("0.001"),
        margin_init=Decimal("0.02"),
        margin_maint=Decimal("0.01"),
        maker_fee=fee,
        taker_fee=fee,
        ts_event=0,
        ts_init=0,
    )


def _strategy(market: Any, kind: Any, found: Columns, terms: Terms) -> Any:
    from nautilus_trader.model.enums import OrderSide
    from nautilus_trader.trading.strategy import Strategy

    up, down = found.up.to_numpy(), found.down.to_numpy()
    distances, units = found.away.to_numpy(), found.units.to_numpy()

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
            price, away = float(bar.close), distances[at]
            for distance, share in terms.targets:
                brackets = self.order_factory.bracket(
                    instrument_id=market.id,
                    order_side=OrderSide.BUY if sign > 0 else OrderSide.SELL,
                    quantity=market.make_qty(units[at] * share),
                    sl_trigger_price=market.make_price(price - sign * away),
                    tp_price=market.make_price(price + sign * distance * away),
                )
                self.submit_order_list(brackets)

    return Cross()


PEERS = {peer.__name__: peer for peer in (backtesting, vectorbt, nautilus_trader)}


def terms_of(path: Path, form: str) -> Terms:
    """Return what is traded in a form of exits."""
    stored = json.loads(path.with_name("terms.json").read_text(encoding="utf-8"))
    return Terms(**stored["terms"], targets=stored["forms"][form])


def serve(name: str, form: str, path: Path) -> None:
    """Answer requests until stdin ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever the peer prints must not be taken for an answer
    run = PEERS[name](path, terms_of(path, form))
    ended = run()  # imports, compiles, fills caches
    told = {"version": version(name), "trades": ended.trades, "equity": ended.equity}
    print(json.dumps(told), file=answers, flush=True)
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
    peer, form = sys.argv[1].split(":")
    serve(peer, form, Path(sys.argv[2]))
