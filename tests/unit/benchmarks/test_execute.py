"""What the execution campaign counts: orders that lived, and how often things go wrong."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.execute_campaign import FAULT_SHARE, fault_rates
from benchmarks.execute_proof import order_lives
from snipersight.domain.orders import OrderStatus
from snipersight.sandbox.exchange.faults import EVENT_FAULTS, FaultKind, FaultPlan

OURS = "ss-abcdefghijklmnop-S0-{}"
_USDM = {FaultKind.SYSTEM_ERROR}
_SPOT = {FaultKind.SYSTEM_ERROR, FaultKind.UNAVAILABLE}
_BYBIT = {FaultKind.UNAVAILABLE, FaultKind.OUTCOME_UNKNOWN}


def an_order(number: int, status: OrderStatus, *, client_id: str = OURS) -> dict[str, Any]:
    return {"client_id": client_id.format(number), "status": status.value}


def test_every_order_that_came_to_an_end_is_a_life_of_its_own():
    ends = (OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.EXPIRED)
    assert order_lives([an_order(number, end) for number, end in enumerate(ends)]) == 3


@pytest.mark.parametrize("status", [OrderStatus.WORKING, OrderStatus.REJECTED])
def test_what_still_rests_or_was_never_accepted_is_no_life(status: OrderStatus):
    assert order_lives([an_order(0, status)]) == 0


def test_an_order_that_is_not_ours_is_no_life():
    assert order_lives([an_order(0, OrderStatus.FILLED, client_id="by-hand")]) == 0


def test_an_order_that_a_venue_lists_twice_lived_once():
    twice = [an_order(0, OrderStatus.CANCELLED), an_order(0, OrderStatus.FILLED)]
    assert order_lives(twice) == 1


def test_the_rates_are_a_plan_that_keeps_the_share_of_events():
    rates = FaultPlan(rates=fault_rates()).rates
    assert sum(rates[kind] for kind in EVENT_FAULTS) == pytest.approx(FAULT_SHARE)


def test_about_the_share_asked_for_befalls_the_requests_of_each_venue():
    rates = fault_rates()
    for unknown in (_USDM, _SPOT, _BYBIT):
        share = sum(rates[kind] for kind in FaultKind if kind not in EVENT_FAULTS | unknown)
        assert share == pytest.approx(FAULT_SHARE, rel=0.16)
