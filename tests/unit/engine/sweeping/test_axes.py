"""What is varied is read exactly, or refused."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from snipersight.domain.errors import ConfigInvalid
from snipersight.engine.sweeping.axes import MOST_VALUES, Axis, Space, parse_axis


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("planner.min_rr=1.5,2,2.5", ("1.5", "2", "2.5")),
        (" planner.min_rr = 2 , 3 ", ("2", "3")),
        ("setup.valid_bars=6..24:6", ("6", "12", "18", "24")),
        ("setup.valid_bars=6..25:6", ("6", "12", "18", "24")),
        ("setup.valid_bars=3..5", ("3", "4", "5")),
        ("a.b=0..0.3:0.1", ("0.0", "0.1", "0.2", "0.3")),
        ("a.b=-1..1", ("-1", "0", "1")),
        ("a.b=1..2,5,10..20:10", ("1", "2", "5", "10", "20")),
        ("management.trailing_atr=none,1", ("none", "1")),
        ("gates.regimes=trend,trend+range", ("trend", "trend+range")),
    ],
)
def test_values_and_spans_are_read_exactly(text, values):
    assert parse_axis(text).values == values


@pytest.mark.parametrize(
    "text",
    [
        "",
        "=",
        "planner.min_rr",
        "planner.min_rr=",
        "planner.min_rr=,",
        "planner.min_rr=1,,2",
        "planner.min_rr=1,1",
        "=1,2",
        "planner..min_rr=1",
        ".min_rr=1",
        "__class__=1",
        "planner.__init__=1",
        "planner.min_rr;rm=1",
        "a.b=1..",
        "a.b=..2",
        "a.b=2..1",
        "a.b=1..2:0",
        "a.b=1..2:-1",
        "a.b=1..2..3",
        "a.b=0..1000000000:0.000001",
        "a.b=1e999999999..2",
        "a.b=nan..inf",
        "a.b=$(reboot)",
        "a.b={0.__class__}",
        "a.b=<script>",
        "a.b=1\x00",
        "a.b=１..３",
        f"a.b={','.join(map(str, range(MOST_VALUES + 1)))}",
        f"a.b={'9' * 5000}",
    ],
)
def test_what_cannot_be_read_is_refused_with_an_example(text):
    with pytest.raises(ConfigInvalid) as refused:
        parse_axis(text)
    assert "--vary planner.min_rr=1.5,2,2.5" in refused.value.next_step
    assert len(refused.value.what) < 200


@given(st.text(max_size=60))
@example("a.b=0..5:0.25")
def test_any_text_is_an_axis_or_refused(text):
    try:
        axis = parse_axis(text)
    except ConfigInvalid:
        return
    assert 1 <= len(set(axis.values)) == len(axis.values) <= MOST_VALUES


def test_a_space_has_every_combination_once():
    space = Space(axes=(Axis(name="a", values=("1", "2")), Axis(name="b", values=("x", "y", "z"))))
    found = [space.values(one) for one in space.choices()]
    assert len(space) == len(found) == len(set(found)) == 6
    assert found[:3] == [("1", "x"), ("1", "y"), ("1", "z")]


def test_a_space_without_axes_or_with_one_parameter_twice_is_refused():
    with pytest.raises(ConfigInvalid, match="nothing is varied"):
        Space(axes=())
    axis = Axis(name="a", values=("1",))
    with pytest.raises(ConfigInvalid, match="varied twice"):
        Space(axes=(axis, axis))


@pytest.mark.parametrize(
    ("values", "is_ordered"),
    [(("1", "2", "10"), True), (("2", "1"), False), (("none", "1"), False), (("a", "b"), False)],
)
def test_only_rising_numbers_are_ordered(values, is_ordered):
    assert Axis(name="a", values=values).is_ordered is is_ordered
