"""What a live scan hands out is what its source would answer, and nothing where it does not know."""

import asyncio
from typing import Any

from snipersight.domain.timeframe import HOUR_MS, Timeframe
from snipersight.domain.units import Symbol
from tests.fakes.live_scanning import BAR_MS, BTC, ETH, SOL, Watch, markets
from tests.fakes.scanning import NOON_MS

TRIGGER = Timeframe.parse("5m")


def held(watch: Watch, symbol: Symbol, start_ms: int, end_ms: int) -> Any:
    return watch.live.held_bars(symbol, TRIGGER, start_ms=start_ms, end_ms=end_ms)


def test_bars_are_handed_out_up_to_the_last_look_and_no_farther():
    watch, start_ms = Watch(markets()), NOON_MS - HOUR_MS
    assert held(watch, BTC, start_ms, NOON_MS) is None
    for close_ms in (NOON_MS - BAR_MS, NOON_MS):
        watch.source = markets().cut(close_ms)
        watch.look(close_ms)
        answer = asyncio.run(watch.source.candles(BTC, TRIGGER, start_ms=start_ms, end_ms=close_ms))
        found = held(watch, BTC, start_ms, close_ms + BAR_MS - 1)
        assert found.open_time.tolist() == answer.open_time.tolist()
        assert found.close.tolist() == answer.close.tolist()
        assert held(watch, BTC, start_ms, close_ms + BAR_MS) is None
    assert held(watch, Symbol("DOGE/USDT"), start_ms, NOON_MS) is None
    assert (
        watch.live.held_bars(BTC, Timeframe.parse("1m"), start_ms=start_ms, end_ms=NOON_MS) is None
    )


def test_other_markets_are_held_as_well():
    watch = Watch(markets().cut(NOON_MS))
    watch.look(NOON_MS)
    assert all(len(held(watch, one, NOON_MS - HOUR_MS, NOON_MS)) == 12 for one in (ETH, SOL))
