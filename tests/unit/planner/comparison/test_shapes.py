"""A plan's shape is its distances; what no plan can have is no shape."""

from decimal import Decimal
from pathlib import Path

import pytest

from snipersight.bootstrap.profiles import list_profiles
from snipersight.domain.direction import Direction
from snipersight.domain.errors import InvalidPlan
from snipersight.planner.comparison import shape_of, typical_shapes
from tests.builders import a_plan, a_profile
from tests.unit.planner.comparison.markets import a_shape, exits


@pytest.mark.parametrize("direction", Direction)
def test_a_shape_holds_the_distances_of_its_plan(direction):
    # Near 42250, far 42050, stop 41750, targets 43000, 43650, 44350; ATR 250; close 300 away.
    assert shape_of(a_plan(direction)) == a_shape(
        direction=direction,
        approach_atr=Decimal("1.2"),
        zone_atr=Decimal("0.8"),
        stop_atr=Decimal(2),
        targets=exits(("1.5", "0.5"), ("2.8", "0.3"), ("4.2", "0.2")),
    )


def test_a_third_is_kept_to_a_millionth():
    plan = a_plan(far="42166.666666666667")
    assert shape_of(plan).zone_atr == Decimal("0.333333")


def test_a_plan_without_an_atr_has_no_shape():
    with pytest.raises(InvalidPlan, match="ATR is 0"):
        shape_of(a_plan(atr=Decimal(0)))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"approach_atr": Decimal("-0.1")}, "approach, zone and stop"),
        ({"zone_atr": Decimal("NaN")}, "approach, zone and stop"),
        ({"zone_atr": Decimal(2)}, "within the zone"),
        ({"stop_atr": Decimal(0), "zone_atr": Decimal(0)}, "within the zone"),
        ({"targets": ()}, "no target"),
        ({"targets": exits(("2", "0.5"), ("1.9", "0.5"))}, "in order"),
        ({"targets": exits(("0.5", "1"))}, "beyond the close"),
        ({"targets": exits(("Infinity", "1"))}, "beyond the close"),
        ({"targets": exits(("2", "0.9"))}, "sum to 1"),
        ({"targets": exits(("2", "0"), ("3", "1"))}, "not positive"),
    ],
)
def test_an_impossible_shape_is_refused(change, problem):
    with pytest.raises(InvalidPlan, match=problem):
        a_shape(**change)


def test_a_shape_turns_to_the_other_side_and_back():
    shape = a_shape()
    assert shape.facing(Direction.LONG) is shape
    turned = shape.facing(Direction.SHORT)
    assert turned.direction is Direction.SHORT
    assert turned.facing(Direction.LONG) == shape


@pytest.mark.parametrize("name", sorted(list_profiles(Path("no-own-profiles"))))
def test_every_built_in_profile_has_a_typical_long_and_its_mirror_image(name):
    profile = list_profiles(Path("no-own-profiles"))[name].load()
    long, short = typical_shapes(profile)
    assert long.facing(Direction.SHORT) == short
    assert long.stop_atr <= profile.planner.max_stop_atr
    assert long.targets[0].distance_r > profile.planner.min_rr
    assert len(long.targets) == len(profile.planner.target_fractions)


def test_targets_beyond_reach_are_left_to_the_last_within():
    profile = a_profile(planner={"max_target_r": 2.9})
    long, _ = typical_shapes(profile)
    assert long.targets == exits(("1.875", "0.5"), ("2.875", "0.5"))


def test_a_profile_whose_targets_find_no_room_has_no_typical_shape():
    with pytest.raises(InvalidPlan, match=r"max_target_r 1\.8 leaves no room"):
        typical_shapes(a_profile(planner={"max_target_r": 1.8}))
