import math
from collections.abc import Iterable

import numpy as np
import pytest

from snipersight.domain.evidence_columns import Numbers
from snipersight.domain.timeframe import DAY_MS
from snipersight.performance.intervals import (
    cagr_interval,
    expectancy_interval,
    results_by_day,
    sharpe_interval,
)
from snipersight.performance.percentiles import Interval, expanded_tail, interval_of
from snipersight.performance.returns import annual_sharpe, cagr, daily_returns
from snipersight.performance.series import ClosedTrades
from snipersight.performance.stationary import optimal_block_length, resampled_sums
from snipersight.performance.trade_metrics import expectancy_r
from snipersight.performance.windows import Window
from tests.builders.performance import FIRST_DAY_MS, an_equity, equity_of_returns, some_trades

YEAR = Window(FIRST_DAY_MS, FIRST_DAY_MS + 365 * DAY_MS)


def drawn_returns(seed: int) -> Numbers:
    return np.random.default_rng(seed).normal(0.001, 0.02, size=365)


def drawn_trades(seed: int) -> ClosedTrades:
    random = np.random.default_rng((5, seed))
    days = random.integers(0, 365, size=200)
    return some_trades(np.where(random.random(200) < 1.1 / 3, 2.0, -1.0), days=days)


def share_that_holds(intervals: Iterable[Interval | None], truth: float) -> float:
    return float(np.mean([one is not None and one.low <= truth <= one.high for one in intervals]))


def test_an_interval_of_the_sharpe_ratio_holds_the_true_one():
    true = 0.001 / 0.02 * math.sqrt(365)
    intervals = [sharpe_interval(equity_of_returns(drawn_returns(seed))) for seed in range(120)]
    assert 0.90 <= share_that_holds(intervals, true) <= 0.99


def test_an_interval_of_the_growth_rate_holds_the_true_one():
    # The logarithm of a day's growth has mean 0.001, so that a year's middle growth is known.
    growths = [np.expm1(drawn_returns(seed)) for seed in range(120)]
    intervals = [cagr_interval(equity_of_returns(growth)) for growth in growths]
    assert 0.90 <= share_that_holds(intervals, math.expm1(0.365)) <= 0.99


def test_an_interval_of_the_expectancy_holds_the_true_one():
    intervals = [expectancy_interval(drawn_trades(seed), YEAR) for seed in range(120)]
    assert 0.90 <= share_that_holds(intervals, 0.1) <= 0.99


def test_trades_that_share_their_fate_make_an_interval_wider():
    apart = some_trades([2.0, -1.0, -1.0] * 60, days=np.arange(180))
    together = some_trades([2.0] * 60 + [-1.0] * 120, days=np.arange(180) // 3)
    narrow, wide = (expectancy_interval(one, YEAR, block_length=1) for one in (apart, together))
    assert narrow is not None
    assert wide is not None
    assert wide.high - wide.low > 1.4 * (narrow.high - narrow.low)


def test_losses_that_last_make_an_interval_wider():
    random = np.random.default_rng(3)
    lasting = np.repeat(random.normal(0, 1, 36), 10)  # ten days of the same luck each
    shuffled = random.permutation(lasting)
    wide, narrow = (
        expectancy_interval(some_trades(results), YEAR) for results in (lasting, shuffled)
    )
    assert narrow is not None
    assert wide is not None
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_figures_of_a_history_are_those_of_its_days_one_after_another():
    returns = np.random.default_rng(0).normal(0.01, 0.02, 25)
    equity, trades = equity_of_returns(returns), some_trades(returns * 100, days=np.arange(25))
    assert math.ceil(optimal_block_length(returns)) == 2
    days = resampled_sums(np.eye(25), block_length=2).astype(int)
    histories = [np.repeat(returns, counts) for counts in days]
    worked = [
        (sharpe_interval(equity), [annual_sharpe(one) for one in histories]),
        (cagr_interval(equity), [cagr(equity_of_returns(one)) for one in histories]),
        (expectancy_interval(trades, equity.period), [100 * one.mean() for one in histories]),
    ]
    for ours, figures in worked:
        theirs = interval_of(np.array(figures), units=25 / 2)
        assert ours is not None
        assert theirs is not None
        assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), rel=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_what_was_measured_lies_within_its_interval(seed):
    equity, trades = equity_of_returns(drawn_returns(seed)), drawn_trades(seed)
    pairs = [
        (annual_sharpe(daily_returns(equity)), sharpe_interval(equity)),
        (cagr(equity), cagr_interval(equity)),
        (expectancy_r(trades), expectancy_interval(trades, YEAR)),
    ]
    for figure, interval in pairs:
        assert interval is not None
        assert figure is not None
        assert interval.low < figure < interval.high


def test_arch_draws_histories_that_spread_as_ours():
    bootstrap = pytest.importorskip("arch.bootstrap")
    returns = drawn_returns(8)
    ours = sharpe_interval(equity_of_returns(returns))
    length = float(bootstrap.optimal_block_length(returns)["stationary"].iloc[0])
    theirs = bootstrap.StationaryBootstrap(max(1.0, length), returns, seed=7).conf_int(
        annual_sharpe, reps=2_000, method="percentile", size=1 - 2 * expanded_tail(365)
    )
    assert ours is not None
    assert (ours.low, ours.high) == pytest.approx(theirs.ravel(), abs=0.25)


@pytest.mark.parametrize(
    "marks", [[100.0], [100.0, 101.0], [100.0, 100.0, 100.0], [100.0, 101.0, 102.01]]
)
def test_there_is_no_interval_of_a_ratio_that_does_not_exist(marks):
    assert sharpe_interval(an_equity(marks)) is None


def test_ruin_has_no_interval_of_growth():
    assert cagr_interval(an_equity([100.0, 0.0])) is None


def test_trades_of_one_day_have_no_interval():
    assert expectancy_interval(some_trades([1.0, 2.0], days=[0.1, 0.5]), YEAR) is None


def test_trades_count_on_the_day_they_opened_and_within_the_period_alone():
    trades = some_trades([1.0, 2.0, 4.0, 8.0], days=[-0.5, 0.5, 0.9, 3.0], held_days=2.0)
    by_day = results_by_day(trades, Window(FIRST_DAY_MS, FIRST_DAY_MS + 3 * DAY_MS))
    assert by_day.tolist() == [[6.0, 2.0], [0.0, 0.0], [0.0, 0.0]]
