import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.performance.costs import cost_sensitivity
from tests.builders.performance import some_trades


def test_costs_worked_by_hand():
    # 300 net and 60 paid are 360 gross, on 120,000 traded: 30 basis points, 6 times what was paid.
    trades = some_trades([4.0, -1.0], costs=[40.0, 20.0], traded=60_000.0)
    found = cost_sensitivity(trades, (0.0, 1.0, 2.0))
    assert found is not None
    assert found.break_even_bp == pytest.approx(30.0)
    assert found.break_even_multiple == pytest.approx(6.0)
    assert [one.result for one in found.curve] == pytest.approx([360.0, 300.0, 240.0])
    assert [one.expectancy_r for one in found.curve] == pytest.approx([1.8, 1.5, 1.2])
    assert [one.cost_bp for one in found.curve] == pytest.approx([0.0, 5.0, 10.0])


@given(
    st.lists(st.integers(-300, 500), min_size=1, max_size=20),
    st.integers(1, 50),
    st.integers(1_000, 90_000),
)
def test_at_the_break_even_nothing_is_left(results, costs, traded):
    trades = some_trades([result / 100 for result in results], costs=costs, traded=traded)
    first = cost_sensitivity(trades)
    assert first is not None
    assert first.break_even_multiple is not None
    there = cost_sensitivity(trades, (first.break_even_multiple,))
    assert there is not None
    assert there.curve[0].result == pytest.approx(0.0, abs=1e-6)
    assert there.curve[0].cost_bp == pytest.approx(first.break_even_bp)


def test_a_run_that_loses_for_free_breaks_even_below_nothing():
    found = cost_sensitivity(some_trades([-1.0], costs=10.0, traded=10_000.0))
    assert found is not None
    assert found.break_even_bp == pytest.approx(-90.0)


def test_a_run_that_paid_nothing_has_no_multiple():
    found = cost_sensitivity(some_trades([1.0], costs=0.0))
    assert found is not None
    assert found.break_even_multiple is None
    assert found.break_even_bp == pytest.approx(50.0)


def test_without_a_trade_costs_mean_nothing():
    assert cost_sensitivity(some_trades([])) is None
