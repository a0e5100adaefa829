import numpy as np
import pytest

from snipersight.domain.errors import DataInvalid
from snipersight.domain.evidence_columns import Names
from snipersight.domain.timeframe import DAY_MS
from snipersight.performance.breakdown import by_name, by_year, return_by_year
from snipersight.performance.windows import Window
from tests.builders.performance import FIRST_DAY_MS, an_equity, some_trades

PERIOD = Window(FIRST_DAY_MS, FIRST_DAY_MS + 400 * DAY_MS)


def test_parts_are_named_sorted_and_add_up():
    trades = some_trades([1.0, -1.0, 3.0, -1.0])
    trend, swing = by_name(trades, Names.of(["trend", "range", "trend", "range"]), PERIOD)[::-1]
    assert (trend.name, trend.trades, trend.days) == ("trend", 2, 2)
    assert (trend.result, trend.expectancy_r, trend.hit_rate) == (400.0, 2.0, 1.0)
    assert (swing.name, swing.profit_factor, swing.expectancy_r) == ("range", 0.0, -1.0)


def test_a_part_that_is_too_small_has_no_interval():
    trades = some_trades([1.0, -1.0] * 20)
    names = Names.of(["large"] * 30 + ["small"] * 10)
    large, small = by_name(trades, names, PERIOD)
    assert small.interval is None
    assert large.interval is not None
    assert large.expectancy_r is not None
    assert large.interval.low < large.expectancy_r < large.interval.high


def test_a_trade_belongs_to_the_year_it_opened_in():
    trades = some_trades([1.0, 2.0], days=[365.9, 366.0], held_days=1.0)  # 2024 has 366 days
    assert [(one.name, one.expectancy_r) for one in by_year(trades, PERIOD)] == [
        ("2024", 1.0),
        ("2025", 2.0),
    ]


def test_names_that_do_not_fit_the_trades_are_refused():
    with pytest.raises(DataInvalid, match="2 trades"):
        by_name(some_trades([1.0, 1.0]), Names.of(["one"]), PERIOD)


def test_returns_of_years_compound_to_the_whole():
    marks = np.concatenate([np.linspace(100, 150, 366), np.linspace(151, 120, 100)])
    years = return_by_year(an_equity(marks.tolist(), opening=100.0))
    assert years == {2024: pytest.approx(0.5), 2025: pytest.approx(-0.2)}


def test_without_an_opening_the_first_day_returns_nothing():
    assert return_by_year(an_equity([100.0])) == {}
    assert return_by_year(an_equity([100.0, 110.0])) == {2024: pytest.approx(0.1)}
