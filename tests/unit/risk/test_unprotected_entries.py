"""No entry passes while a position lacks its stop, whether somebody observed that or not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.ledger import Origin
from snipersight.domain.plan import TradePlan
from snipersight.domain.standing import BreakerName
from snipersight.domain.units import Symbol
from snipersight.risk.audit.replay import Outcome, replay
from tests.builders.exposure_managers import (
    FIRST,
    NOW,
    a_manager,
    alerts,
    entry_of,
    kinds,
    standing_of,
)
from tests.builders.ledger import a_policy, an_entry
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store
from tests.fakes.risk_desk import Desk, a_position, a_trade, body_of, codes

_ALLOWED_US = a_policy().max_unprotected_us


@pytest.fixture
def store() -> MemoryDecisionStore:
    """Return a ledger with a position that has lacked its stop since `NOW`."""
    store = a_memory_store("10000")
    manager = a_manager(store)
    manager.take(an_entry("ETH/USDT:USDT", filled="1"))
    manager.note_protection(FIRST, is_covered=False)
    return store


def names(store: MemoryDecisionStore) -> set[BreakerName]:
    return {one.name for one in standing_of(store).tripped}


def test_a_reservation_notices_a_position_without_its_stop(store: MemoryDecisionStore) -> None:
    early = a_manager(store, now_us=NOW + _ALLOWED_US - 1)
    assert early.reserve(an_entry(entry_id="b", pending="1"))
    late = a_manager(store, now_us=NOW + _ALLOWED_US)
    assert late.reserve(an_entry(entry_id="c", pending="1")).code == "unprotected_position"
    assert names(store) == {BreakerName.UNPROTECTED}
    assert kinds(store)[-1] == "breaker"
    assert alerts(store) == ["breaker:main:unprotected_position"]
    assert late.reserve(an_entry(entry_id="c", pending="1")).code == "unprotected_position"
    assert alerts(store) == ["breaker:main:unprotected_position"]


def test_a_covered_position_lets_entries_pass_again(store: MemoryDecisionStore) -> None:
    late = a_manager(store, now_us=NOW + _ALLOWED_US)
    late.reserve(an_entry(entry_id="c", pending="1"))
    late.note_protection(FIRST, is_covered=True)
    assert late.reserve(an_entry(entry_id="c", pending="1"))
    assert names(store) == set()


def test_a_clock_set_back_lets_nothing_go(store: MemoryDecisionStore) -> None:
    late = a_manager(store, now_us=NOW + _ALLOWED_US)
    late.reserve(an_entry(entry_id="c", pending="1"))
    behind = a_manager(store, now_us=NOW)
    assert behind.reserve(an_entry(entry_id="c", pending="1")).code == "clock_backwards"
    assert names(store) == {BreakerName.UNPROTECTED}


@pytest.mark.parametrize("reserve", [None, Origin.APPROVED])
def test_a_verdict_notices_what_was_lost_since_the_observation(reserve: Origin | None) -> None:
    desk = Desk()
    desk.keep(a_position("ETH"))
    manager = desk.manager()
    desk.keep(a_position("ETH", unprotected_since_us=desk.now_us))
    desk.now_us += _ALLOWED_US
    assert codes(manager.validate_plan(a_trade(), reserve=reserve)) == ["unprotected_position"]
    assert {one.name for one in desk.standing.tripped} == {BreakerName.UNPROTECTED}
    assert desk.kinds()[-2:] == ["breaker", "decision"]
    assert [draft.payload["kind"] for draft in desk.store.queue] == ["breaker"]


@pytest.mark.parametrize("side", list(Direction))
def test_a_reservation_waits_for_the_cooldown_of_its_side(side: Direction) -> None:
    store = a_memory_store("10000")
    manager = a_manager(store)
    manager.take(an_entry(filled="1", direction=side))
    manager.close(FIRST, price=100, by_stop=True)
    spot = {"symbol": "BTC/USDC", "pending": "1", "entry_id": "b"}
    refused = manager.reserve(an_entry(**spot, direction=side))
    assert refused.code == "cooldown"
    assert manager.reserve(an_entry(**spot, direction=side.opposite))
    other = an_entry("ETH/USDT", entry_id="c", pending="1", direction=side)
    assert manager.reserve(other)
    over = NOW + a_policy().cooldown_us
    again = an_entry(
        entry_id="d", pending="1", direction=side, expires_us=over + 1, reserved_us=over
    )
    assert a_manager(store, now_us=over - 1).reserve(again).code == "cooldown"
    assert a_manager(store, now_us=over).reserve(again)
    assert entry_of(store, again.entry_id) == again


def unnamed() -> TradePlan:
    """Return a plan that was built without its name."""
    whole, plan = a_trade(), object.__new__(TradePlan)
    for name in TradePlan.__slots__:
        if name != "plan_id":
            object.__setattr__(plan, name, getattr(whole, name))
    return plan


@pytest.mark.parametrize(
    "plan", [unnamed(), None, SimpleNamespace(symbol=Symbol("BTC/USDT")), 7, a_trade]
)
@pytest.mark.parametrize("reserve", [None, Origin.APPROVED])
def test_what_has_no_name_is_refused_and_recorded_without_one(
    plan: Any, reserve: Origin | None
) -> None:
    desk = Desk()
    decision = desk.manager().validate_plan(plan, reserve=reserve)
    assert codes(decision) == ["incomplete_plan"]
    record = desk.store.records("main")[-1]
    assert (record.kind, record.subject) == ("decision", "")
    policy = a_policy(slippage_fraction="0")
    again = replay(body_of(record), policies={policy.hash: policy}, today=policy)
    expected = Outcome.AGREES if isinstance(plan, TradePlan) else Outcome.UNKNOWN
    assert again.outcome is expected
