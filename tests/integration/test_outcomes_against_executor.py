"""The kernel of outcomes against the executor on the simulated venue (docs/adr/0010).

The same plan, the same bars: what the kernel says must be what the real executor, the paper venue
and the matching engine come to. What they may differ in is named here, case by case.
"""

from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from snipersight.domain.evidence import Ending, Outcome, OutcomeStatus, SignalTerms
from snipersight.domain.execution import ManagementRules
from snipersight.domain.plan import TradePlan
from snipersight.market.raw_bars import read_bars
from snipersight.matching.outcomes import TradePath, model_outcomes, trade_paths
from tests.builders.candles import Row
from tests.builders.outcomes import KEY, in_lots, wandering_rows
from tests.fakes.paper_life import (
    LOT,
    STEP_MS,
    SYMBOL,
    TICK,
    Lived,
    PaperLife,
    a_lived_plan,
    table,
    terms_of,
)
from tests.fakes.recorded import SPOT_2024
from tests.fakes.scanning import FINE

COARSE_LOT = "1"  # a trade is some ten to thirty of them
EXACT = 1e-9  # in lots nothing but floats is rounded
NEAR_R = 2e-5  # lots of a millionth round what is bought and sold
_SHARES = [("0.5", "0.3", "0.2"), ("1", "0", "0"), ("0.2", "0.3", "0.5")]
_TARGETS = [("105",), ("104", "108"), ("103", "105", "109")]
_AROUND = Decimal(208)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A plan, its management, and its market."""

    plan: TradePlan
    rules: ManagementRules
    candles: Candles
    tick: str = TICK
    lot: str = LOT

    @property
    def terms(self) -> SignalTerms:
        return terms_of(self.plan, self.rules, tick=self.tick)

    @property
    def step_ms(self) -> int:
        return self.candles.timeframe.duration_ms

    def modelled(self) -> Outcome:
        (told,) = model_outcomes([(KEY, self.terms)], self.candles)
        return told

    def walked(self, size: Decimal) -> TradePath:
        """Return the path of the trade with so many base units, on the lot."""
        count = int(size / Decimal(self.lot))
        (told,) = trade_paths([(KEY, in_lots(self.terms, count))], self.candles, lots=[1 / count])
        return told

    async def lived(self, folder: Path) -> Lived:
        life = PaperLife(
            folder=folder,
            plan=self.plan,
            rules=self.rules,
            candles=self.candles,
            tick=self.tick,
            lot=self.lot,
            known_ms=self.terms.known_ms,
        )
        return await life.live()


def require_equal(case: Case, told: Outcome, lived: Lived, *, within: float = NEAR_R) -> None:
    assert told.entered_ms == lived.entered_ms
    assert told.net_r == pytest.approx(lived.net / case.terms.risk_per_unit, abs=within)
    if told.status is OutcomeStatus.EXPIRED:
        # The executor cancels at the moment itself; of bars, the next one to close tells.
        assert told.ended_ms - case.step_ms <= lived.ended_ms <= told.ended_ms
    elif told.status.is_final:
        assert lived.ended_ms == told.ended_ms
    else:
        assert lived.ended_ms == 0
    if told.ending is Ending.TARGETS:
        assert [price for price, _ in lived.exits] == [price for price, _ in case.terms.targets]
    if told.ending in (Ending.BREAK_EVEN, Ending.TRAILED):
        assert lived.stop != case.terms.stop


def a_generated_case(seed: int) -> Case:
    """Return a plan of some kind in a market that wanders about; odd ones are shorts."""
    dice = np.random.default_rng(seed)
    side = Direction.SHORT if seed % 2 else Direction.LONG
    rows = wandering_rows(seed, 60, start=101.5, step=1.25)
    if seed % 3 == 0:  # price goes straight from open to close
        rows = [(o, max(o, c), min(o, c), c) for o, _, _, c in rows]

    def at(price: str) -> str:
        return str(_AROUND - Decimal(price) if side is Direction.SHORT else Decimal(price))

    plan = a_lived_plan(
        side,
        near=at("100"),
        far=at("98"),
        stop=at(str(dice.integers(92, 98))),
        targets=[at(price) for price in _TARGETS[dice.integers(3)]],
        valid_ms=int(dice.integers(1, 50)) * STEP_MS,
    )
    return Case(plan=plan, rules=rules_by(dice, STEP_MS), candles=table(seen_by(side, rows)))


def rules_by(dice: np.random.Generator, step_ms: int) -> ManagementRules:
    shares = _SHARES[dice.integers(3)]
    return ManagementRules(
        entry_fractions=(Decimal(shares[0]), Decimal(shares[1]), Decimal(shares[2])),
        break_even=bool(dice.integers(2)),
        trailing_atr=[None, Decimal("0.5"), Decimal(1)][dice.integers(3)],
        time_stop_us=[None, 5 * step_ms * 1000, 20 * step_ms * 1000][dice.integers(3)],
        min_rr=[Decimal(0), Decimal("0.5"), Decimal(1)][dice.integers(3)],
    )


def seen_by(side: Direction, rows: list[Row]) -> list[Row]:
    if side is Direction.LONG:
        return rows
    return [(208 - opened, 208 - low, 208 - high, 208 - close) for opened, high, low, close in rows]


def stands(case: Case) -> bool:
    """Return whether a plan may be executed at all: price is before its first target and stop."""
    terms = case.terms
    price = case.candles.known_at(terms.known_ms).close[-1]
    prices = sorted(terms.direction.sign * one for one in (terms.stop, terms.targets[0][0]))
    return bool(prices[0] < terms.direction.sign * price < prices[1])


async def compared(cases: list[Case], folder: Path) -> Counter[str]:
    """Compare every case; return how many of each end there were."""
    ends: Counter[str] = Counter()
    for number, case in enumerate(cases):
        told = case.modelled()
        require_equal(case, told, await case.lived(folder / str(number)))
        ends[(told.ending or told.status).value] += 1
    return ends


@pytest.mark.slow
@pytest.mark.parametrize("part", range(2))
async def test_generated_markets_end_as_the_executor_ends_them(tmp_path, part):
    made = (a_generated_case(seed) for seed in range(part * 100, part * 100 + 100))
    ends = await compared([one for one in made if stands(one)], tmp_path)
    kinds = {"targets", "stop", "break_even", "trailed", "time_stop", "judged", "missed", "expired"}
    assert kinds <= set(ends), ends


def require_same_exits(told: TradePath, lived: Lived) -> None:
    """Require that the same sizes were closed at the same prices."""
    closed = [one for one in told.steps if one.closed]
    size = sum(size for _, size in lived.exits)
    assert sum(one.closed for one in closed) == pytest.approx(size, abs=EXACT)
    value = sum(price * size for price, size in lived.exits)
    assert sum(one.proceeds for one in closed) == pytest.approx(value, abs=100 * EXACT)
    if len(closed) == len(lived.exits):  # else a bar closed two parts
        sizes = [size for _, size in lived.exits]
        assert [one.closed for one in closed] == pytest.approx(sizes, abs=EXACT)


@pytest.mark.slow
async def test_in_lots_the_same_sizes_are_closed_as_the_executor_closes(tmp_path):
    parts: Counter[int] = Counter()
    made = [replace(a_generated_case(seed), lot=COARSE_LOT) for seed in range(200, 270)]
    for number, case in enumerate(one for one in made if stands(one)):
        lived = await case.lived(tmp_path / str(number))
        told = case.walked(lived.size)
        require_equal(case, told.outcome, lived, within=EXACT)
        require_same_exits(told, lived)
        parts[sum(one.closed > 0 for one in told.steps)] += 1
    assert {0, 1, 2} <= set(parts), parts


@cache
def a_year(base: str) -> Candles:
    """Return the recorded bars of 2024."""
    return read_bars(SPOT_2024 / f"{base}USDT-5m.parquet").candles(SYMBOL, FINE)


def a_recorded_case(base: str, tick: str, seed: int) -> Case:
    """Return a plan at some moment of 2024: zone 0.3 to 0.6 % away, stop 1 %, targets 0.7 and 1.4 %."""
    dice = np.random.default_rng(seed)
    year = a_year(base)
    place = int(dice.integers(1000, len(year) - 1000))
    bars = year.slice(place - 3, place + 200)
    known_ms, price = int(bars.close_time[2]), Decimal(str(bars.close[2]))
    side = Direction.SHORT if seed % 2 else Direction.LONG

    def away(percent: str) -> str:
        exact = price * (1 + side.sign * Decimal(percent) / 100)
        return str((exact / Decimal(tick)).to_integral_value() * Decimal(tick))

    plan = a_lived_plan(
        side,
        near=away("-0.3"),
        far=away("-0.6"),
        stop=away("-1"),
        targets=[away("0.7"), away("1.4")],
        valid_ms=100 * FINE.duration_ms,
        known_ms=known_ms,
        cost=str(price * Decimal("0.001")),
        atr=str(price * Decimal("0.003")),
    )
    return Case(plan=plan, rules=rules_by(dice, FINE.duration_ms), candles=bars, tick=tick)


@pytest.mark.recorded
@pytest.mark.slow
@pytest.mark.parametrize(("base", "tick"), [("BTC", "0.01"), ("SOL", "0.01")])
async def test_recorded_markets_end_as_the_executor_ends_them(tmp_path, base, tick):
    if not SPOT_2024.is_dir():
        pytest.skip("needs recorded candles in ../shared/data")
    ends = await compared([a_recorded_case(base, tick, seed) for seed in range(30)], tmp_path)
    assert {"targets", "stop"} <= set(ends), ends
