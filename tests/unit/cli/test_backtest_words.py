"""What a backtest says of its candles and of funding, beside its figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from snipersight.cli.backtest_document import funding_words, study_document
from snipersight.cli.backtest_json import study_json
from snipersight.cli.backtest_page.building import page_of
from snipersight.domain.funding import FundingUsed
from snipersight.engine.backtesting.study import Study
from tests.builders.backtest_worlds import a_world, study_of, without_trades

WORLD = without_trades(a_world(bars=48))


def a_study(**used: int) -> Study:
    study = study_of(WORLD)
    return replace(study, result=replace(study.result, funding=FundingUsed(**used)))


@pytest.mark.parametrize(
    ("used", "words"),
    [
        ({}, "no funding was due"),
        ({"assumed": 3}, "funding: no record, all 3 payments at 0.01 % every 8 hours"),
        ({"recorded": 1}, "funding: 1 payment at recorded rates"),
        (
            {"recorded": 812, "assumed": 1200},
            "funding: 812 payments at recorded rates, 1,200 without a record at 0.01 %",
        ),
    ],
)
def test_it_is_said_how_much_funding_was_counted_by_which_rate(used, words):
    study = a_study(**used)
    assert funding_words(study).startswith(words)
    assert funding_words(study) in study_document(study, "swing").about
    assert study_json(study, "swing")["funding"] == {"recorded": 0, "assumed": 0} | used


def test_remarks_on_the_candles_stand_in_every_form():
    study, remarks = a_study(), ("markets that it has delisted since are missing",)
    assert remarks[0] in study_document(study, "swing", remarks).about
    assert study_json(study, "swing", remarks)["remarks"] == list(remarks)
    page = page_of(study, WORLD.arena, "swing", made_ms=0, remarks=remarks)
    assert any("delisted since are missing" in line for line in page.about)


def test_how_many_random_runs_did_as_well_is_not_told_as_their_p_value():
    study = study_of(a_world(bars=240), random=np.array([-9.0, -8.0, 9.0, 9.0, 9.0]))
    (rows,) = (
        one.grid.rows
        for one in study_document(study, "swing").sections
        if one.title == "Compared with" and one.grid is not None
    )
    assert ("of them at least as good", "3 (60.0 %), p = 0.667") in rows
