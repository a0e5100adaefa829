"""A run over recorded candles sees what had closed by its own time, whatever it asks for."""

import pytest

from snipersight.bootstrap.evidence.parity_source import ByNow
from tests.fakes.candle_table import CandleTable
from tests.fakes.live_scanning import BTC, markets
from tests.fakes.scanning import FINE, NOON_MS

HOUR_MS = 3_600_000


@pytest.fixture
def table() -> CandleTable:
    return markets(BTC, days=2)


async def test_nothing_that_closed_later_is_there(table):
    now_ms = NOON_MS - HOUR_MS
    source = ByNow(table, lambda: now_ms)
    served = await source.candles(BTC, FINE, start_ms=NOON_MS - 3 * HOUR_MS, end_ms=NOON_MS)
    assert int(served.close_time[-1]) == now_ms
    assert int(served.open_time[0]) == NOON_MS - 3 * HOUR_MS
    assert await source.now_ms() == now_ms
    price = await source.reference_price(BTC, at_ms=NOON_MS)
    assert price is not None
    assert price.at_ms == now_ms
    assert await source.quote_volumes([BTC], at_ms=NOON_MS) == await table.quote_volumes(
        [BTC], at_ms=now_ms
    )
