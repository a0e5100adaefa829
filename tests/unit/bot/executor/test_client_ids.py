"""Client ids: the same for the same order, different for every other, ours by their form."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.executor.client_ids import (
    LONGEST,
    client_order_id,
    is_ours,
    parse_client_id,
    plan_key,
)
from snipersight.domain.execution import Leg
from snipersight.domain.plan import PlanId

_PLAN = PlanId("0123456789abcdef-01234567")
_PARTS = st.tuples(
    st.text(min_size=1, max_size=40),
    st.sampled_from(Leg),
    st.integers(0, 999),
    st.integers(0, 9_999_999_999),
)


def test_an_id_is_a_function_of_account_plan_leg_index_and_generation():
    found = client_order_id("main", _PLAN, Leg.STOP, index=0, generation=2)
    assert found == f"ss-{plan_key('main', _PLAN)}-S0-2"
    assert found == client_order_id("main", _PLAN, Leg.STOP, index=0, generation=2)


@given(_PARTS, _PARTS)
def test_orders_that_differ_have_ids_that_differ(one, other):
    ids = [
        client_order_id(account, _PLAN, leg, index=index, generation=generation)
        for account, leg, index, generation in (one, other)
    ]
    assert (ids[0] == ids[1]) == (one == other)


@given(_PARTS)
def test_every_id_is_accepted_by_every_venue_and_read_back(parts):
    account, leg, index, generation = parts
    found = client_order_id(account, _PLAN, leg, index=index, generation=generation)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,36}", found)
    assert len(found) <= LONGEST
    read = parse_client_id(found)
    assert read is not None
    assert (read.leg, read.index, read.generation) == (leg, index, generation)
    assert read.plan_key == plan_key(account, _PLAN)


@pytest.mark.parametrize(
    "client_id",
    [
        "",
        "ss-",
        "x-TKT5PX2F0123456789",
        "ss-abcdefghijklmnop-S0",
        "ss-abcdefghijklmnop-Q0-0",
        "ss-abcdefghijklmno1-S0-0",  # 1 is no letter of the alphabet
        "ss-abcdefghijklmnop-S00-0",
        "ss-abcdefghijklmnop-S0-01",
        "ss-abcdefghijklmnop-S0-0 ",
        "ss-abcdefghijklmnop-S0-٣",
        "SS-ABCDEFGHIJKLMNOP-S0-0",
    ],
)
def test_what_somebody_else_named_is_not_ours(client_id):
    assert not is_ours(client_id)


@pytest.mark.parametrize(("index", "generation"), [(-1, 0), (0, -1), (1000, 0), (0, 10**10)])
def test_an_index_or_generation_without_room_is_refused(index, generation):
    with pytest.raises(ValueError, match="no order has the index"):
        client_order_id("main", _PLAN, Leg.ENTRY, index=index, generation=generation)
