"""A plan that evidence keeps as JSON is the plan that was made."""

import json
from dataclasses import replace

import pytest

from snipersight.bootstrap.dashboard.plan_reading import plan_of_json
from snipersight.domain.direction import Direction
from snipersight.domain.plan_json import plan_json
from tests.builders import a_plan


@pytest.mark.parametrize("direction", list(Direction))
def test_a_plan_comes_back_as_it_was(direction):
    plan = a_plan(direction)
    assert plan_of_json(json.dumps(plan_json(plan)), profile=plan.profile) == plan


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "{}", "{", '{"entry": {"near": "x"}}', '"plan"'],
)
def test_what_is_no_plan_is_none(text):
    assert plan_of_json(text, profile="balanced") is None


def test_a_plan_whose_prices_contradict_each_other_is_none():
    values = plan_json(replace(a_plan()))
    values["stop"]["price"] = "999999"
    assert plan_of_json(json.dumps(values), profile="x") is None
