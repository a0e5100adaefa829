"""The evidence page says what the studies say, and what counts as out of sample."""

import numpy as np

from benchmarks.evidence_page import SETS, default_settings, main, trials_among
from benchmarks.evidence_wording import Judged, page_of
from snipersight.bootstrap.profiles import list_profiles
from snipersight.bootstrap.settings import VARIABLES
from tests.builders.backtest_worlds import a_world, long_study, some_runs, study_of, without_trades


def test_every_shipped_profile_is_run_and_most_on_candles_nothing_was_chosen_by(tmp_path):
    ran = {name for one in SETS for name in one.profiles}
    assert ran == set(list_profiles(tmp_path))
    assert all(sum(name in one.profiles for one in SETS) >= 2 for name in ran)


def test_the_verdict_of_each_study_is_there_whole():
    nothing = study_of(without_trades(a_world(bars=48)))
    much = long_study(some_runs(50))
    page = page_of(
        [
            Judged(profile="swing", data="one", study=much),
            Judged(profile="balanced", data="two", study=nothing),
        ],
        random_runs=50,
    )
    assert much.verdict.sentence in page
    assert nothing.verdict.sentence in page
    assert "50 runs with random entries" in page
    assert page.index("## `balanced`") < page.index("## `swing`")
    assert all(part.name in page for part in much.years)
    assert "python -m benchmarks.evidence_page" in page


def test_profiles_tried_on_the_same_candles_are_trials_of_each_other():
    dice = np.random.default_rng(3)
    trials = trials_among({"a": dice.normal(size=30), "b": dice.normal(size=50), "c": np.zeros(9)})
    assert trials.count == len(trials.sharpes) == 3
    assert trials.sharpes[2] == 0.0


def test_settings_of_the_caller_do_not_change_the_page(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)  # and put back, whatever is forgotten here
    monkeypatch.setenv("DEFAULT_ACCOUNT_BALANCE", "77")
    assert float(default_settings().default_account_balance) != 77


def test_without_the_candles_it_is_said_where_they_were_looked_for(tmp_path, capsys):
    assert main(["--recorded", str(tmp_path), "--out", str(tmp_path / "page.md")]) == 2
    assert str(tmp_path) in capsys.readouterr().out
    assert not (tmp_path / "page.md").exists()
