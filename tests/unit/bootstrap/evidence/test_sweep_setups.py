"""Setups read once for many profiles are those that each profile reads for itself."""

from __future__ import annotations

import pytest

from snipersight.analysis.leader import LeaderTimeline
from snipersight.bootstrap.evidence.sweep_setups import SharedSetups
from snipersight.domain.profile import Profile
from snipersight.engine.recording import Recording, decide
from snipersight.planner.smc_source import SmcPlanSource, WholePlanSource
from tests.builders.sweeps import END_MS, quick_profile, quick_recording

Changes = dict[str, dict[str, object]]
VARIED: tuple[Changes, ...] = (
    {"planner": {"min_rr": 2.0}},
    {"gates": {"min_score": 30.0}},
    {"setup": {"valid_bars": 7, "zone_from": ("gap",)}},
    {"setup": {"shift_strength": "swing"}},
    {"setup": {"shift_kinds": ("choch",)}},
    {"roles": {"trigger": {"displacement_atr": 2.0}}},
    {"roles": {"zone": {"swing_strength": 5}}},
    {"roles": {"bias": {"internal_strength": 2}}},
    {},
)


@pytest.fixture(scope="module")
def recording() -> Recording:
    return quick_recording()


def changed(changes: Changes) -> Profile:
    values = quick_profile().model_dump()
    for section, some in changes.items():
        for name, value in some.items():
            both = values[section][name] | value if isinstance(value, dict) else value
            values[section][name] = both
    return Profile.model_validate(values)


@pytest.mark.parametrize("most", [3_000, 0])
def test_every_profile_decides_what_it_decides_alone(recording, most):
    shared, base = SharedSetups(most=most), quick_profile()
    leader = LeaderTimeline(base)
    leader.advance(recording.bars[base.timeframe("bias")], until_ms=END_MS)
    decided = []
    for changes in VARIED:
        profile = changed(changes)
        found = shared.decided(recording, leader, profile, shadows_after_ms=END_MS)
        assert found == decide(recording, leader, SmcPlanSource(profile), profile)
        decided.append(found)
    assert decided[-1].candidates
    assert sum(one != decided[-1] for one in decided) >= 6  # the changes do change something


def test_candles_are_read_again_only_where_detectors_differ(recording):
    shared, base = SharedSetups(), quick_profile()
    leader = LeaderTimeline(base)
    kept = []
    for changes in (VARIED[0], VARIED[1], VARIED[5], VARIED[5]):
        profile = changed(changes)
        found = shared.decided(recording, leader, profile, shadows_after_ms=END_MS)
        kept.append(found.shifts)
    assert kept[0] is kept[1]
    assert kept[2] is kept[3]
    assert kept[1] is not kept[2]


def test_a_history_in_one_go_is_decided_as_it_is_in_pieces(recording):
    profile = quick_profile()
    leader = LeaderTimeline(profile)
    leader.advance(recording.bars[profile.timeframe("bias")], until_ms=END_MS)
    whole = decide(recording, leader, WholePlanSource(profile), profile)
    assert whole == decide(recording, leader, SmcPlanSource(profile), profile)
    assert len(whole.shifts) > 10
