"""The harness: medians and turns, targets in both directions, and what is printed."""

import json

import pytest

from benchmarks.harness import (
    Figure,
    Target,
    at_least,
    at_most,
    is_quick,
    median,
    paired_ratio,
    percentile,
    publish,
    seconds,
    spread,
    table,
    take_turns,
)


@pytest.mark.parametrize(
    ("target", "value", "met"),
    [
        (at_most(20), 19.99, True),
        (at_most(20), 20.0, True),
        (at_most(20), 20.01, False),
        (at_least(100), 100.01, True),
        (at_least(100), 100.0, True),
        (at_least(100), 99.99, False),
    ],
)
def test_target_is_met_up_to_its_limit_and_not_beyond(
    target: Target, value: float, *, met: bool
) -> None:
    figure = Figure(name="any", value=value, unit="µs", target=target)
    assert figure.is_met is met
    assert json.loads(figure.as_json())["met"] is met


def test_figure_is_one_json_line_with_its_five_keys() -> None:
    figure = Figure(name="added_bar", value=9.28412, unit="µs", target=at_most(20), note="how")
    assert figure.as_json() == (
        '{"figure": "added_bar", "value": 9.2841, "unit": "µs", "target": "<= 20", "met": true}'
    )


def test_figure_without_target_is_neither_met_nor_missed() -> None:
    told = json.loads(Figure(name="p99", value=31.0, unit="µs").as_json())
    assert told == {"figure": "p99", "value": 31, "unit": "µs", "target": None, "met": None}


def test_missing_value_is_null_with_its_reason_and_never_met() -> None:
    for target in (at_most(1e9), at_least(0)):
        missing = Figure(name="times_peer", value=None, unit="×", target=target, note="no network")
        told = json.loads(missing.as_json())
        assert (told["value"], told["met"], told["reason"]) == (None, False, "no network")
        assert missing.row()[1:4] == ("not measured", str(target), "NO")


def test_missing_value_without_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="times_peer: a missing value needs its reason"):
        Figure(name="times_peer", value=None, unit="×")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="is no measurement"):
        Figure(name="ratio", value=value, unit="×")


def test_verdict_is_taken_before_the_value_is_rounded() -> None:
    figure = Figure(name="close", value=20.00004, unit="µs", target=at_most(20))
    told = json.loads(figure.as_json())
    assert (told["value"], told["met"]) == (20, False)


def test_contenders_take_turns_round_by_round() -> None:
    order: list[str] = []

    def contender(name: str) -> float:
        order.append(name)
        return float(len(order))

    found = take_turns({"a": lambda: contender("a"), "b": lambda: contender("b")}, rounds=3)
    assert order == ["a", "b"] * 3
    assert found == {"a": [1.0, 3.0, 5.0], "b": [2.0, 4.0, 6.0]}


def test_no_rounds_are_refused() -> None:
    with pytest.raises(ValueError, match="0 rounds measure nothing"):
        take_turns({}, rounds=0)


def test_median_ignores_one_disturbed_turn() -> None:
    assert median([1.0, 900.0, 2.0, 3.0, 2.5]) == 2.5
    assert median([1.0, 2.0]) == 1.5


def test_ratio_survives_turns_in_which_everything_was_slow() -> None:
    assert paired_ratio([10.0, 30.0, 50.0], [1.0, 1.0, 5.0]) == 10.0  # medians would say 30
    with pytest.raises(ValueError, match="argument"):
        paired_ratio([1.0, 2.0], [1.0])


@pytest.mark.parametrize(
    ("percent", "expected"), [(1, 10), (50, 20), (75, 30), (99, 40), (100, 40)]
)
def test_percentile_is_the_nearest_rank(percent: float, expected: float) -> None:
    assert percentile([40, 10, 30, 20], percent) == expected


def test_short_calls_are_repeated_and_their_mean_is_returned() -> None:
    calls: list[int] = []
    mean_s = seconds(lambda: calls.append(1), at_least_s=0.02)
    assert len(calls) > 10
    assert mean_s * len(calls) >= 0.02
    calls.clear()
    seconds(lambda: calls.append(1))
    assert len(calls) == 1


def test_spread_names_count_and_extremes_in_the_asked_scale() -> None:
    assert spread([0.25, 0.002, 0.1], scale=1000) == "median of 3: 2 … 250"


@pytest.mark.parametrize(
    ("asked", "quick"), [("1", True), ("yes", True), ("0", False), ("", False), ("No", False)]
)
def test_quick_is_what_the_environment_says(asked: str, *, quick: bool) -> None:
    assert is_quick({"QUICK": asked}) is quick
    assert not is_quick({})


def test_table_aligns_every_column_below_its_heading() -> None:
    figure = Figure(name="speed", value=1_234_567.0, unit="bars/s", target=at_least(1e6), note="x")
    heading, row = table([figure.row()])
    assert row.split("  ")[0].startswith("speed")
    for word, cell in (("measured", "1,234,567 bars/s"), ("target", ">= 1,000,000"), ("how", "x")):
        assert heading.index(word) == row.index(cell)


def test_machine_and_table_come_before_one_json_line_per_figure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    figures = [
        Figure(name="first", value=1.0, unit="s", target=at_most(2)),
        Figure(name="second", value=None, unit="s", note="not here"),
    ]
    publish("Title", figures, load_before="0.10 0.20 0.30", notes=("A note.",))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Title"
    labels = [line.split("  ")[1] for line in lines[2:8]]
    assert labels == ["CPU", "cores", "Python", "system", "load before", "load after"]
    assert [json.loads(line)["figure"] for line in lines[-2:]] == ["first", "second"]
    assert "A note." in lines
