from typing import Any

import numpy as np
import pytest

from snipersight.bot.telemetry.statistics import drift
from snipersight.domain.evidence_columns import EvidenceTable
from tests.builders.evidence_tables import a_table

# Estimates are None where too little is known; each test knows where it stands.
drifts_of: Any = drift.drifts_of


def history(
    seed: int, *, shift: float = 0.0, days: int = 200, a_day: int = 3, **columns: Any
) -> EvidenceTable:
    """Return signals of which those of the last 28 days score `shift` higher."""
    random = np.random.default_rng(seed)
    day = np.repeat(np.arange(days), a_day)
    of_day = np.repeat(random.normal(0, 3, days), a_day)
    score = 70 + of_day + random.normal(0, 5, len(day)) + np.where(day >= days - 28, shift, 0.0)
    values: dict[str, Any] = {
        "score": score,
        "net_r": np.repeat(random.normal(0, 1, days), a_day) + random.normal(0, 1, len(day)),
        "risk_reward": random.uniform(1.5, 4, len(day)),
        "direction": np.where(random.random(len(day)) < 0.5, "long", "short"),
        "fees_r": random.uniform(0.02, 0.08, len(day)),
    }
    return a_table(len(day), day=day, **(values | columns))


def test_a_change_of_the_last_weeks_is_told_with_both_averages():
    found = {one.metric: one for one in drifts_of(history(1, shift=6.0))}
    score = found.pop("score")
    assert score.is_drift
    assert score.recent - score.before == pytest.approx(6.0, abs=1.5)
    assert (score.recent_n, score.before_n) == (84, 516)
    assert score.sentence.startswith("intraday: score has changed: 7")
    assert not any(one.is_drift for one in found.values())
    assert found["net R"].sentence.startswith("intraday: net R shows no change that chance ")


def test_of_twenty_profiles_that_did_not_change_one_seems_to():
    tries = 300
    said = sum(any(one.is_drift for one in drifts_of(history(seed))) for seed in range(tries))
    assert said / tries <= 0.08


def test_each_profile_is_held_against_its_own_history():
    first, second = history(2, shift=8.0), history(3)
    both = a_table(
        len(first) + len(second),
        decided_ms=[*first.decided_ms, *second.decided_ms],
        score=[*first.score, *second.score],
        net_r=[*first.net_r, *second.net_r],
        risk_reward=[*first.risk_reward, *second.risk_reward],
        profile=["moved"] * len(first) + ["steady"] * len(second),
    )
    assert {one.profile for one in drifts_of(both) if one.is_drift} == {"moved"}


def test_a_short_history_cannot_be_compared():
    found = drifts_of(history(1, days=20))
    assert all(one.p_value is None and not one.is_drift for one in found)
    assert found[0].sentence == (
        "intraday: score cannot be compared with its history yet: "
        "60 recent values on 20 days, 0 before"
    )


def test_what_never_varied_and_then_does_has_changed():
    ramp = np.where(np.repeat(np.arange(200), 3) >= 172, 0.2, 0.0)
    found = {one.metric: one for one in drifts_of(history(1, fees_r=ramp))}
    assert found["costs in R"].p_value == 0.0
    assert found["costs in R"].is_drift


def test_without_signals_nothing_drifts():
    assert drifts_of(a_table(0)) == ()


def test_what_is_constant_has_not_changed_by_the_rounding_of_its_sums():
    table = a_table(330, net_r=1.0, fees_r=0.1, slippage_r=0.2, funding_r=0.06)
    found = {drift.metric: drift for drift in drifts_of(table, recent_days=31)}
    assert found["costs in R"].p_value == 1.0
    assert not any(drift.is_drift for drift in found.values())
