"""The figures of a really kept backtest stand on the page, each in its unit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from snipersight.bootstrap.evidence.runs import record_run
from snipersight.storage.kept_runs import Figure, KeptRun, RunFolder
from snipersight.web.pages.figures import ALL, FIRST, difference_text, figure_text, name_of
from snipersight.web.pages.words import DASH
from tests.builders.backtest_worlds import a_world, study_of


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> KeptRun:
    folder, world = tmp_path_factory.mktemp("runs"), a_world(bars=240)
    record_run(study_of(world), world, folder)
    (run,) = RunFolder(folder).all()
    return run


def valued(run: KeptRun, **figures: float | None) -> KeptRun:
    return replace(run, metrics=figures)


def test_return_and_drawdown_of_a_kept_run_are_told(kept):
    assert {Figure.TOTAL_RETURN, Figure.DEEPEST_DRAWDOWN, Figure.TRADES} <= set(FIRST)
    assert [figure_text(kept, one) for one in FIRST].count(DASH) == 0
    assert figure_text(kept, Figure.TRADES) == f"{kept.metrics['trades']:,.0f}"
    assert figure_text(kept, Figure.TOTAL_RETURN).endswith(" %")


def test_every_figure_that_is_kept_can_be_told():
    assert set(ALL) == set(Figure)
    assert len({name_of(one) for one in ALL}) == len(ALL)


@pytest.mark.parametrize(
    ("figure", "value", "other", "text", "difference"),
    [
        (Figure.TOTAL_RETURN, -0.123456, 0.05, "−12.35 %", "−17.35 pp"),
        (Figure.TOTAL_RETURN, 0.05, 0.05, "+5.00 %", "0.00 pp"),
        (Figure.DEEPEST_DRAWDOWN, 0.2, 0.15, "20.00 %", "+5.00 pp"),
        (Figure.SHARPE, -0.5, 1.25, "−0.50", "−1.75"),
        (Figure.SHARPE, 1.0, 1.001, "1.00", "0.00"),
        (Figure.TRADES, 1204.0, 4.0, "1,204", "+1,200"),
        (Figure.EXPECTANCY_R, 0.25, 0.5, "+0.25R", "−0.25R"),
        (Figure.HIT_RATE, 0.456, 0.4, "45.6 %", "+5.60 pp"),
        (Figure.COST_BP, 12.34, 13.0, "12.3 bp", "−0.7 bp"),
        (Figure.RANDOM_P_VALUE, 0.0421, 0.05, "0.042", "−0.008"),
    ],
)
def test_a_figure_is_rounded_and_has_its_unit(kept, figure, value, other, text, difference):
    run, base = valued(kept, **{figure: value}), valued(kept, **{figure: other})
    assert figure_text(run, figure) == text
    assert difference_text(run, base, figure) == difference


def test_what_is_not_defined_has_no_difference(kept):
    run = valued(kept, sharpe=None)
    assert figure_text(run, Figure.SHARPE) == figure_text(valued(kept), Figure.SHARPE) == DASH
    assert difference_text(run, kept, Figure.SHARPE) == DASH
    assert difference_text(kept, run, Figure.SHARPE) == DASH
