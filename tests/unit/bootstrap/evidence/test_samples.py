"""What values may have been chosen by counts as looked at, and in doubt it does."""

from dataclasses import replace
from pathlib import Path

import pytest

from snipersight.bootstrap.evidence.backtest import RecordedWorld
from snipersight.bootstrap.evidence.runs import markets_of
from snipersight.bootstrap.evidence.samples import sample_of, seen_beside
from snipersight.bootstrap.profiles import TUNED, load_profile
from snipersight.domain.profile import Profile
from snipersight.engine.recording import Period
from snipersight.performance.windows import Window
from snipersight.storage.kept_runs import RunFolder
from tests.builders.backtest_worlds import a_world
from tests.builders.kept_runs import a_kept_run as a_run

WORLD = a_world(bars=48)
PERIOD = WORLD.terms.period
WHOLE = Window(PERIOD.start_ms, PERIOD.end_ms)
OWN = WORLD.terms.profile
TUNED_PERIOD = Period(start_ms=TUNED.start_ms, end_ms=TUNED.end_ms)
LATER_MS = PERIOD.end_ms + 1


def shipped(name: str = "balanced") -> Profile:
    return load_profile(name, own_folder=Path("/nonexistent"))


def of(profile: Profile, world: RecordedWorld = WORLD) -> RecordedWorld:
    return replace(world, terms=replace(world.terms, profile=profile))


def keep(
    folder: Path, *, run_id: str = "other", made_ms: int = LATER_MS, **changes: object
) -> None:
    facts = {"start_ms": WHOLE.start_ms, "end_ms": WHOLE.end_ms, "markets": markets_of(WORLD)[:1]}
    RunFolder(folder).keep(a_run(run_id, made_ms=made_ms, **{**facts, **changes}))


def seen(world: RecordedWorld, folder: Path | None) -> set[Window]:
    """Return what was seen of the world's own period."""
    found = sample_of(world, folder)
    assert len(found.remarks) == len([one for one in found.seen if one.end_ms > WHOLE.start_ms])
    return set(found.seen) - {TUNED}


def test_nobody_knows_what_values_of_ones_own_were_chosen_by(tmp_path):
    assert seen(WORLD, None) == seen(WORLD, tmp_path) == {Window(0, WHOLE.end_ms)}


def test_days_after_values_were_first_kept_did_not_choose_them(tmp_path):
    first_ms = WHOLE.start_ms + 3_600_000
    keep(tmp_path, run_id="a", values_hash=OWN.values_hash, made_ms=LATER_MS)
    keep(tmp_path, run_id="b", values_hash=OWN.values_hash, made_ms=first_ms)
    assert seen(WORLD, tmp_path) == {Window(0, first_ms)}
    assert seen(of(OWN.model_copy(update={"name": "copy"})), tmp_path) == {Window(0, first_ms)}


def test_shipped_values_were_chosen_by_the_months_of_their_tuning_alone(tmp_path):
    assert seen(of(shipped()), tmp_path) == set()
    world = of(shipped())
    tuned = replace(world, terms=replace(world.terms, period=TUNED_PERIOD))
    (remark,) = sample_of(tuned, tmp_path).remarks
    assert remark == (
        "in sample: 2024-01-01 00:00 to 2024-09-06 00:00, by which the shipped profiles were tuned"
    )
    assert sample_of(tuned, tmp_path).seen == (TUNED,)


def test_less_risk_and_another_name_leave_a_shipped_profile_what_it_is(tmp_path):
    less = shipped().sizing.model_copy(update={"risk_fraction": OWN.sizing.risk_fraction / 7})
    changed = shipped().model_copy(update={"sizing": less, "name": "mine", "description": ""})
    assert seen(of(changed), tmp_path) == set()
    rules = shipped().planner.model_copy(update={"min_rr": 1.61})
    assert seen(of(shipped().model_copy(update={"planner": rules})), tmp_path)


def test_whoever_tried_other_values_on_these_days_may_have_chosen_by_them(tmp_path):
    half = Window(WHOLE.start_ms, WHOLE.start_ms + 7_200_000)
    keep(tmp_path, start_ms=half.start_ms - 9, end_ms=half.end_ms, values_hash="")
    assert seen(of(shipped()), tmp_path) == {Window(half.start_ms - 9, half.end_ms)}


@pytest.mark.parametrize(
    "changes",
    [
        {"values_hash": "of swing", "is_shipped": True},
        {"values_hash": shipped().values_hash},
        {"markets": ("sandbox DOGE/USDT",)},
        {"start_ms": WHOLE.end_ms, "end_ms": WHOLE.end_ms + 5},
    ],
)
def test_other_shipped_profiles_the_same_values_other_markets_and_times_have_chosen_nothing(
    tmp_path, changes
):
    keep(tmp_path, **changes)
    assert seen(of(shipped()), tmp_path) == set()


def test_a_shipped_profile_that_was_looked_at_may_have_led_to_values_of_ones_own(tmp_path):
    keep(tmp_path, values_hash="of swing", is_shipped=True)
    first_ms = WHOLE.start_ms + 1
    keep(tmp_path, run_id="own", values_hash=OWN.values_hash, made_ms=first_ms)
    assert seen(WORLD, tmp_path) == {Window(0, first_ms), WHOLE}


def test_a_walk_is_judged_by_what_no_earlier_trial_of_other_values_has_looked_at(tmp_path):
    other = OWN.model_copy(update={"gates": OWN.gates.model_copy(update={"min_score": 1.5})})
    keep(tmp_path, run_id="a", values_hash=OWN.values_hash)
    keep(tmp_path, run_id="b", values_hash="of swing", is_shipped=True)
    assert seen_beside(WORLD, [OWN, other], tmp_path) == (TUNED,)
    keep(tmp_path, run_id="c", values_hash=other.values_hash)
    assert seen_beside(WORLD, [OWN, other], tmp_path) == (TUNED,)
    assert seen_beside(WORLD, [OWN], tmp_path) == (WHOLE, TUNED)
    assert seen_beside(WORLD, [OWN], None) == (TUNED,)
