"""Which backtests and sweeps a page gets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from snipersight.bootstrap.dashboard.reader import DashboardReader
from snipersight.bootstrap.dashboard.views import RunsRequest, RunsView, Topic
from snipersight.storage.home import Home
from snipersight.storage.kept_runs import RunFolder
from snipersight.storage.kept_sweeps import SweepFolder
from tests.builders.kept_runs import a_kept_run
from tests.builders.sweeps import a_kept_sweep
from tests.fakes.dashboard_home import dashboard_home

ALONE = [f"{number:016x}" for number in range(5)]
SWEEP = a_kept_sweep()
SWEPT = [one.run_id for one in SWEEP.runs]


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    with dashboard_home(tmp_path_factory.mktemp("home")) as settings:
        folder = Home(settings.snipersight_home).backtests
        for made_ms, run_id in enumerate([*ALONE, *SWEPT], 1):
            RunFolder(folder).keep(
                a_kept_run(run_id, made_ms=made_ms, metrics={"sharpe": float(made_ms)})
            )
        SweepFolder.beside(folder).keep(SWEEP)
        with DashboardReader(settings) as opened:
            yield opened


def ids(view: RunsView) -> list[str]:
    return [one.run_id for one in view.runs]


def test_every_page_is_reached_and_none_twice(reader):
    first = reader.runs(RunsRequest(limit=3))
    second = reader.runs(RunsRequest(limit=3, before=first.next_before))
    third = reader.runs(RunsRequest(limit=3, before=second.next_before))
    assert ids(first) + ids(second) + ids(third) == [*reversed([*ALONE, *SWEPT])]
    assert (third.next_before, first.total) == ("", 7)


def test_a_page_behind_a_run_that_is_gone_begins_anew(reader):
    assert ids(reader.runs(RunsRequest(before="gone"))) == ids(reader.runs(RunsRequest()))


def test_runs_of_a_sweep_are_told_with_it_the_best_first(reader):
    view = reader.runs(RunsRequest(is_alone=True))
    assert ids(view) == ALONE[::-1]
    (sweep,) = view.sweeps
    assert [(run.run_id, values) for run, values in sweep.runs] == [
        (SWEPT[1], ("2", "96")),
        (SWEPT[0], ("1", "96")),
    ]


def test_chosen_runs_come_as_they_were_named_and_once(reader):
    view = reader.runs(RunsRequest(chosen=(SWEPT[1], "gone", ALONE[0], SWEPT[1])))
    assert [one.run_id for one in view.chosen] == [SWEPT[1], ALONE[0]]


def test_a_sweep_that_is_kept_is_told_as_a_change(reader, tmp_path):
    before = reader.changes()
    folder = SweepFolder.beside(Home(reader.settings.snipersight_home).backtests)
    folder.keep(replace(SWEEP, sweep_id="0", made_ms=1))
    assert Topic.EVIDENCE in reader.changes().since(before)
    assert [one.sweep.sweep_id for one in reader.runs(RunsRequest()).sweeps] == [
        SWEEP.sweep_id,
        "0",
    ]
    (asked,) = reader.runs(RunsRequest(sweep="0")).sweeps
    assert asked.sweep.sweep_id == "0"
    assert [one.sweep_id for one in reader.runs(RunsRequest(sweep="0")).others] == [SWEEP.sweep_id]
