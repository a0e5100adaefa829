"""The page of a sweep: what parameters do, what choosing is worth, and nothing fetched."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from snipersight.bootstrap.evidence.sweep import Swept
from snipersight.cli.report_page.rendering import Page, html_of
from snipersight.cli.sweep_document import sweep_document
from snipersight.cli.sweep_page.building import page_of
from snipersight.cli.sweep_page.heat import heat_figures, pooled_by
from snipersight.cli.sweep_page.walk import walked_growth
from tests.builders.sweeps import a_request, swept, write_candles

MADE_MS = 1_752_883_200_000


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Swept:
    folder = write_candles(tmp_path_factory.mktemp("candles"))
    varied = ("planner.stop_buffer_atr=0.1,1", "gates.max_range_position=0.5,1")
    return swept(a_request(folder, *varied), tmp_path_factory.mktemp("scratch"))


@pytest.fixture(scope="module")
def page(whole: Swept) -> Page:
    return page_of(whole, made_ms=MADE_MS)


def test_a_cell_holds_the_trades_of_all_runs_with_its_values(whole):
    down, across = whole.request.variants.space.axes
    cells = pooled_by(whole, down, across)
    assert set(cells) == {(0, 0), (0, 1), (1, 0), (1, 1)}
    for trial in whole.trials:
        assert trial.run is not None
        assert cells[trial.choice].trades == trial.run.metrics["trades"]
        assert cells[trial.choice].mean_r == pytest.approx(trial.run.metrics["expectancy_r"])
    rows = pooled_by(whole, down, None)
    assert {place: one.trades for place, one in rows.items()} == {
        (row, 0): cells[row, 0].trades + cells[row, 1].trades for row in (0, 1)
    }


def test_the_heat_map_has_a_cell_for_each_pair(whole):
    (figure,) = heat_figures(whole)
    assert figure.title == "planner.stop_buffer_atr against gates.max_range_position"
    assert figure.grid is not None
    assert [len(row) for row in figure.grid.rows] == [3, 3]
    assert figure.wide.count("<path") >= 4


def test_the_walk_is_that_of_the_runs_that_were_chosen(whole):
    days, chosen, middle = walked_growth(whole)
    folds = whole.judged.folds
    assert len(days) == len(chosen) == len(middle) == 15
    grown = 1.0
    for fold in folds:
        grown *= 1 + fold.test_return
    assert chosen[-1] == pytest.approx(grown - 1)


def test_the_verdict_comes_first_and_what_choosing_is_worth_before_which_is_best(page, whole):
    assert page.answers[0].sentence == whole.judged.study.verdict.sentence
    asked = [one.question for one in page.answers]
    assert asked.index("Is the best one best by luck?") < asked.index("Which one is it?")
    keys = [one.key for one in page.figures]
    assert keys[:4] == ["reasons", "heat-0", "walk", "runs"]


def test_the_page_needs_nothing_but_itself(page):
    html = html_of(page)
    assert not re.findall(r"https?:|@import|url\((?!#)|<script|<link|<img", html)
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_the_same_sweep_gives_the_same_page(page, whole):
    assert html_of(page_of(whole, made_ms=MADE_MS)) == html_of(page)


def test_a_failed_run_is_told_and_left_out(whole):
    spare = next(
        place
        for place in range(4)
        if place != whole.made[whole.judged.best]
        and place not in [whole.made[one.chosen] for one in whole.judged.folds]
    )
    trials = list(whole.trials)
    trials[spare] = replace(trials[spare], run=None, failure="it ended its worker <b>twice</b>")
    made = tuple(place for place in whole.made if place != spare)
    rows = [place for place, at in enumerate(whole.made) if at != spare]
    judged = replace(
        whole.judged,
        best=rows.index(whole.judged.best),
        folds=tuple(
            replace(one, chosen=rows.index(one.chosen), middle=0) for one in whole.judged.folds
        ),
    )
    broken = replace(
        whole, trials=tuple(trials), made=made, returns=whole.returns[rows], judged=judged
    )
    html = html_of(page_of(broken, made_ms=MADE_MS))
    assert "it ended its worker &lt;b&gt;twice" in html
    assert "1 run failed and say nothing" in " ".join(sweep_document(broken).about)


def test_of_two_parameters_the_longer_one_goes_down_the_page(whole):
    many = ",".join(str(step / 10) for step in range(1, 13))
    request = a_request(
        whole.request.recorded.data, f"planner.stop_buffer_atr={many}", "planner.min_rr=1,1.5"
    )
    (figure,) = heat_figures(replace(whole, request=request, trials=()))
    assert figure.grid is not None
    assert len(figure.grid.rows) == 12
