"""The scan's output obeys the four laws on generated candles, and wrong readers are caught."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snipersight.analysis.smc.series import SmcSeries
from snipersight.domain.candles import Candles
from snipersight.domain.instrument import Instrument
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Symbol
from snipersight.planner.smc_source import SmcPlanSource
from tests.fakes.candle_table import CandleTable, with_prices
from tests.fakes.scanning import NOON_MS, a_lively_profile, report_bytes, synthetic_table
from tests.fakes.wrong_series import (
    AnchoredSeries,
    CoarseSeries,
    OneSidedSeries,
    PeekingSeries,
    RepaintingSeries,
)
from tests.laws import wrong
from tests.laws.scan_laws import (
    Asked,
    LongerHistory,
    decisions,
    dyadic,
    mirror_breaks,
    plans_of,
    prefix_breaks,
    scale_breaks,
    start_breaks,
)

pytestmark = pytest.mark.slow

SYMBOLS = ("BTC/USDT:USDT", "SOL/USDT:USDT", "1000PEPE/USDT:USDT")
BAR_MS = 300_000
MOMENTS = (NOON_MS, NOON_MS - DAY_MS - 7 * BAR_MS, NOON_MS - 3 * DAY_MS - 61_000)
EXTRAS_MS = (BAR_MS, DAY_MS + 3 * BAR_MS, 3 * DAY_MS)


@cache
def asked(series: type[SmcSeries] = SmcSeries) -> Asked:
    return Asked(table=synthetic_table(SYMBOLS), plans=plans_of(series))


@cache
def asked_exactly(series: type[SmcSeries] = SmcSeries) -> Asked:
    """Return the same question about dyadic perpetuals without costs."""
    free = a_lively_profile(
        planner={"slippage_fraction": "0"}, gates={"leader_alignment": "not_against"}
    )
    return Asked(table=dyadic(synthetic_table(SYMBOLS)), plans=plans_of(series), profile=free)


@cache
def moments(question: Callable[[], Asked]) -> tuple[int, ...]:
    """Return some moments, among them the closes of decisions: then their plans are alive."""
    closes = {at for _, at, _, _ in decisions(question().at(NOON_MS))}
    return (*MOMENTS, *sorted(closes)[:5])


@pytest.mark.parametrize("question", [asked, asked_exactly])
def test_the_markets_give_the_laws_something_to_judge(question):
    reports = [question().at(moment) for moment in moments(question)]
    plans = [ranked.plan for report in reports for ranked in report.plans]
    refused = [refusal for report in reports for refusal in report.refusals]
    planned = {plan.direction for plan in plans} | {item.direction for item in refused if item.plan}
    assert len(plans) > 2
    assert len(planned) == 2


def test_what_the_scan_says_never_changes_when_later_bars_arrive():
    assert prefix_breaks(asked(), MOMENTS) == []


def test_what_the_scan_says_does_not_depend_on_the_first_bar():
    assert start_breaks(asked(), MOMENTS, extras_ms=EXTRAS_MS) == []


def test_a_market_upside_down_gives_the_plans_upside_down():
    assert mirror_breaks(asked_exactly(), moments(asked_exactly)) == []


@pytest.mark.parametrize("power", [-4, 7])
def test_a_market_quoted_in_other_units_gives_the_same_plans(power):
    assert scale_breaks(asked_exactly(), moments(asked_exactly), power=power) == []


@pytest.mark.parametrize(
    "series", [PeekingSeries, RepaintingSeries, wrong.PeekingSeries, wrong.RepaintingSeries]
)
def test_the_prefix_law_catches_a_reader_that_sees_the_future(series):
    assert prefix_breaks(asked(series), MOMENTS[:1])


class EagerTable(CandleTable):
    """Serves the day after the moment asked about as well."""

    async def candles(
        self, symbol: Symbol, timeframe: Timeframe, *, start_ms: int, end_ms: int
    ) -> Candles:
        return await super().candles(symbol, timeframe, start_ms=start_ms, end_ms=end_ms + DAY_MS)


class HindsightTable(CandleTable):
    """Lists only the markets that will have risen."""

    async def instruments(self) -> Mapping[Symbol, Instrument]:
        return {
            symbol: instrument
            for symbol, instrument in self.listed.items()
            if self.base[symbol].close[-1] > self.base[symbol].close[-288]
        }


def test_the_scan_sees_no_bar_past_its_moment_even_where_a_source_serves_one():
    honest = asked()
    eager = EagerTable(base=honest.table.base, listed=honest.table.listed)
    for moment in moments(asked):
        assert report_bytes(replace(honest, table=eager).at(moment)) == report_bytes(
            honest.at(moment)
        )


def test_the_prefix_law_catches_a_source_that_lists_with_hindsight():
    honest = asked().table
    hindsight = HindsightTable(base=honest.base, listed=honest.listed)
    assert prefix_breaks(replace(asked(), table=hindsight), MOMENTS)


@pytest.mark.parametrize(
    "series", [AnchoredSeries, RepaintingSeries, wrong.FirstBarSeries, wrong.WholeHistorySeries]
)
def test_the_start_law_catches_a_reader_that_depends_on_the_first_bar(series):
    assert start_breaks(asked(series), MOMENTS, extras_ms=EXTRAS_MS)


def test_the_start_law_catches_a_warm_up_stated_too_short():
    hasty = replace(
        asked(), plans=lambda profile: LongerHistory(SmcPlanSource(profile), -6 * DAY_MS)
    )
    assert start_breaks(hasty, MOMENTS, extras_ms=[6 * DAY_MS])


@pytest.mark.parametrize("series", [OneSidedSeries, wrong.OneSidedSeries])
def test_the_mirror_law_catches_a_reader_that_treats_one_side_differently(series):
    assert mirror_breaks(asked_exactly(series), moments(asked_exactly))


@pytest.mark.parametrize("series", [CoarseSeries, wrong.AbsoluteSeries])
def test_the_scale_law_catches_a_reader_that_knows_an_absolute_distance(series):
    assert scale_breaks(asked_exactly(series), moments(asked_exactly), power=-4)


holes = st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 40)), max_size=3)
spikes = st.lists(st.tuples(st.integers(0, 3000), st.integers(-64, 64)), min_size=1, max_size=12)


@st.composite
def markets(draw: st.DrawFn) -> CandleTable:
    """Return another seed's markets with outages and wicks anywhere in them."""
    seed = draw(st.integers(1, 6))
    table = dyadic(synthetic_table(SYMBOLS[:2], seed=seed, days=14))
    lost, hit = draw(holes), draw(spikes)
    return table.changed(lambda candles: _struck(_torn(candles, lost), hit))


def _torn(candles: Candles, lost: list[tuple[int, int]]) -> Candles:
    kept = np.ones(len(candles), dtype=bool)
    for age, bars in lost:
        kept[max(len(candles) - 12 - age - bars, 0) : len(candles) - 12 - age] = False
    names = ("open_time", "open", "high", "low", "close", "volume")
    return with_prices(candles, **{name: getattr(candles, name)[kept] for name in names})


def _struck(candles: Candles, hit: list[tuple[int, int]]) -> Candles:
    high, low = candles.high.copy(), candles.low.copy()
    for age, sixtyfourths in hit:
        index = max(len(candles) - 1 - age, 0)
        high[index] += max(sixtyfourths, 0) / 64
        low[index] += min(sixtyfourths, 0) / 64
    return with_prices(candles, high=high, low=low)


generated = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


@generated
@given(table=markets(), back=st.integers(0, 288))
def test_damaged_markets_obey_the_laws_of_time(table, back):
    question = Asked(table=table)
    moment = NOON_MS - back * BAR_MS
    assert prefix_breaks(question, [moment]) == []
    assert start_breaks(question, [moment], extras_ms=EXTRAS_MS[:2]) == []


@generated
@given(
    table=markets(),
    back=st.integers(0, 288),
    power=st.integers(-5, 9),
    leader=st.sampled_from(("off", "not_against", "with")),
)
def test_damaged_markets_obey_the_laws_of_price(table, back, power, leader):
    profile = a_lively_profile(
        planner={"slippage_fraction": "0"}, gates={"leader_alignment": leader}
    )
    question = Asked(table=table, profile=profile)
    moment = NOON_MS - back * BAR_MS
    assert mirror_breaks(question, [moment]) == []
    assert scale_breaks(question, [moment], power=power) == []
