import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from snipersight.charts.evidence.equity import EquityLine, apart, drawdown, equity_svg, thinned
from snipersight.charts.evidence.ink import Ink
from snipersight.charts.evidence.svg import Frame

WIDE = Frame(name="wide", width_px=1128, height_px=360)
SUMS = st.lists(st.floats(-5, 5), min_size=1, max_size=60).map(lambda r: np.cumsum(np.array(r)))


def a_line(name: str, results: list[float], *, is_main: bool = False) -> EquityLine:
    ended = np.arange(len(results), dtype=np.int64) * 86_400_000 + 1_704_067_200_000
    return EquityLine(
        name=name, ink=Ink.TEXT, ended_ms=ended, total_r=np.cumsum(results), is_main=is_main
    )


def test_a_drawdown_worked_by_hand():
    # Best so far: 0 (before the first), 1, 1, 3, 3.
    assert drawdown(np.array([-1.0, 1.0, 0.5, 3.0, -2.0])).tolist() == [-1.0, 0.0, -0.5, 0.0, -5.0]


@given(SUMS)
def test_a_drawdown_is_never_above_zero_and_zero_only_at_the_best(total):
    depth = drawdown(total)
    assert (depth <= 0).all()
    best = np.maximum.accumulate(np.maximum(total, 0))
    np.testing.assert_allclose(total - depth, best, atol=1e-9)


@given(st.integers(10, 3000), st.integers(0, 1000))
def test_thinning_keeps_the_ends_and_every_extreme(count, seed):
    values = np.random.default_rng(seed).normal(size=count).cumsum()
    kept = thinned(count, values, most=50)
    assert len(kept) <= max(50 + 2, min(count, 52))
    assert (np.diff(kept) > 0).all()
    assert {0, count - 1, int(values.argmin()), int(values.argmax())} <= set(kept.tolist())


@given(st.lists(st.floats(0, 300), min_size=1, max_size=6))
def test_names_at_the_ends_of_lines_do_not_touch(wanted):
    placed = sorted(apart(wanted, gap=15, most=300))
    assert all(high - low >= 15 - 1e-9 for low, high in itertools.pairwise(placed))
    assert placed[-1] <= 300 + 1e-9


def test_names_that_are_far_from_each_other_stay_where_the_lines_end():
    assert apart([200.0, 50.0], gap=15, most=300) == [200.0, 50.0]


def test_each_line_is_named_at_its_end_and_the_depth_of_the_main_one_is_told():
    svg = equity_svg(
        [a_line("all", [2.0, -1.0, -1.5, 1.0], is_main=True), a_line("tier A", [2.0])],
        WIDE,
        alt="",
    )
    assert ">all +0.50R<" in svg
    assert ">tier A +2.00R<" in svg
    assert ">−2.50R<" in svg


def test_a_single_loss_can_be_drawn():
    assert ">all −1.00R<" in equity_svg([a_line("all", [-1.0], is_main=True)], WIDE, alt="")
