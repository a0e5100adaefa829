"""From an approved plan to a trade, and nothing that was not approved."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from snipersight.bot.executor.staging import stage
from snipersight.domain.direction import Direction
from snipersight.domain.errors import OrderRefused
from snipersight.domain.execution import ManagementRules, Mode, Trade, TradeState
from snipersight.domain.ledger import EntryId
from snipersight.domain.venue import Environment
from tests.builders.decisions import an_approval
from tests.builders.instruments import an_instrument
from tests.builders.plans import a_plan
from tests.builders.situations import NOW_US

_PLAN = a_plan()


def _staged(**overrides: Any) -> Trade:
    values: dict[str, Any] = {
        "plan": _PLAN,
        "approved": an_approval(_PLAN, reservation_id=EntryId("entry-7")),
        "account_id": "main",
        "venue": "sandbox",
        "environment": Environment.SIMULATED,
        "mode": Mode.PAPER,
        "rules": ManagementRules(),
        "instrument": an_instrument(),
        "now_us": NOW_US,
    }
    return stage(**(values | overrides))


def test_a_trade_is_the_plan_with_the_size_and_the_budget_approved():
    trade = _staged()
    assert (trade.trade_id, trade.entry_id) == ("entry-7", "entry-7")
    assert (trade.size, trade.leverage) == (Decimal("0.2"), Decimal(1))
    zone = [trade.entry_near, trade.entry_mid, trade.entry_far]
    assert zone == [Decimal(42250), Decimal(42150), Decimal(42050)]
    assert {trade.initial_stop, trade.stop_price} == {Decimal(41750)}
    assert [one.price for one in trade.exits] == [target.price for target in _PLAN.targets]
    assert (trade.state, trade.exit_reason, trade.opened_us) == (TradeState.ENTERING, "", None)


def test_its_risk_is_the_loss_at_the_stop_from_the_near_edge_with_costs():
    # 0.2 × (500 + 37.7)
    assert _staged().risk_quote == Decimal("107.54")
    assert _staged(cost_per_unit=Decimal(40)).risk_quote == Decimal(108)


def test_its_entries_end_when_the_plan_expires():
    until = datetime(2025, 7, 19, 8, 0, 0, 250_001, tzinfo=UTC)
    plan = a_plan(valid_until=until)
    approved = an_approval(plan, reservation_id=EntryId("e"))
    assert _staged(plan=plan, approved=approved).valid_until_us == 1_752_912_000_250_001


@pytest.mark.parametrize(
    ("overrides", "what"),
    [
        ({"approved": an_approval(_PLAN)}, "reserved no budget"),
        (
            {"approved": an_approval(a_plan(Direction.SHORT), reservation_id=EntryId("e"))},
            "another plan",
        ),
        ({"instrument": an_instrument("ETH/USDT")}, "another market"),
        ({"instrument": an_instrument(lot=None)}, "lot of the market are unknown"),
    ],
)
def test_what_was_not_approved_here_is_refused(overrides, what):
    with pytest.raises(OrderRefused, match=what):
        _staged(**overrides)
