"""What the manager answers and records, whole: its status, its refusals, its alerts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.account import AccountState
from snipersight.domain.decision import Check, Rejected
from snipersight.domain.direction import Direction
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.ledger import Origin
from snipersight.domain.standing import Cooldown
from snipersight.domain.units import Currency, Money, Symbol
from snipersight.risk import registry
from snipersight.risk.audit.codec import decode_decision
from snipersight.risk.audit.exact_json import encode
from snipersight.risk.manager import RiskManager
from tests.builders.ledger import a_policy, an_entry
from tests.fakes.risk_desk import (
    Desk,
    a_position,
    a_trade,
    body_of,
    codes,
    priced,
    seen,
    symbol_of,
)


@pytest.fixture
def _nothing_registered() -> Iterator[None]:
    before = registry.defaults()
    registry.clear()
    yield
    if before is not None:
        registry.register(before)
    else:
        registry.clear()


def test_an_account_that_was_never_marked_says_so():
    desk = Desk()
    one = RiskManager(
        account_id="main", store=desk.store, clock=lambda: desk.now_us, policy=a_policy()
    )
    assert one.status().account == AccountState(
        account_id="main",
        currency=Currency("USDT"),
        equity=Money(Decimal(10_000)),
        source="balance",
    )
    desk.manager()
    assert one.status().account.source == "the newest mark"
    assert one.status().account.account_id == "main"
    assert one.status().account.currency == "USDT"


def test_a_made_up_equity_says_so_and_is_the_status_too():
    desk = Desk()
    manager = desk.manager(equity=Decimal(500))
    made_up = AccountState(
        account_id="main", currency=Currency("USDT"), equity=Money(Decimal(500)), source="what-if"
    )
    assert manager.observe(seen()) == made_up
    assert manager.status().account == made_up
    unobserved = RiskManager(
        account_id="main",
        store=desk.store,
        clock=lambda: desk.now_us,
        policy=a_policy(),
        equity=Decimal(500),
    )
    assert unobserved.status().account == made_up
    with pytest.raises(ValueError, match=r"^a what-if equity reserves nothing$"):
        manager.validate_plan(a_trade(), reserve=Origin.EXECUTED)


def test_the_status_holds_the_limits_and_leaves_out_what_has_ended():
    desk = Desk()
    ended = Cooldown(
        symbol=Symbol(symbol_of("ETH")), direction=Direction.LONG, until_us=desk.now_us
    )
    running = replace(ended, until_us=desk.now_us + 1)
    _stand(desk, cooldowns=(ended, running))
    status = desk.manager().status()
    assert status.policy == a_policy(slippage_fraction="0")
    assert status.standing.cooldowns == (running,)


def _stand(desk: Desk, **changes: Any) -> None:
    """Change where the account stands."""
    standing = replace(desk.standing, **changes)
    desk.store.transact("main", lambda unit: unit.save_standing(standing))


def test_a_cooldown_refuses_until_it_has_ended_and_is_recorded():
    desk = Desk()
    until_us = desk.now_us + 10
    cooldown = Cooldown(symbol=Symbol("BTC/USDC"), direction=Direction.LONG, until_us=until_us)
    _stand(desk, cooldowns=(cooldown,))
    manager = desk.manager()
    assert codes(manager.validate_plan(a_trade())) == ["cooldown"]
    recorded = decode_decision(body_of(desk.store.records("main")[-1]))
    assert recorded.inputs.cooldowns == (cooldown,)
    assert manager.validate_plan(a_trade("ETH"))
    recorded = decode_decision(body_of(desk.store.records("main")[-1]))
    assert recorded.inputs.cooldowns == ()
    desk.now_us = until_us
    assert manager.validate_plan(a_trade())


def test_a_setup_that_is_live_in_another_asset_is_live():
    desk = Desk()
    plan = a_trade()
    desk.keep(an_entry(symbol_of("ETH"), setup_id=plan.setup_id))
    assert codes(desk.manager().validate_plan(plan)) == ["already_live"]


def test_a_refusal_without_a_store_is_whole():
    desk = Desk()
    manager, plan = desk.manager(), a_trade()
    desk.store.error = StateUnavailable("the disk is full", next_step="make room")
    decision = manager.validate_plan(plan)
    assert decision == Rejected(
        plan=plan,
        checks=(
            Check(code="audit_unwritable", passed=False, sentence="the disk is full — make room"),
        ),
        policy_hash=a_policy(slippage_fraction="0").hash,
    )


@pytest.mark.usefixtures("_nothing_registered")
def test_a_refusal_without_ports_is_whole():
    plan = a_trade()
    assert RiskManager().validate_plan(plan) == Rejected(
        plan=plan, checks=(registry.not_configured(),)
    )
    with pytest.raises(StateUnavailable) as error:
        RiskManager().status()
    assert str(error.value) == (
        f"{registry.not_configured().sentence} — open a store before asking for risk"
    )


def test_a_breaker_is_recorded_and_told_with_everything_it_holds():
    desk = Desk()
    desk.keep(a_position("ETH"))
    desk.manager(priced("ETH", "50"))
    (breaker,) = desk.standing.tripped
    record = desk.store.records("main")[-1]
    assert (record.kind, record.subject, record.actor) == ("breaker", breaker.name.value, "scan")
    assert body_of(record) == {"event": "tripped", "breaker": encode(breaker)}
    (message,) = desk.store.queue
    assert (message.topic, message.priority) == ("message", 10)
    assert {"kind": "breaker", "breaker": encode(breaker)}.items() <= message.payload.items()
    desk.now_us += 24 * 3_600_000_000
    desk.manager(replace(priced("ETH", "50"), as_of_ms=desk.now_us // 1000))
    record = desk.store.records("main")[-1]
    assert body_of(record) == {"event": "let_go", "breaker": encode(breaker)}
    assert len(desk.store.queue) == 1
