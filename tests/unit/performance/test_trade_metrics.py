import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.timeframe import DAY_MS
from snipersight.performance.metrics import measure_equity, measure_trades
from snipersight.performance.trade_metrics import (
    cost_bp,
    expectancy_r,
    exposure,
    hit_rate,
    profit_factor,
    trade_days,
    turnover,
)
from snipersight.performance.windows import Window
from tests.builders.performance import FIRST_DAY_MS, an_equity, some_trades

SPAN = Window(FIRST_DAY_MS, FIRST_DAY_MS + 10 * DAY_MS)


def test_trades_worked_by_hand():
    trades = some_trades([2.0, -1.0, 0.0, 1.0], risk=[100.0, 50.0, 100.0, 200.0])
    assert profit_factor(trades) == pytest.approx(400 / 50)
    assert expectancy_r(trades) == pytest.approx(0.5)
    assert hit_rate(trades) == 0.5  # nothing won is no hit
    assert cost_bp(trades) == pytest.approx(20 / 80_000 * 10_000)


def test_figures_without_a_trade_are_none():
    none = some_trades([])
    assert [profit_factor(none), expectancy_r(none), hit_rate(none), cost_bp(none)] == [None] * 4
    assert exposure(none, SPAN) == 0.0


def test_there_is_no_profit_factor_without_a_loss():
    assert profit_factor(some_trades([1.0, 2.0])) is None


def test_time_with_two_positions_counts_once():
    trades = some_trades([1, 1, 1], days=[1.0, 2.0, 7.0], held_days=[3.0, 1.0, 1.0])
    assert exposure(trades, SPAN) == pytest.approx(0.4)


def test_time_outside_the_period_does_not_count():
    trades = some_trades([1, 1, 1], days=[-3.0, 9.0, 20.0], held_days=[4.0, 5.0, 1.0])
    assert exposure(trades, SPAN) == pytest.approx(0.2)


@given(
    st.lists(st.tuples(st.integers(-5, 15), st.integers(0, 6)), max_size=12),
)
def test_exposure_is_the_share_of_days_on_which_something_is_held(spans):
    opened, held = [span[0] for span in spans], [span[1] for span in spans]
    trades = some_trades([1.0] * len(spans), days=opened, held_days=held)
    days = {day for begin, length in spans for day in range(begin, begin + length)}
    assert exposure(trades, SPAN) == pytest.approx(len(days & set(range(10))) / 10)


def test_turnover_counts_how_often_a_year_the_account_is_traded():
    equity = an_equity([10_000.0] * 73, opening=10_000.0)  # a fifth of a year
    assert turnover(some_trades([1.0, 1.0]), equity) == pytest.approx(40_000 / 10_000 * 5)


def test_an_account_in_debt_has_no_turnover():
    assert turnover(some_trades([1.0]), an_equity([-500.0], opening=100.0)) is None


def test_days_are_those_on_which_trades_opened():
    days = trade_days(some_trades([1, 1, 1], days=[0.1, 0.9, 4.0], held_days=3.0))
    assert (days - FIRST_DAY_MS // DAY_MS).tolist() == [0, 4]


def test_all_figures_of_a_run_are_measured_together():
    equity = an_equity([10_100.0, 10_050.0, 10_200.0], opening=10_000.0)
    trades = some_trades([1.0, -0.5, 1.5], held_days=0.5)
    of_equity, of_trades = measure_equity(equity), measure_trades(trades, equity)
    assert of_equity.days == 3
    assert of_equity.total_return == pytest.approx(0.02)
    assert of_equity.deepest == of_equity.longest is not None
    assert (of_trades.trades, of_trades.days) == (3, 3)
    assert of_trades.result == pytest.approx(200.0)
    assert of_trades.exposure == pytest.approx(0.5)
    assert of_trades.costs == 15.0
    assert of_trades.cost_bp == pytest.approx(2.5)
    assert of_trades.expectancy_r == pytest.approx(2 / 3)
