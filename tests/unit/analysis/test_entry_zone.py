"""The entry zone of a setup and its place in the dealing range."""

import pytest

from snipersight.analysis.entry_zone import ZoneSource, depth_in_range, entry_zone
from snipersight.analysis.facts import PriceZone
from snipersight.domain.direction import Direction
from tests.builders import a_reading, a_setup

BOTH: tuple[ZoneSource, ...] = ("order_block", "gap")


def test_block_and_gap_that_overlap_share_the_zone():
    zone = entry_zone(a_setup(), BOTH)
    assert zone is not None
    assert (zone.near, zone.far) == (100.0, 99.0)
    assert zone.kind == "overlap of order block and gap"


def test_a_shorts_near_edge_is_the_lower_one():
    zone = entry_zone(a_setup(Direction.SHORT), BOTH)
    assert zone is not None
    assert (zone.near, zone.far) == (156.0, 157.0)


@pytest.mark.parametrize(
    ("sources", "near", "far"),
    [
        (("order_block",), 100.0, 98.0),
        (("gap",), 101.0, 99.0),
        (BOTH, 100.0, 99.0),
        (("gap", "order_block"), 100.0, 99.0),
    ],
)
def test_the_profile_says_what_may_serve(sources, near, far):
    zone = entry_zone(a_setup(), sources)
    assert zone is not None
    assert (zone.near, zone.far) == (near, far)


def test_without_overlap_the_preferred_one_serves():
    apart = a_setup(gap=PriceZone(low=101, high=102, at_ms=0))
    block_first, gap_first = entry_zone(apart, BOTH), entry_zone(apart, ("gap", "order_block"))
    assert block_first is not None
    assert gap_first is not None
    assert (block_first.near, gap_first.near) == (100.0, 102.0)


def test_anchors_name_only_what_was_used():
    setup = a_setup()
    assert setup.block is not None
    assert setup.gap is not None
    both, block = entry_zone(setup, BOTH), entry_zone(setup, ("order_block",))
    assert both is not None
    assert block is not None
    assert both.anchors_ms == (setup.block.at_ms, setup.gap.at_ms)
    assert block.anchors_ms == (setup.block.at_ms, None)


def test_nothing_of_what_may_serve_is_no_zone():
    assert entry_zone(a_setup(block=None), ("order_block",)) is None
    assert entry_zone(a_setup(block=None), BOTH) is not None


@pytest.mark.parametrize(
    ("price", "direction", "depth"),
    [
        (92, Direction.LONG, 0.0),
        (98, Direction.LONG, 0.25),
        (116, Direction.LONG, 1.0),
        (122, Direction.LONG, 1.25),
        (116, Direction.SHORT, 0.0),
        (110, Direction.SHORT, 0.25),
        (86, Direction.SHORT, 1.25),
    ],
)
def test_depth_runs_from_the_favourable_extreme(price, direction, depth):
    assert depth_in_range(a_reading(), price, direction) == depth


def test_an_absent_or_empty_range_has_no_depth():
    assert depth_in_range(a_reading(swing_low=None), 100, Direction.LONG) is None
    assert depth_in_range(a_reading(swing_high=92.0), 100, Direction.LONG) is None
