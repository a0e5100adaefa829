from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.charts.tags import spread

HEIGHT, LOW, HIGH = 20.0, 0.0, 400.0
wishes = st.lists(st.floats(-50, 450), min_size=1, max_size=15).map(sorted)


@given(wishes)
def test_tags_never_overlap_and_keep_their_order(wanted):
    placed = spread(wanted, height=HEIGHT, low=LOW, high=HIGH)
    gaps = [b - a for a, b in pairwise(placed)]
    assert all(gap >= HEIGHT - 1e-9 for gap in gaps)


@given(wishes)
def test_tags_stay_between_the_bounds(wanted):
    placed = spread(wanted, height=HEIGHT, low=LOW, high=HIGH)
    assert placed[0] - HEIGHT / 2 >= LOW - 1e-9
    assert placed[-1] + HEIGHT / 2 <= HIGH + 1e-9


@given(wishes)
def test_mirrored_wishes_give_mirrored_tags(wanted):
    up = spread(wanted, height=HEIGHT, low=LOW, high=HIGH)
    down = spread([HIGH - w for w in reversed(wanted)], height=HEIGHT, low=LOW, high=HIGH)
    assert [HIGH - d for d in reversed(down)] == pytest.approx(up)


def test_a_tag_with_room_stays_where_it_belongs():
    assert spread([50.0, 100.0, 300.0], height=HEIGHT, low=LOW, high=HIGH) == [50.0, 100.0, 300.0]


def test_two_colliding_tags_move_apart_by_the_same_distance():
    assert spread([100.0, 104.0], height=HEIGHT, low=LOW, high=HIGH) == [92.0, 112.0]


def test_a_crowd_at_the_edge_is_pushed_inside():
    assert spread([398.0, 399.0], height=HEIGHT, low=LOW, high=HIGH) == [370.0, 390.0]


def test_more_tags_than_room_keep_their_distance_and_start_at_the_bottom():
    placed = spread([10.0] * 30, height=HEIGHT, low=LOW, high=HIGH)
    assert placed[0] == 10.0
    assert placed[-1] == 10.0 + 29 * HEIGHT
