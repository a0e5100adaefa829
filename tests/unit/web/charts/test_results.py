from dataclasses import replace
from decimal import Decimal

from snipersight.bootstrap.dashboard.views import EquityPoint
from snipersight.domain.statistics import (
    Calibration,
    CalibrationVerdict,
    RDistribution,
    ReliabilityBin,
)
from snipersight.performance.verdict import Finding
from snipersight.storage.kept_runs import KeptRun
from snipersight.web.charts.results import (
    MOST_RUNS,
    calibration_options,
    equity_options,
    runs_options,
    spread_options,
)

DAY_MS = 86_400_000
RUN = KeptRun(
    run_id="0123456789abcdef",
    made_ms=5,
    profile="balanced",
    profile_hash="p",
    values_hash="v",
    is_shipped=False,
    policy_hash="l",
    code_hash="c",
    candles_hash="b",
    source="smc",
    markets=("sandbox BTC/USDT",),
    start_ms=10 * DAY_MS,
    end_ms=12 * DAY_MS,
    currency="USDT",
    starting_balance="10000",
    rearm_days=0,
    random_runs=0,
    trials=1,
    out_of_sample=0,
    finding=next(iter(Finding)),
    sentence="",
    metrics={},
    returns=(0.1, -0.5),
)


def test_equity_is_a_point_for_each_closed_trade():
    points = [
        EquityPoint(at_ms=1, realised=Decimal("12.5")),
        EquityPoint(at_ms=2, realised=Decimal(-3)),
    ]
    assert equity_options(points)["series"][0]["data"] == [[1, 12.5], [2, -3.0]]


def test_results_are_counted_by_range_and_losses_differ_in_fill():
    spread = RDistribution(
        n=3, edges=(-1.0, 0.0, 1.0), counts=(1, 2), quantiles=(), mean=None, median=None,
        best=None, worst=None, sentence="",
    )  # fmt: skip
    options = spread_options(spread)
    loss, gain = options["series"][0]["data"]
    assert (loss["value"], gain["value"]) == (1, 2)
    assert loss["itemStyle"]["color"] != gain["itemStyle"]["color"]
    assert options["xAxis"]["data"] == ["-1.0…+0.0", "+0.0…+1.0"]


def test_scores_are_drawn_with_the_interval_of_their_rate():
    one = ReliabilityBin(
        low=20, high=30, mean_score=25, n=40, hits=10, rate=0.25, rate_low=0.15, rate_high=0.4
    )
    calibration = Calibration(
        n=40, days=12, hits=10, rate=0.25, rate_low=0.15, rate_high=0.4, bins=(one,),
        curve=((20.0, 0.2),), brier=None, brier_of_base_rate=None, p_value=None,
        verdict=CalibrationVerdict.NO_EVIDENCE, sentence="",
    )  # fmt: skip
    interval, fitted, points = calibration_options(calibration)["series"]
    assert interval["data"] == [[25, 0.15], [25, 0.4]]
    assert fitted["data"] == [[20.0, 0.2]]
    assert points["data"] == [[25, 0.25]]


def test_a_backtest_grows_from_one_day_by_day():
    (line,) = runs_options([RUN])["series"]
    assert line["data"] == [[10 * DAY_MS, 1.0], [11 * DAY_MS, 1.1], [12 * DAY_MS, 0.55]]


def test_backtests_are_told_apart_without_colour_too():
    runs = [replace(RUN, run_id=f"{number:016d}") for number in range(MOST_RUNS + 3)]
    lines = runs_options(runs)["series"]
    looks = {(one["lineStyle"]["color"], one["lineStyle"]["type"]) for one in lines}
    assert len(lines) == len(looks) == MOST_RUNS
