import numpy as np
import pytest

from snipersight.domain.errors import DataInvalid
from snipersight.domain.timeframe import DAY_MS
from snipersight.performance.series import ClosedTrades, DailyEquity, pooled
from snipersight.performance.windows import Window
from tests.builders.performance import FIRST_DAY_MS, an_equity, some_trades


def equity_on(days: list[int], marks: list[float], opening: float | None = None) -> DailyEquity:
    return DailyEquity(days=np.array(days), equity=np.array(marks, float), opening=opening)


@pytest.mark.parametrize(
    ("days", "marks", "opening", "what"),
    [
        ([], [], None, "at least one day"),
        ([0, DAY_MS], [1.0], None, "differ in length"),
        ([0, 2 * DAY_MS], [1.0, 1.0], None, "follow on"),
        ([0, 0], [1.0, 1.0], None, "follow on"),
        ([5], [1.0], None, "not the start"),
        ([0.5], [1.0], None, "int64"),
        ([0], [np.nan], None, "not a finite"),
        ([0], [1.0], np.inf, "not a finite"),
        ([0], [0.0], None, "zero or less"),
        ([0], [1.0], -1.0, "zero or less"),
        ([[0]], [[1.0]], None, "single column"),
    ],
)
def test_equity_that_cannot_be_is_refused(days, marks, opening, what):
    with pytest.raises(DataInvalid, match=what):
        equity_on(days, marks, opening)


def test_the_opening_is_the_mark_of_the_day_before():
    equity = an_equity([101.0, 102.0], opening=100.0)
    assert equity.marks.tolist() == [100.0, 101.0, 102.0]
    assert equity.mark_days.tolist() == [FIRST_DAY_MS + day * DAY_MS for day in (-1, 0, 1)]
    assert equity.period == Window(FIRST_DAY_MS, FIRST_DAY_MS + 2 * DAY_MS)


def test_nobody_can_change_what_was_handed_in():
    marks = np.array([100.0, 110.0])
    equity = DailyEquity(days=np.array([0, DAY_MS]), equity=marks)
    marks[1] = 0.0
    assert equity.equity.tolist() == [100.0, 110.0]
    with pytest.raises(ValueError, match="read-only"):
        equity.equity[0] = 5.0


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"risk": 0.0}, "zero or less"),
        ({"traded": 0.0}, "traded nothing"),
        ({"held_days": -0.1}, "before it opened"),
        ({"costs": np.nan}, "costs is not finite"),
        ({"symbols": ["BTC/USDT"]}, "differ in length"),
    ],
)
def test_trades_that_cannot_be_are_refused(changed, what):
    with pytest.raises(DataInvalid, match=what):
        some_trades([1.0, -1.0], **changed)


def test_a_result_in_r_is_measured_by_the_risk_of_its_own_trade():
    trades = some_trades([2.0, -1.0], risk=[50.0, 200.0])
    assert trades.result.tolist() == [100.0, -200.0]
    assert trades.result_r.tolist() == [2.0, -1.0]


def test_pooling_joins_every_column_in_order():
    one = some_trades([1.0, -1.0], symbols=["BTC/USDT", "ETH/USDT"])
    other = some_trades([3.0], days=[9], symbols=["BTC/USDT"], costs=7.0)
    both = pooled([one, other])
    assert both.result_r.tolist() == [1.0, -1.0, 3.0]
    assert both.costs.tolist() == [5.0, 5.0, 7.0]
    assert both.symbol.tolist() == ["BTC/USDT", "ETH/USDT", "BTC/USDT"]
    assert both.opened_ms[2] == FIRST_DAY_MS + 9 * DAY_MS


def test_pooling_nothing_gives_no_trades():
    nothing = pooled([])
    assert isinstance(nothing, ClosedTrades)
    assert len(nothing) == 0
    assert nothing.opened_ms.dtype == np.int64


def test_a_mask_keeps_whole_trades():
    trades = some_trades([1.0, -1.0, 2.0], symbols=["A", "B", "C"])
    kept = trades.where(trades.result > 0)
    assert (kept.result_r.tolist(), kept.symbol.tolist()) == ([1.0, 2.0], ["A", "C"])
