from typing import Any

import numpy as np
import pytest

from snipersight.bot.telemetry.statistics.alarms import alarms_of
from snipersight.domain.evidence_columns import EvidenceTable
from snipersight.domain.statistics import AlarmKind
from tests.builders.evidence_tables import a_table

NAMES = np.array(["trend", "range", "volatile"], dtype=object)


def signals(count: int, *, seed: int = 1, **columns: Any) -> EvidenceTable:
    random = np.random.default_rng(seed)
    values: dict[str, Any] = {
        "day": np.arange(count) // 3,
        "regime": random.choice(NAMES, count),
        "session": random.choice(NAMES, count),
        "score": random.uniform(50, 90, count),
    }
    return a_table(count, **(values | columns))


def test_what_varies_as_ever_raises_no_alarm():
    assert all(alarms_of(signals(900, seed=seed)) == () for seed in range(40))


def test_a_run_of_one_value_twice_as_long_as_any_before_is_stuck():
    regime = np.random.default_rng(2).choice(NAMES, 600)
    regime[520:] = "trend"
    regime[519] = "range"
    (found,) = alarms_of(signals(600, regime=regime))
    assert (found.feature, found.kind, found.value) == ("regime", AlarmKind.STUCK, "trend")
    assert (found.measured, found.limit) == (80.0, 50.0)
    assert found.sentence.startswith(
        "intraday: regime was trend for the last 80 signals; the longest run before was "
    )


def test_what_lasts_by_nature_is_not_stuck():
    regime = np.repeat(np.array(["trend", "range"] * 4, dtype=object), 100)
    assert [
        one for one in alarms_of(signals(800, regime=regime)) if one.kind is AlarmKind.STUCK
    ] == []


def test_a_run_within_one_day_is_not_stuck():
    regime = np.random.default_rng(2).choice(NAMES, 600)
    regime[520:] = "trend"
    day = np.concatenate([np.arange(520) // 3, np.full(80, 174)])
    assert alarms_of(signals(600, regime=regime, day=day)) == ()


@pytest.mark.parametrize("feature", ["regime", "session"])
def test_what_must_vary_and_never_did_is_stuck(feature):
    constant: dict[str, Any] = {feature: "trend"}
    (found,) = alarms_of(signals(150, **constant))
    assert (found.feature, found.kind) == (feature, AlarmKind.STUCK)
    assert found.sentence == (
        f"intraday: {feature} was trend for the last 150 signals; it never varied"
    )


def test_one_score_for_all_is_stuck():
    (found,) = alarms_of(signals(150, score=80.0))
    assert (found.feature, found.value) == ("score", "80.0")


def test_a_side_that_never_varied_raises_no_alarm():
    assert alarms_of(signals(600, direction="long", tier="A", leader="")) == ()


def test_few_signals_raise_no_alarm():
    assert alarms_of(signals(99, regime="trend")) == ()
    assert alarms_of(a_table(0)) == ()


def test_a_property_that_hardly_varies_any_more_has_low_entropy():
    regime = np.random.default_rng(4).choice(NAMES, 800)
    regime[750:] = "range"
    regime[[760, 780]] = "trend"
    (found,) = alarms_of(signals(800, regime=regime))
    assert (found.feature, found.kind, found.value) == ("regime", AlarmKind.LOW_ENTROPY, "range")
    # 48 of 50 are one value: −.96 · log2 .96 − .04 · log2 .04
    assert found.measured == pytest.approx(0.2423, abs=1e-4)
    assert found.limit < 0.8
    assert "96 % of the last 50 signals are range" in found.sentence


def test_each_profile_is_held_against_its_own_history():
    regime = np.random.default_rng(2).choice(NAMES, 600)
    profile = np.where(np.arange(600) % 2, "swing", "scalp").astype(object)
    regime[(profile == "swing")] = "trend"
    (found,) = alarms_of(signals(600, regime=regime, profile=profile))
    assert found.profile == "swing"
