"""An account that trades on paper over a table of bars, in this process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from snipersight.bootstrap.accounts import TradingAccount
from snipersight.bootstrap.books import Books
from snipersight.bootstrap.execution import Execution, Opening, open_execution
from snipersight.bootstrap.sources import SourceChoice
from snipersight.bootstrap.worlds import World
from snipersight.domain.execution import Mode
from snipersight.domain.observations import MarketFacts, Observations, ReferencePrice
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Price
from snipersight.domain.venue import Environment
from tests.builders.paper import PERPETUAL, START_MS, STEP_MS, PaperBench
from tests.builders.plans import a_plan
from tests.fakes.candle_table import CandleTable

PRACTICE = TradingAccount(account_id="practice")


def paper_world(mode: Mode = Mode.PAPER) -> World:
    """Return the account `practice` on the simulated venue."""
    return World(account=PRACTICE, venue="sandbox", environment=Environment.SIMULATED, mode=mode)


def observed(bench: PaperBench, source: CandleTable, *, at_ms: int) -> Observations:
    """Return the table's market at a moment: 100, and traded enough."""
    facts = MarketFacts(
        instrument=source.listed[bench.symbol],
        quote_rate=Decimal(1),
        reference=ReferencePrice(price=Price(Decimal(100)), at_ms=at_ms, step_ms=STEP_MS),
        quote_volume=Decimal(10) ** 9,
    )
    return Observations(venue="sandbox", as_of_ms=at_ms, markets={bench.symbol: facts})


@dataclass(kw_only=True)
class DeskClock:
    """A present that a test moves."""

    now_ms: int = START_MS

    def __call__(self) -> int:
        return self.now_ms * 1000


def a_paper_plan(**overrides: Any) -> TradePlan:
    """Return a long in the table's perpetual: entries 99 to 98, stop 96, targets 104 and 108."""
    created = datetime.fromtimestamp(START_MS / 1000, UTC)
    values: dict[str, Any] = {
        "symbol": PERPETUAL,
        "near": "99",
        "far": "98",
        "stop": "96",
        "targets": ("104", "108"),
        "cost": "0.1",
        "atr": Price(Decimal(1)),
        "created_at": created,
        "valid_until": created + timedelta(hours=8),
    }
    return a_plan(**(values | overrides))


@asynccontextmanager
async def paper_execution(
    books: Books,
    bench: PaperBench,
    clock: DeskClock,
    *,
    mode: Mode = Mode.PAPER,
    is_judging: bool = True,
    said: list[str] | None = None,
) -> AsyncIterator[Execution]:
    """Yield the executor of `practice` over a table; close it afterwards."""
    source = bench.source()
    opening = Opening(
        world=paper_world(mode),
        books=books,
        clock=clock,
        source=source,
        choice=SourceChoice(),
        observations=observed(bench, source, at_ms=clock.now_ms) if is_judging else None,
        lease_wait_s=0,
        say=said.append if said is not None else lambda _: None,
    )
    execution = await open_execution(opening)
    try:
        yield execution
    finally:
        await execution.close()
