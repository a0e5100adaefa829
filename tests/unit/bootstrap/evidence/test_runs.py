"""What makes a run another trial, and what does not."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from snipersight.bootstrap.evidence.backtest import RecordedWorld
from snipersight.bootstrap.evidence.runs import key_of, record_run, trials_for
from snipersight.domain.errors import StateUnavailable
from snipersight.performance.trials import ONE_TRIAL
from snipersight.risk.audit.code_hash import code_hash
from snipersight.storage.kept_runs import Figure, KeptRun, RunFolder
from tests.builders.backtest_worlds import a_world, result_of, study_of
from tests.builders.backtests import at_hour

BARS = 96


def kept(world: RecordedWorld, folder: Path, **asked: Any) -> KeptRun:
    run = record_run(study_of(world, **asked), world, folder)
    assert run is not None
    return run


def changed_bar(world: RecordedWorld, row: int) -> RecordedWorld:
    """Return the world with another volume in one bar of one market."""
    symbol, recording = sorted(world.arena.recordings.items())[0]
    bars = {}
    for frame, candles in recording.bars.items():
        volume = candles.volume.copy()
        if len(volume) > 1:
            volume[row] += 1
        bars[frame] = replace(candles, volume=volume)
    recordings = {**world.arena.recordings, symbol: replace(recording, bars=bars)}
    return replace(world, arena=replace(world.arena, recordings=recordings))


def ending(world: RecordedWorld, hour: int) -> RecordedWorld:
    period = replace(world.terms.period, end_ms=at_hour(hour))
    return replace(world, terms=replace(world.terms, period=period))


def test_the_same_run_made_twice_is_one_trial(tmp_path):
    world = a_world(bars=BARS)
    first, second = kept(world, tmp_path), kept(a_world(bars=BARS), tmp_path)
    assert first.run_id == second.run_id
    assert len(RunFolder(tmp_path).all()) == 1
    assert trials_for(world, result_of(world), tmp_path).count == 1


def test_every_thing_that_a_run_depends_on_makes_it_another():
    world = a_world(bars=BARS)
    others = [
        a_world(bars=BARS, seed=2),
        a_world(bars=BARS, balance=20_000),
        a_world(bars=BARS, time_stop_hours="5"),
        a_world(bars=BARS, first_hour=3),
        a_world(bars=BARS, count=1),
        ending(world, BARS - 1),
        replace(world, terms=replace(world.terms, rearm_days=0)),
        changed_bar(world, -5),
    ]
    ids = {key_of(one).run_id for one in (world, *others)}
    assert len(ids) == 1 + len(others)


def test_bars_that_nobody_could_look_at_change_nothing():
    world = ending(a_world(bars=BARS), BARS - 10)
    assert key_of(changed_bar(world, -5)).run_id == key_of(world).run_id


def test_other_code_makes_another_run(monkeypatch):
    world = a_world(bars=BARS)
    before = key_of(world)
    module = "snipersight.bootstrap.evidence.runs.code_hash"
    monkeypatch.setattr(module, lambda *judges: code_hash(*judges)[::-1])
    assert key_of(world).run_id != before.run_id


def test_runs_on_other_values_of_the_same_candles_are_trials(tmp_path):
    kept(a_world(bars=BARS), tmp_path)
    kept(a_world(bars=BARS, time_stop_hours="5"), tmp_path)
    world = a_world(bars=BARS, time_stop_hours="7")
    trials = trials_for(world, result_of(world), tmp_path)
    assert trials.count == len(trials.sharpes) == 3
    assert kept(world, tmp_path, trials=trials).trials == 3


def test_runs_on_other_markets_are_no_trials_and_on_one_shared_market_are(tmp_path):
    world = a_world(bars=BARS)
    RunFolder(tmp_path).keep(
        replace(kept(world, tmp_path / "own"), markets=("sandbox DOGE/USDT",), run_id="1")
    )
    other = a_world(bars=BARS, count=1)
    assert trials_for(other, result_of(other), tmp_path).count == 1
    assert trials_for(other, result_of(other), tmp_path / "own").count == 2


def test_a_time_apart_is_no_trial(tmp_path):
    early = ending(a_world(bars=BARS), 40)
    kept(early, tmp_path)
    late = a_world(bars=BARS, first_hour=40)
    assert trials_for(late, result_of(late), tmp_path).count == 1
    overlapping = a_world(bars=BARS, first_hour=39)
    assert trials_for(overlapping, result_of(overlapping), tmp_path).count == 2


def test_without_a_folder_nothing_is_kept_and_a_run_is_the_only_one():
    world = a_world(bars=BARS)
    assert trials_for(world, result_of(world), None) is ONE_TRIAL
    assert record_run(study_of(world), world, None) is None


def test_more_random_runs_are_not_lost_to_fewer(tmp_path):
    world = a_world(bars=BARS)
    kept(world, tmp_path, random=np.full(50, -1.0))
    kept(world, tmp_path, random=np.full(10, -1.0))
    assert [one.random_runs for one in RunFolder(tmp_path).all()] == [50]
    kept(world, tmp_path, random=np.full(60, -1.0))
    assert [one.random_runs for one in RunFolder(tmp_path).all()] == [60]


def test_what_is_kept_is_read_back_whole(tmp_path):
    run = kept(a_world(bars=BARS), tmp_path)
    assert RunFolder(tmp_path).all() == (run,)
    assert len(run.returns) == len(result_of(a_world(bars=BARS)).daily.days_ms)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"schema": "snipersight.run/1"}', "no json"])
def test_a_damaged_run_is_told_and_not_passed_over(tmp_path, text):
    world = a_world(bars=BARS)
    kept(world, tmp_path)
    (tmp_path / "damaged.json").write_text(text)
    with pytest.raises(StateUnavailable) as error:
        trials_for(world, result_of(world), tmp_path)
    assert str(tmp_path / "damaged.json") in str(error.value.where)


def test_every_figure_has_a_name_that_readers_know(tmp_path):
    run = kept(a_world(bars=BARS), tmp_path, random=np.full(50, -1.0))
    assert set(run.metrics) == set(Figure)
    assert all(run.metrics[one] is not None for one in (Figure.TOTAL_RETURN, Figure.TRADES))
