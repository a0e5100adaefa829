"""The scan's output obeys the four laws on recorded markets: quiet weeks and two crashes."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from snipersight.bootstrap.profiles import load_profile
from snipersight.domain.timeframe import DAY_MS
from tests.fakes.candle_table import CandleTable
from tests.fakes.recorded import OHLCV, SPOT_2021, SPOT_2024, recorded_table
from tests.fakes.scanning import a_lively_profile, decision_closes
from tests.fakes.wrong_series import (
    AnchoredSeries,
    OneSidedSeries,
    PeekingSeries,
    RepaintingSeries,
)
from tests.laws.scan_laws import (
    Asked,
    decisions,
    dyadic,
    mirror_breaks,
    plans_of,
    prefix_breaks,
    scale_breaks,
    start_breaks,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.recorded,
    pytest.mark.skipif(
        not OHLCV.is_dir(), reason="recorded market data is absent (../shared/data)"
    ),
]

BAR_MS = 300_000
MAY_2021 = 1_621_468_800_000  # 2021-05-20 00:00 UTC, the day after Bitcoin fell by a third
JUNE_2024 = 1_717_761_600_000  # 2024-06-07 12:00 UTC
AUGUST_2024 = 1_722_880_800_000  # 2024-08-05 18:00 UTC, the day of the crash
FIVE = ("BTC", "ETH", "SOL", "PEPE", "XRP")
EARLIER = ("BTC", "ETH", "ADA", "LINK", "MATIC")
EXTRAS_MS = (BAR_MS, 2 * DAY_MS + 3 * BAR_MS)

PERIODS: dict[str, Callable[[], CandleTable]] = {
    "a quiet week": lambda: recorded_table(SPOT_2024, FIVE, end_ms=JUNE_2024, days=14),
    "the crash of August 2024": lambda: recorded_table(
        SPOT_2024, FIVE, end_ms=AUGUST_2024, days=14
    ),
    "the crash of May 2021": lambda: recorded_table(SPOT_2021, EARLIER, end_ms=MAY_2021, days=14),
}


@cache
def asked(period: str) -> Asked:
    return Asked(table=PERIODS[period]())


@cache
def asked_exactly(period: str) -> Asked:
    free = a_lively_profile(
        planner={"slippage_fraction": "0"}, gates={"leader_alignment": "not_against"}
    )
    return Asked(table=dyadic(PERIODS[period]()), profile=free)


@cache
def moments(question: Callable[[str], Asked], period: str) -> tuple[int, ...]:
    """Return the period's end, a moment within a bar before it, and closes with living plans."""
    end_ms = question(period).table.now or 0
    closes = decision_closes(question(period).at(end_ms))
    return (end_ms, end_ms - DAY_MS // 2 - 61_000, *closes[:: max(len(closes) // 3, 1)])


@pytest.mark.parametrize("period", PERIODS)
def test_the_period_gives_the_laws_something_to_judge(period):
    for question in (asked, asked_exactly):
        reports = [question(period).at(moment) for moment in moments(question, period)]
        plans = [ranked.plan for report in reports for ranked in report.plans]
        refused = [refusal for report in reports for refusal in report.refusals]
        sides = {plan.direction for plan in plans} | {one.direction for one in refused}
        assert plans
        assert sides >= {"LONG", "SHORT"}


@pytest.mark.parametrize("period", PERIODS)
def test_what_was_said_never_changes_when_later_bars_arrive(period):
    assert prefix_breaks(asked(period), moments(asked, period)[:2]) == []


@pytest.mark.parametrize("period", PERIODS)
def test_what_was_said_does_not_depend_on_the_first_bar(period):
    assert start_breaks(asked(period), moments(asked, period), extras_ms=EXTRAS_MS) == []


@pytest.mark.parametrize("period", PERIODS)
def test_the_market_upside_down_gives_the_plans_upside_down(period):
    question = asked_exactly(period)
    assert mirror_breaks(question, moments(asked_exactly, period)) == []


@pytest.mark.parametrize("period", PERIODS)
def test_the_market_quoted_in_other_units_gives_the_same_plans(period):
    question = asked_exactly(period)
    assert scale_breaks(question, moments(asked_exactly, period), power=-3) == []


@pytest.mark.long  # on the built-in market each is caught in `test_scan_laws`
@pytest.mark.parametrize("period", ["a quiet week", "the crash of May 2021"])
def test_each_law_catches_the_reader_that_breaks_it(period):
    when, exact = moments(asked, period)[:2], asked_exactly(period)
    for wrong in (PeekingSeries, RepaintingSeries):
        assert prefix_breaks(replace(asked(period), plans=plans_of(wrong)), when[:1])
    anchored = replace(asked(period), plans=plans_of(AnchoredSeries))
    assert start_breaks(anchored, when, extras_ms=EXTRAS_MS)
    one_sided = replace(exact, plans=plans_of(OneSidedSeries))
    assert mirror_breaks(one_sided, moments(asked_exactly, period))


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("scalp", 45),
        pytest.param("balanced", 170, marks=pytest.mark.slow),
        pytest.param("conservative", 215, marks=pytest.mark.slow),
        pytest.param("aggressive", 130, marks=pytest.mark.slow),
    ],
)
def test_a_shipped_profile_obeys_the_laws_of_time(name, days):
    profile = load_profile(name, own_folder=OHLCV / "no profiles")
    table = recorded_table(SPOT_2024, FIVE, end_ms=AUGUST_2024, days=days)
    question = Asked(table=table, profile=profile)
    valid_ms = profile.setup.valid_bars * profile.timeframe("trigger").duration_ms
    ends = [AUGUST_2024 - window * valid_ms for window in range(10)]
    reports = [question.at(end) for end in ends]
    assert not any("no_data" in dict(report.funnel) for report in reports)
    closes = sorted({key[1] for report in reports for key in decisions(report)})
    assert closes
    assert prefix_breaks(question, [AUGUST_2024, *closes[-3:]]) == []
    assert start_breaks(question, closes[-2:], extras_ms=EXTRAS_MS) == []
