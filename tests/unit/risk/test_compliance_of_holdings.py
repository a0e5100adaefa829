"""What is held and what is not a plan's own: by venue, setup and plan."""

import pytest

from snipersight.domain.plan import PlanId, SetupId
from tests.builders import a_plan
from tests.builders.compliance import SIDES, failed, holding, inputs_for


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(("venue", "refused"), [("sandbox", ["foreign_position"]), ("binance", [])])
def test_a_strangers_position_is_in_the_way_on_the_plans_own_venue_alone(side, venue, refused):
    plan = a_plan(side)
    assert plan.venue == "sandbox"
    stranger = holding(side, venue=venue, symbol=plan.symbol, plan_id=None, setup_id=None)
    assert failed(plan, inputs_for(plan, stranger)) == refused


@pytest.mark.parametrize("side", SIDES)
def test_a_plan_is_live_once_under_whatever_setup_it_is_held(side):
    plan = a_plan(side)
    same = holding(side, plan_id=plan.plan_id, setup_id=SetupId("told-otherwise"))
    assert failed(plan, inputs_for(plan, same)) == ["already_live"]
    other = holding(side, plan_id=PlanId("another"), setup_id=None)
    assert failed(plan, inputs_for(plan, other)) == []
