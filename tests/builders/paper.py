"""A paper venue over a table of five-minute bars that a reader can follow."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import numpy as np

from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Instrument
from snipersight.domain.orders import ClientOrderId, OrderKind, OrderRequest
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Currency, Price, Size, Symbol
from snipersight.market.paper.state_file import PaperFile
from snipersight.market.paper.venue import PaperVenue
from tests.builders.candles import Row
from tests.builders.instruments import an_instrument
from tests.fakes.candle_table import CandleTable

STEP = Timeframe.parse("5m")
STEP_MS = STEP.duration_ms
START_MS = 19_723 * DAY_MS  # 2024-01-01
PERPETUAL = Symbol("BTC/USDT:USDT")
SPOT = Symbol("BTC/USDT")
PRELUDE: tuple[Row, ...] = ((100.0, 100.0, 100.0, 100.0),) * 3


def bars_of(symbol: Symbol, rows: Sequence[Row], *, start_ms: int, volume: float = 1e6) -> Candles:
    """Return five-minute bars without a hole; the volume fills whatever is ordered."""
    columns = np.array(rows, dtype=np.float64).reshape(-1, 4)
    return Candles(
        symbol=symbol,
        timeframe=STEP,
        open_time=start_ms + np.arange(len(rows), dtype=np.int64) * STEP_MS,
        open=columns[:, 0],
        high=columns[:, 1],
        low=columns[:, 2],
        close=columns[:, 3],
        volume=np.full(len(rows), volume),
    )


@dataclass(kw_only=True)
class PaperBench:
    """What happens after `START_MS`, and the paper venue that lives through it.

    Before it there are three quiet bars at 100.
    """

    folder: Path
    rows: Sequence[Row]
    symbol: Symbol = PERPETUAL
    balance: Decimal = Decimal(10_000)
    more: dict[Symbol, Sequence[Row]] = field(default_factory=dict)

    @property
    def file(self) -> PaperFile:
        return PaperFile(self.folder / "paper" / "main-sandbox.json")

    def source(self) -> CandleTable:
        tables = {self.symbol: self.rows, **self.more}
        first_ms = START_MS - len(PRELUDE) * STEP_MS
        base = {
            symbol: bars_of(symbol, (*PRELUDE, *rows), start_ms=first_ms)
            for symbol, rows in tables.items()
        }
        listed: dict[Symbol, Instrument] = {
            symbol: an_instrument(symbol, tick="0.01", lot="0.001", maker="0", taker="0")
            for symbol in tables
        }
        own = {(symbol, STEP): candles for symbol, candles in base.items()}
        return CandleTable(base=base, listed=listed, own=own)

    async def open(self, *, now_ms: int = START_MS) -> PaperVenue:
        return await PaperVenue.open(
            account_id="main",
            source=self.source(),
            origin="a table",
            file=self.file,
            balances={Currency("USDT"): self.balance},
            now_us=now_ms * 1000,
        )


async def played(venue: PaperVenue, until_ms: int) -> list[int]:
    """Let time pass and return the moments that were played to."""
    return [moment async for moment in venue.advance(until_ms)]


def an_order(
    client_id: str = "ss-abcdefghijklmnop-E0-0",
    *,
    symbol: Symbol = PERPETUAL,
    direction: Direction = Direction.LONG,
    is_reducing: bool = False,
    kind: OrderKind = OrderKind.LIMIT,
    size: str = "1",
    price: str | None = None,
    trigger: str | None = None,
    stop: str | None = None,
) -> OrderRequest:
    """Return an order; a limit buy of one unit unless said otherwise."""
    return OrderRequest(
        client_id=ClientOrderId(client_id),
        symbol=symbol,
        direction=direction,
        is_reducing=is_reducing,
        kind=kind,
        size=Size(Decimal(size)),
        price=_price(price),
        trigger_price=_price(trigger),
        attached_stop=_price(stop),
    )


def _price(text: str | None) -> Price | None:
    return None if text is None else Price(Decimal(text))
