"""What the manager reserves: with verdict and message, seen by all, given back in time."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.account import AccountState
from snipersight.domain.decision import Approved
from snipersight.domain.instrument import MarketKind
from snipersight.domain.ledger import EntryState, LedgerEntry, Origin
from snipersight.domain.units import Currency, Money, Size, Symbol
from snipersight.risk.ledger.reservations import reservation
from tests.builders import a_plan, an_instrument
from tests.builders.decisions import an_approval, gate_inputs
from tests.builders.ledger import DECIDED_AT_US, a_policy, an_entry, market_facts
from tests.fakes.risk_desk import (
    ASSETS,
    FIVE,
    HOUR_US,
    Desk,
    a_trade,
    codes,
    released,
    seen,
    symbol_of,
)


def test_a_reservation_commits_with_its_verdict_and_its_message():
    desk = Desk()
    manager = desk.manager()
    before = desk.store.commits
    decision = manager.validate_plan(a_trade(), reserve=Origin.BY_HAND)
    assert isinstance(decision, Approved)
    assert desk.store.commits == before + 1
    (entry,) = desk.store.entries("main")
    assert entry.entry_id == decision.reservation_id
    assert (entry.state, entry.origin) == (EntryState.RESERVED, Origin.BY_HAND)
    assert (entry.pending_size, entry.amounts.risk) == (decision.size, decision.risk)
    assert entry.amounts.margin == decision.margin
    assert entry.expires_us == int(decision.plan.valid_until.timestamp()) * 1_000_000
    assert desk.kinds()[-2:] == ["decision", "reserved"]
    (message,) = desk.store.queue
    assert (message.topic, message.key) == ("message", f"signal:main:{decision.plan.plan_id}")


def test_a_reservation_counts_its_costs_and_its_currency():
    desk = Desk()
    markets = {
        symbol: market_facts(an_instrument(symbol), quote_rate="0.9")
        for symbol in (Symbol(symbol_of("BTC")),)
    }
    manager = desk.manager(seen(markets=markets), limits={"slippage_fraction": "0.001"})
    decision = manager.validate_plan(a_trade(), reserve=Origin.EXECUTED)
    assert isinstance(decision, Approved)
    (entry,) = desk.store.entries("main")
    # 42250 × 0.0002 + 41750 × (0.0005 + 0.001)
    assert entry.cost_per_unit == Decimal("71.075")
    assert (
        entry.amounts.risk == decision.risk == decision.size * Decimal("571.075") * Decimal("0.9")
    )


def test_a_reservation_is_seen_by_every_other_manager():
    desk = Desk()
    for asset in ASSETS[:5]:
        assert desk.manager(limits=FIVE).validate_plan(a_trade(asset), reserve=Origin.EXECUTED)
    other = desk.manager(limits=FIVE)
    assert codes(other.validate_plan(a_trade("DOT"))) == ["max_total"]
    assert "already_live" in codes(other.validate_plan(a_trade("BTC")))


def test_an_approval_that_is_then_reserved_counts_once():
    manager = Desk().manager(limits=FIVE | {"max_total": "0.05"})
    for reserve in (None, Origin.EXECUTED):
        for asset in ASSETS[:4]:
            assert manager.validate_plan(a_trade(asset), reserve=reserve)
    assert manager.validate_plan(a_trade("ADA"))
    assert codes(manager.validate_plan(a_trade("DOT"))) == ["max_total"]


def test_an_approval_that_another_process_reserved_counts_once():
    desk = Desk()
    manager = desk.manager(limits=FIVE)
    assert manager.validate_plan(a_trade("BTC"))
    assert desk.manager(limits=FIVE).validate_plan(a_trade("BTC"), reserve=Origin.EXECUTED)
    approvals = [manager.validate_plan(a_trade(asset)) for asset in ASSETS[1:7]]
    assert [bool(decision) for decision in approvals] == [True] * 4 + [False] * 2


def test_a_second_reservation_of_a_plan_has_a_name_of_its_own():
    desk = Desk()
    manager = desk.manager()
    names = set()
    for _ in range(2):
        decision = manager.validate_plan(a_trade(), reserve=Origin.EXECUTED)
        assert isinstance(decision, Approved)
        names.add(decision.reservation_id)
        (live,) = desk.store.view("main", lambda unit: unit.live_entries())
        desk.keep(released(live))
    assert len(names) == 2


def test_a_reservation_whose_time_is_over_gives_its_budget_back():
    desk = Desk()
    assert desk.manager(limits=FIVE).validate_plan(a_trade(), reserve=Origin.APPROVED)
    desk.now_us += 9 * HOUR_US
    later = seen(as_of_ms=desk.now_us // 1000)
    manager = desk.manager(later, limits=FIVE)
    (entry,) = desk.store.entries("main")
    assert (entry.state, entry.ended_us) == (EntryState.EXPIRED, desk.now_us)
    assert desk.kinds()[-1] == "expired"
    assert manager.status().total.risk == 0


def test_an_order_that_may_still_be_filled_counts_after_its_time():
    desk = Desk()
    assert desk.manager(limits=FIVE).validate_plan(a_trade(), reserve=Origin.EXECUTED)
    desk.now_us += 9 * HOUR_US
    manager = desk.manager(seen(as_of_ms=desk.now_us // 1000), limits=FIVE)
    (entry,) = desk.store.entries("main")
    assert entry.state is EntryState.RESERVED
    assert manager.status().total.risk == 100


def test_what_ends_between_two_verdicts_counts_no_longer_for_the_second():
    desk = Desk()
    soon = DECIDED_AT_US + 1_000
    entry = an_entry(symbol_of("ETH"), entry="100", stop="50", expires_us=soon)  # risks 500
    desk.keep(entry)
    manager = desk.manager(limits=FIVE)
    assert codes(manager.validate_plan(a_trade("SOL"))) == ["max_total"]
    desk.now_us = soon
    assert manager.validate_plan(a_trade("SOL"))
    assert desk.kinds()[-2:] == ["expired", "decision"]


def test_an_approval_that_was_reserved_and_given_back_counts_no_longer():
    desk = Desk()
    manager = desk.manager(limits=FIVE)
    for reserve in (None, Origin.EXECUTED):
        assert manager.validate_plan(a_trade(), reserve=reserve)
    (entry,) = desk.store.entries("main")
    desk.keep(released(entry))
    assert [bool(manager.validate_plan(a_trade(asset))) for asset in ASSETS[1:7]] == [True] * 5 + [
        False
    ]


def test_the_message_of_a_reservation_names_the_record_of_its_verdict():
    desk = Desk()
    decision = desk.manager().validate_plan(a_trade(), reserve=Origin.EXECUTED)
    assert isinstance(decision, Approved)
    (message,) = desk.store.queue
    verdict = next(record for record in desk.store.records("main") if record.kind == "decision")
    told = {"kind": "signal", "plan_id": decision.plan.plan_id, "seq": verdict.seq}
    assert told.items() <= message.payload.items()
    assert message.available_us is None


def _reserved(account_id: str = "main", **plan: Any) -> LedgerEntry:
    inputs = gate_inputs(
        account=AccountState(
            account_id=account_id, currency=Currency("USDT"), equity=Money(Decimal(10_000))
        )
    )
    decision = an_approval(a_plan(**plan))
    return reservation(decision, inputs, a_policy(), origin=Origin.BY_HAND, after_seq=7)


def test_a_reservation_holds_everything_that_was_approved():
    entry, plan = _reserved(), a_plan()
    assert entry == LedgerEntry(
        entry_id=entry.entry_id,
        account_id="main",
        origin=Origin.BY_HAND,
        state=EntryState.RESERVED,
        plan_id=plan.plan_id,
        setup_id=plan.setup_id,
        venue="sandbox",
        symbol=Symbol("BTC/USDT"),
        market=MarketKind.SPOT,
        underlying=Currency("BTC"),
        direction=plan.direction,
        pending_size=Size(Decimal("0.2")),
        open_size=Size(Decimal(0)),
        entry_price=plan.entry_near,
        fill_price=None,
        stop_price=plan.stop_loss.price,
        # 42250 × 0.0002 + 41750 × (0.0005 + 0.0002)
        cost_per_unit=Decimal("37.7"),
        leverage=Decimal(1),
        quote_rate=Decimal(1),
        reserved_us=DECIDED_AT_US,
        expires_us=DECIDED_AT_US + 8 * HOUR_US,
    )
    assert isinstance(entry.expires_us, int)


def test_the_name_of_a_reservation_begins_with_its_plan_and_is_its_own():
    one = _reserved(plan_id="p" * 50)
    assert re.fullmatch(r"p{40}-[0-9a-f]{12}", one.entry_id)
    others = {_reserved("other", plan_id="p" * 50).entry_id, _reserved(plan_id="p" * 49).entry_id}
    assert len(others | {one.entry_id}) == 3


def test_a_reservation_that_follows_no_record_is_the_first_of_its_account():
    asked = an_approval(), gate_inputs(), a_policy()
    first = reservation(*asked, origin=Origin.BY_HAND)
    assert first == reservation(*asked, origin=Origin.BY_HAND, after_seq=0)
    assert first.entry_id != reservation(*asked, origin=Origin.BY_HAND, after_seq=1).entry_id


@pytest.mark.parametrize("facts", [None, market_facts(quote_rate=None)])
def test_what_was_approved_without_a_market_is_not_reserved(facts):
    with pytest.raises(ValueError, match=r"^BTC/USDT was approved without a market$"):
        reservation(an_approval(), gate_inputs(facts=facts), a_policy(), origin=Origin.BY_HAND)
