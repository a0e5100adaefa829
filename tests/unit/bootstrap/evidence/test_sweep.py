"""A sweep is its backtests: the same whoever makes them, kept as they come, and judged with restraint."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from snipersight.bootstrap.evidence.backtest import Making, study_recorded
from snipersight.bootstrap.evidence.sweep import Swept
from snipersight.bootstrap.evidence.sweep_campaign import days_of
from snipersight.bootstrap.evidence.sweep_crews import opened_crew
from snipersight.bootstrap.evidence.sweep_ground import scratch_folder
from snipersight.bootstrap.evidence.sweep_reading import answers
from snipersight.bootstrap.to_end import run_to_end
from snipersight.cli.sweep_json import sweep_json, sweep_rows
from snipersight.cli.sweep_page.building import page_of
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.engine.backtesting.study import Study
from snipersight.engine.sweeping.choosing import WalkTerms
from snipersight.engine.sweeping.searching import SearchKind
from snipersight.performance.verdict import Answer, Finding, Rule
from snipersight.storage.kept_runs import RunFolder
from snipersight.storage.kept_sweeps import SweepFolder
from tests.builders.sweeps import a_request, named, plain_settings, swept, write_candles

pytestmark = pytest.mark.slow

FIGURES = ("trades", "total_return")
GOLDEN = [  # closed trades and the account's growth of each combination, in order
    (11.0, -0.035754039276900795),
    (15.0, -0.0689257297339998),
    (18.0, 0.03840824490909833),
    (23.0, -0.0038611899847009745),
    (20.0, 0.019157884443899986),
    (27.0, -0.01795024606780049),
]
BEST, CHOSEN, WALKED = 2, [4, 2, 2], 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_candles(tmp_path_factory.mktemp("candles"))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the runs of `whole` are kept: never written to by others."""
    return tmp_path_factory.mktemp("kept") / "backtests"


@pytest.fixture(scope="module")
def whole(folder: Path, kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Swept:
    return swept(a_request(folder), tmp_path_factory.mktemp("scratch"), kept_in=kept)


def out_of_sample(study: Study) -> Answer:
    (reason,) = (one for one in study.verdict.reasons if one.rule is Rule.OUT_OF_SAMPLE)
    return reason.answer


def told(found: Swept) -> str:
    return json.dumps(sweep_json(found), sort_keys=True)


def copied(kept: Path, to: Path, *, without: int = 0) -> Path:
    """Return a folder with all but some of the runs that are kept."""
    to.mkdir()
    for file in sorted(kept.glob("*.json"))[without:]:
        (to / file.name).write_bytes(file.read_bytes())
    return to


def test_a_small_sweep_gives_what_it_gave_before(whole):
    for found, before in zip(named(whole, FIGURES), GOLDEN, strict=True):
        assert found == pytest.approx(before, rel=1e-9)
    assert whole.made[whole.judged.best] == BEST
    assert [one.chosen for one in whole.judged.folds] == CHOSEN
    assert len(whole.judged.walked) == WALKED


def test_two_processes_give_what_a_thread_gives(whole, folder, tmp_path):
    kept_in = tmp_path / "kept"
    with opened_crew(workers=2, cluster=None) as crew:
        found = swept(a_request(folder), tmp_path / "scratch", crew=crew, kept_in=kept_in)
    assert told(found) == told(whole)
    np.testing.assert_array_equal(found.returns, whole.returns)


def test_each_run_is_the_backtest_of_its_profile(whole, folder, tmp_path):
    trial = whole.trials[3]
    request = replace(
        whole.request.recorded,
        profile=whole.request.variants.profile(trial.choice),
        start_ms=whole.period.start_ms,
    )
    making = Making(random_runs=0, kept_in=tmp_path)
    run_to_end(study_recorded(request, plain_settings(), making, progress=lambda *_: None))
    (alone,) = RunFolder(tmp_path).all()
    assert trial.run is not None
    assert alone.returns == trial.run.returns
    assert alone.metrics["expectancy_r"] == trial.run.metrics["expectancy_r"]


def test_what_was_made_is_not_made_again(whole, kept, folder, tmp_path):
    left = copied(kept, tmp_path / "kept", without=2)
    progress: list[tuple[str, int, int]] = []
    found = swept(a_request(folder), tmp_path / "scratch", kept_in=left, told=progress)
    assert (whole.reused, found.reused) == (0, len(whole.trials) - 2)
    assert told(found) == told(whole)
    assert progress.index(("backtests", 4, 6)) < progress.index(("backtests", 6, 6))
    assert ("backtests", 3, 6) not in progress


def test_a_run_that_was_changed_by_hand_is_found_out(whole, kept, folder, tmp_path):
    left = copied(kept, tmp_path / "kept")
    run = whole.best.run
    assert run is not None
    file = left / f"{run.run_id}.json"
    held = json.loads(file.read_text())
    held["returns"][5] += 0.5
    file.write_text(json.dumps(held))
    with pytest.raises(StateUnavailable, match="something else than when it was kept"):
        swept(a_request(folder), tmp_path / "scratch", kept_in=left)


def test_every_trial_counts_and_every_run_is_kept(whole, kept):
    assert len(RunFolder(kept).all()) == len(whole.trials) == 6
    assert whole.judged.study.trials.count == 6


def test_a_sweep_is_kept_with_what_was_varied_and_what_the_best_is_worth(whole, kept):
    (found,) = SweepFolder.beside(kept).all()
    assert found.varied == ("planner.stop_buffer_atr", "gates.max_range_position")
    assert [one.values for one in found.runs][:3] == [("0.1", "0.5"), ("0.1", "1"), ("1", "0.5")]
    assert [one.run_id for one in found.runs] == [one.run_id for one in whole.runs]
    assert (found.best, found.trials) == (whole.best.run.run_id, 6)
    assert found.luck == whole.judged.luck.probability
    assert found.answers == answers(whole)
    assert found.sentence == whole.judged.study.verdict.sentence


def test_the_same_sweep_again_is_no_other_sweep(whole, kept, folder, tmp_path):
    left = copied(kept, tmp_path / "kept")
    for _ in range(2):
        swept(a_request(folder), tmp_path / "scratch", kept_in=left)
    (again,) = SweepFolder.beside(left).all()
    (before,) = SweepFolder.beside(kept).all()
    assert replace(again, made_ms=before.made_ms) == before


def test_what_was_tried_before_counts_and_the_same_run_counts_once(whole, kept, folder, tmp_path):
    left = copied(kept, tmp_path / "kept")
    request = a_request(folder, "planner.min_rr=1,3")
    found = swept(request, tmp_path / "scratch", kept_in=left)
    assert found.judged.study.trials.count == 7  # one of the two was among the six
    assert (len(found.judged.walked) > 0, found.judged.study.out_of_sample) == (True, 0)
    alone = swept(request, tmp_path / "scratch")
    assert alone.judged.study.trials.count == 2
    assert alone.judged.study.out_of_sample == len(alone.judged.walked)


@pytest.mark.parametrize("name", ["quick", "mine"])
def test_a_backtest_of_the_best_is_not_judged_by_the_days_that_chose_it(
    whole, kept, folder, tmp_path, name
):
    left = copied(kept, tmp_path / "kept")
    before = RunFolder(left).all()
    values = whole.request.variants.profile(whole.best.choice)
    request = replace(
        whole.request.recorded,
        profile=values.model_copy(update={"name": name, "description": "found by a sweep"}),
        start_ms=whole.period.start_ms,
    )
    making = Making(random_runs=30, workers=1, kept_in=left)
    done = run_to_end(study_recorded(request, plain_settings(), making, progress=lambda *_: None))
    assert len(done.study.result.trades) > 0
    assert out_of_sample(done.study) is Answer.TOO_LITTLE
    assert done.study.out_of_sample == 0
    assert any("other values have looked at" in one for one in done.world.remarks)
    after = RunFolder(left).all()
    assert all(one in after for one in before)


def test_the_verdict_of_the_walk_outlasts_a_backtest_of_the_same_run(whole, kept, folder, tmp_path):
    left, best = copied(kept, tmp_path / "kept"), whole.best.run
    request = replace(
        whole.request.recorded,
        profile=whole.request.variants.profile(whole.best.choice),
        start_ms=whole.period.start_ms,
    )
    making = Making(random_runs=30, workers=1, kept_in=left)
    run_to_end(study_recorded(request, plain_settings(), making, progress=lambda *_: None))
    (found,) = (one for one in RunFolder(left).all() if one.run_id == best.run_id)
    assert (found.out_of_sample, found.random_runs) == (WALKED, 0)


def test_no_run_of_a_sweep_proves_a_profile(whole, kept):
    assert all(one.finding is not Finding.EDGE_SHOWN for one in RunFolder(kept).all())


def test_the_best_is_judged_by_days_that_did_not_choose_it(whole):
    judged = whole.judged
    windows = [one.fold.test[0] for one in judged.folds]
    assert len(windows) == 3
    assert 0 < len(judged.walked) < len(judged.study.result.trades) * len(windows)
    for opened_ms in judged.walked.opened_ms:
        assert any(one.start_ms <= opened_ms < one.end_ms for one in windows)
    (reason,) = (one for one in judged.study.verdict.reasons if one.rule is Rule.OUT_OF_SAMPLE)
    assert reason.measured == pytest.approx(float(judged.walked.result_r.mean()))


def test_choosing_is_told_in_other_orders_of_the_days_too(whole):
    found, words = whole.judged.histories, dict(answers(whole))["And in other orders of the days?"]
    assert found is not None
    assert (len(found.sharpes), found.ways, found.purge_days) == (9, 45, 1)
    assert words.startswith("In 9 histories put together from days that had not chosen, by 45 ways")
    assert f"{found.lost} of them lost" in words
    document = sweep_json(whole)
    assert document["cross_validation"]["sharpes"] == found.sharpes.tolist()
    assert any(
        one.sentence.startswith("In 9 histories") for one in page_of(whole, made_ms=0).answers
    )


def test_without_a_walk_nothing_is_out_of_sample(folder, tmp_path):
    request = a_request(folder, "planner.min_rr=1,2", walk=None)
    late = replace(request.recorded, start_ms=1_752_883_200_000 - 12 * 86_400_000)
    found = swept(replace(request, recorded=late), tmp_path)
    assert found.judged.folds == ()
    (reason,) = (
        one for one in found.judged.study.verdict.reasons if one.rule is Rule.OUT_OF_SAMPLE
    )
    assert reason.answer is Answer.TOO_LITTLE


def test_a_search_by_lot_makes_some_of_the_same_runs(whole, folder, tmp_path):
    found = swept(a_request(folder, search=SearchKind.RANDOM, runs=3), tmp_path)
    by_choice = {one.choice: one.run for one in whole.trials}
    assert len(found.trials) == 3
    for one in found.trials:
        same = by_choice[one.choice]
        assert one.run is not None
        assert same is not None
        assert (one.run.run_id, one.run.returns) == (same.run_id, same.returns)


def test_a_search_that_learns_takes_what_was_made(whole, kept, folder, tmp_path):
    request = a_request(folder, search=SearchKind.BAYES, runs=5)
    found = swept(request, tmp_path / "scratch", kept_in=copied(kept, tmp_path / "kept"))
    assert found.reused == len({one.choice for one in found.trials}) == 5
    assert {one.choice for one in found.trials} < {one.choice for one in whole.trials}


def test_all_runs_live_through_the_same_days(whole):
    days = days_of(whole.period)
    assert whole.returns.shape == (6, len(days))
    assert all(len(one.returns) == len(days) for one in whole.runs)
    found = {(one.start_ms, one.end_ms) for one in whole.runs}
    assert found == {(whole.period.start_ms, whole.period.end_ms)}


def test_sets_of_timeframes_share_a_period(folder, tmp_path):
    found = swept(a_request(folder, "timeframes.bias=1h,2h", "planner.min_rr=1"), tmp_path)
    assert len({one.start_ms for one in found.runs}) == 1
    assert found.runs[0].candles_hash != found.runs[1].candles_hash


def test_a_walk_that_does_not_fit_is_refused_before_anything_runs(folder, tmp_path):
    kept_in = tmp_path / "kept"
    request = a_request(folder, walk=WalkTerms(train_days=300, test_days=30))
    with pytest.raises(ConfigInvalid, match="too few"):
        swept(request, tmp_path, kept_in=kept_in)
    assert not kept_in.exists()


def test_candles_are_gone_afterwards_and_what_a_killed_sweep_left_goes_in_time(tmp_path):
    with scratch_folder(tmp_path) as own:
        (own / "0.arrays").touch()
        with scratch_folder(tmp_path):
            assert own.is_dir()
    assert list((tmp_path / "sweeps").iterdir()) == []


def test_a_table_has_a_row_for_each_run(whole):
    rows = sweep_rows(whole)
    assert [one["run"] for one in rows] == [1, 2, 3, 4, 5, 6]
    assert [one["planner.stop_buffer_atr"] for one in rows] == ["0.1", "0.1", "1", "1", "2", "2"]
    assert [one["run"] for one in rows if one["is_best"]] == [whole.made[whole.judged.best] + 1]
