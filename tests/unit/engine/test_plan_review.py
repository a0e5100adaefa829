"""A plan that was judged earlier, looked at again before it is executed."""

from datetime import timedelta
from decimal import Decimal

import pytest

from snipersight.domain.account import AccountState
from snipersight.domain.candles import Candles
from snipersight.domain.decision import RiskDecision
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.observations import Observations
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Currency, Money, Symbol
from snipersight.engine.context import Ports
from snipersight.engine.plan_review import Review, review_plan
from snipersight.engine.report import ScanRequest
from snipersight.planner.smc_source import SmcPlanSource
from tests.builders import a_profile
from tests.builders.candles import Row, rows
from tests.builders.execution_desk import a_paper_plan
from tests.builders.instruments import an_instrument
from tests.builders.paper import PERPETUAL, PRELUDE, START_MS, STEP_MS, bars_of
from tests.fakes.candle_table import CandleTable
from tests.fakes.events import RecordingEvents

ACCOUNT = AccountState(
    account_id="practice", currency=Currency("USDT"), equity=Money(Decimal(10_000))
)
QUIET: Row = (100.0, 100.5, 99.5, 100.0)


class WatchingGate:
    """A gate that remembers what it was shown."""

    def __init__(self, *, error: StateUnavailable | None = None) -> None:
        self.seen: list[Observations] = []
        self._error = error

    def held(self) -> tuple[tuple[str, Symbol], ...]:
        if self._error is not None:
            raise self._error
        return ()

    def observe(self, observations: Observations) -> AccountState:
        self.seen.append(observations)
        return ACCOUNT

    def validate_plan(self, plan: TradePlan) -> RiskDecision:
        raise AssertionError("a review judges nothing")


def table(after: list[Row]) -> CandleTable:
    """Return three quiet bars and what came after, on 5m and, for the plan, resampled to 15m."""
    first_ms = START_MS - len(PRELUDE) * STEP_MS
    base: Candles = bars_of(PERPETUAL, (*PRELUDE, *after), start_ms=first_ms)
    return CandleTable(base={PERPETUAL: base}, listed={PERPETUAL: an_instrument(PERPETUAL)})


async def reviewed(
    after: list[Row], *, plan: TradePlan | None = None, gate: WatchingGate | None = None
) -> tuple[Review, WatchingGate]:
    gate, profile = gate or WatchingGate(), a_profile()
    ports = Ports(
        source=table(after),
        plans=SmcPlanSource(profile),
        gate=gate,
        account=ACCOUNT,
        sink=RecordingEvents(),
        progress=lambda *_: None,
    )
    request = ScanRequest(profile=profile, symbols=PERPETUAL)
    return await review_plan(plan or a_paper_plan(), request, ports), gate


async def test_a_plan_that_stands_has_its_market_observed_now():
    review, gate = await reviewed([QUIET] * 6)
    assert review == Review(as_of_ms=START_MS + 6 * STEP_MS)
    [seen] = gate.seen
    assert seen.as_of_ms == START_MS + 6 * STEP_MS
    facts = seen.markets[PERPETUAL]
    assert facts.reference is not None
    assert facts.reference.price == Decimal(100)


async def test_a_plan_whose_zone_was_entered_still_stands():
    review, _gate = await reviewed(rows("100 100 97.5 99 \n 99 100 98 99 \n 99 100 98 99"))
    assert review.over == ""


@pytest.mark.parametrize(
    ("bar", "words"),
    [
        (
            "100 104.5 100 104",
            "price touched its first target before it was entered, by 2024-01-01",
        ),
        ("100 100 95.5 96.5", "price touched its stop, by 2024-01-01T00:15:00Z"),
    ],
)
async def test_a_plan_that_was_overtaken_is_over_and_nobody_is_asked(bar, words):
    review, gate = await reviewed([*rows(bar), QUIET, QUIET])
    assert review.over.startswith(words)
    assert gate.seen == []


async def test_the_bar_in_progress_is_not_held_against_it():
    review, _gate = await reviewed(rows("100 104.5 100 104"))  # a third of the plan's own bar
    assert review.over == ""


async def test_an_expired_plan_is_over():
    plan = a_paper_plan()
    plan = a_paper_plan(valid_until=plan.created_at + timedelta(minutes=15))
    review, _gate = await reviewed([QUIET] * 3, plan=plan)
    assert review.over == "it expired unfilled at 2024-01-01T00:15:00Z"


async def test_a_ledger_that_cannot_be_used_is_an_error_not_a_verdict():
    gate = WatchingGate(error=StateUnavailable("the disk is full"))
    with pytest.raises(StateUnavailable, match="the disk is full"):
        await reviewed([QUIET] * 3, gate=gate)
