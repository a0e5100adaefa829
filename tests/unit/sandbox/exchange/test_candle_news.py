"""What a stream of candles tells: each closed bar once, as requests answer it."""

from __future__ import annotations

import pytest

from snipersight.domain.units import Symbol
from snipersight.sandbox import SyntheticMarket
from snipersight.sandbox.exchange.accounts import Accounts, SandboxAccount
from snipersight.sandbox.exchange.candle_news import CandleNews
from snipersight.sandbox.exchange.faults import FaultDice, FaultKind, FaultPlan
from snipersight.sandbox.exchange.prices import Bar, BuiltInPrices, PriceSource
from snipersight.sandbox.exchange.spot import SpotProtocol
from snipersight.sandbox.exchange.streams import Line
from snipersight.sandbox.exchange.world import VenueWorld
from snipersight.sandbox.market_listing import listings

BTC = Symbol("BTC/USDT")
STEP = 300_000
T0 = 1_752_883_200_000  # 2025-07-19 00:00 UTC
TOPIC = "btcusdt@kline_5m"


class Bench:
    """A world whose time is set by hand."""

    def __init__(self, source: PriceSource | None) -> None:
        self.at_ms = T0 + 1_000
        self.world = VenueWorld(
            "binance",
            {BTC: listings()[BTC].instrument},
            rules=SpotProtocol.matching_rules(),
            accounts=Accounts([SandboxAccount()]),
            clock=lambda: self.at_ms * 1_000,
            source=source,
        )
        self.news = CandleNews(self.world)
        self.news.follow(TOPIC, BTC, STEP)

    async def at(self, at_ms: int) -> list[tuple[Bar, bool]]:
        self.at_ms = at_ms
        await self.world.freshen([BTC])
        return self.news.of(TOPIC, BTC, STEP)


@pytest.fixture
def walked() -> Bench:
    return Bench(BuiltInPrices(SyntheticMarket(7, clock=lambda: T0 + 86_400_000)))


async def test_a_closed_bar_is_told_as_requests_answer_it_though_prices_were_seldom_printed(
    walked: Bench,
):
    await walked.at(T0 + 1_000)
    told = await walked.at(T0 + STEP + 1_000)
    asked = await walked.world.bars(BTC, step_ms=STEP, start_ms=T0, end_ms=T0 + STEP)
    assert [bar for bar, is_closed in told if is_closed] == asked
    assert [bar.open_ms for bar, is_closed in told if not is_closed] == [T0 + STEP]


async def test_every_bar_is_told_once_also_where_several_closed_between_two_prices(walked: Bench):
    await walked.at(T0 + 1_000)
    told = await walked.at(T0 + 4 * STEP + 1_000)
    told += await walked.at(T0 + 4 * STEP + 9_000)
    closed = [bar.open_ms for bar, is_closed in told if is_closed]
    assert closed == [T0 + number * STEP for number in range(4)]


async def test_what_closed_while_nobody_listened_is_not_told_afterwards(walked: Bench):
    await walked.at(T0 + 1_000)
    walked.at_ms = T0 + 3 * STEP + 1_000
    walked.news.follow(TOPIC, BTC, STEP)
    told = await walked.at(T0 + 3 * STEP + 2_000)
    assert [is_closed for _, is_closed in told] == [False]


async def test_without_a_source_the_tape_is_told():
    bench = Bench(None)
    bench.world.print(BTC, "60000")
    await bench.at(T0 + 2_000)
    bench.at_ms = T0 + STEP + 1_000
    bench.world.print(BTC, "60100")
    told = await bench.at(T0 + STEP + 1_000)
    assert [(int(bar.close), is_closed) for bar, is_closed in told] == [
        (60_000, True),
        (60_100, False),
    ]


@pytest.mark.parametrize(("is_spoilt", "copies"), [(True, 2), (False, 1)])
async def test_public_events_go_wrong_only_where_the_plan_says_so(is_spoilt: bool, copies: int):
    rates = {FaultKind.EVENT_DUPLICATE: 1.0}
    line = Line(None, None, FaultDice(FaultPlan(rates=rates, spoils_public_events=is_spoilt)))  # type: ignore[arg-type]
    line.show("{}")
    assert line._queue.qsize() == copies
