"""What an approval is held to: the price where orders go, and bars that the running scan holds."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.bootstrap.gate import LedgerGate
from snipersight.bootstrap.operating.trading import ExecutionTrading
from snipersight.domain.candles import Candles
from snipersight.domain.commands import CommandKind, CommandState
from snipersight.domain.decision import Approved
from snipersight.domain.ledger import Origin
from snipersight.domain.observations import ReferencePrice
from snipersight.domain.plan import PlanId, SetupId, TradePlan
from snipersight.domain.timeframe import MINUTE_MS, Timeframe
from snipersight.domain.units import Currency, Price, Symbol
from snipersight.engine.context import Ports, ScanContext
from snipersight.engine.correlating import read_closes
from snipersight.engine.live.windows import BarWindow
from tests.builders.candles import rows
from tests.builders.operating import Scene, a_bench, a_press, a_scene, after
from tests.builders.paper import START_MS, STEP_MS

APPROVE = CommandKind.APPROVE
QUIET = "100 100 100 100\n" * 9
STOPPED = "100 100 95 100\n" + "100 100 100 100\n" * 8


def traded_at(price: str, *, at_ms: int) -> type[ExecutionTrading]:
    """Return a trading whose venue tells a last price; the candles stand at 100."""

    class Traded(ExecutionTrading):
        async def price(self, _symbol: Symbol) -> ReferencePrice | None:
            return ReferencePrice(price=Price(Decimal(price)), at_ms=at_ms)

    return Traded


class Scan:
    """A running scan that has read a table up to a moment."""

    def __init__(self, tmp_path: Any, table: str, *, until_ms: int) -> None:
        self._source = a_bench(tmp_path, rows(table)).source().cut(until_ms)
        self._until_ms = until_ms

    def held_bars(
        self, symbol: Symbol, timeframe: Timeframe, *, start_ms: int, end_ms: int
    ) -> Candles | None:
        if timeframe.floor(self._until_ms) <= START_MS:
            return None
        bars = self._source.coarse(symbol, timeframe, end_ms=self._until_ms)
        return BarWindow(bars).whole(start_ms=start_ms, end_ms=end_ms)

    async def read_closes(self, symbol: Symbol, context: ScanContext, ports: Ports) -> Any:
        return await read_closes(symbol, context, ports)


@pytest.mark.parametrize(
    ("price", "refusal"),
    [
        ("100.70", ""),  # 0.23 R beyond where it was told
        ("100.80", "0.27 R away"),
        ("97.9", "through the entry zone"),
        ("NaN", "No present price"),
        ("0", "No present price"),
    ],
)
async def test_the_price_where_orders_go_counts_whatever_the_candles_say(
    tmp_path, books, clock, price, refusal
):
    traded = traded_at(price, at_ms=START_MS + STEP_MS)
    async with a_scene(books, a_bench(tmp_path), clock, trading_as=traded) as scene:
        plan = scene.tell()
        after(clock, 1)
        answer = await scene.desk.submit(a_press(APPROVE, plan.plan_id))
        assert len(scene.trades()) == (0 if refusal else 1), answer.sentence
    assert refusal in answer.sentence


@pytest.mark.parametrize(("minutes", "is_old"), [(15, False), (16, True)])
async def test_a_price_where_orders_go_that_is_old_approves_nothing(
    tmp_path, books, clock, minutes, is_old
):
    traded = traded_at("100", at_ms=START_MS + STEP_MS - minutes * MINUTE_MS)
    async with a_scene(books, a_bench(tmp_path), clock, trading_as=traded) as scene:
        plan = scene.tell()
        after(clock, 1)
        answer = await scene.desk.submit(a_press(APPROVE, plan.plan_id))
        assert len(scene.trades()) == (0 if is_old else 1), answer.sentence
    assert ("stale_data" in answer.sentence) is is_old


async def test_a_stop_touched_in_bars_that_the_scan_holds_refuses(tmp_path, books, clock):
    scan = Scan(tmp_path, STOPPED, until_ms=START_MS + 3 * STEP_MS)
    async with a_scene(books, a_bench(tmp_path, rows(QUIET)), clock, scan=scan) as scene:
        plan = scene.tell()
        after(clock, 3)  # one bar of the plan's timeframe
        answer = await scene.desk.submit(a_press(APPROVE, plan.plan_id))
        assert scene.trades() == ()
    assert "price touched its stop" in answer.sentence


@pytest.mark.parametrize("bars", [0, 3, 5])
async def test_a_stop_touched_after_what_the_scan_holds_refuses_all_the_same(
    tmp_path, books, clock, bars
):
    scan = Scan(tmp_path, QUIET, until_ms=START_MS + bars * STEP_MS)
    table = "100 100 100 100\n" * 3 + STOPPED
    async with a_scene(books, a_bench(tmp_path, rows(table)), clock, scan=scan) as scene:
        plan = scene.tell()
        after(clock, 6)  # the stop is touched in the second bar of the plan's timeframe
        answer = await scene.desk.submit(a_press(APPROVE, plan.plan_id))
        assert (answer.state, scene.trades()) == (CommandState.REFUSED, ())
    assert "price touched its stop" in answer.sentence


async def test_correlations_are_those_that_the_scan_holds(tmp_path, books, clock):
    read: list[Symbol] = []

    class Noting(Scan):
        async def read_closes(self, symbol: Symbol, context: ScanContext, ports: Ports) -> Any:
            read.append(symbol)
            return None

    scan = Noting(tmp_path, QUIET, until_ms=START_MS)
    async with a_scene(books, a_bench(tmp_path), clock, scan=scan) as scene:
        plan = scene.tell()
        other = replace(plan, symbol=Symbol("ETH/USDT:USDT"), setup_id=SetupId("e"))
        reserve(scene, replace(other, plan_id=PlanId("e-other")))
        await scene.desk.submit(a_press(APPROVE, plan.plan_id))
    assert read == [plan.symbol]


def reserve(scene: Scene, plan: TradePlan) -> None:
    """Hold budget for a plan of another market."""
    seen = scene.seen()
    [facts] = seen.markets.values()
    rules = replace(facts.instrument, symbol=plan.symbol, base=Currency("ETH"))
    gate = LedgerGate(replace(scene.books.ports, store=scene.execution.desk.store))
    gate.observe(replace(seen, markets={plan.symbol: replace(facts, instrument=rules)}))
    verdict = gate.validate_plan(plan, reserve=Origin.EXECUTED)
    assert isinstance(verdict, Approved), verdict
