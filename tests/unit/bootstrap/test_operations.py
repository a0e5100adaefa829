"""A person's deeds: recorded, whole, and no profit or loss."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from snipersight.bootstrap.operations import (
    follow_balance,
    halt_entries,
    move_money,
    resume_entries,
)
from snipersight.domain.decision import Rejected
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.domain.standing import AccountStanding, BreakerName, TradingState
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Money
from snipersight.risk.breakers.equity_marks import day_end_us, losses, marked_equity
from snipersight.risk.breakers.standing import mark
from snipersight.risk.breakers.trading_state import trading_state
from snipersight.risk.manager import RiskManager
from snipersight.risk.registry import RiskPorts
from tests.builders import a_plan, an_instrument
from tests.builders.ledger import DECIDED_AT_US, a_policy, observations
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store


def ports_on(store: MemoryDecisionStore) -> RiskPorts:
    return RiskPorts(account_id="main", store=store, clock=lambda: DECIDED_AT_US, policy=a_policy())


def standing(store: MemoryDecisionStore) -> AccountStanding:
    return store.view("main", lambda unit: unit.account.standing)


def mark_at(store: MemoryDecisionStore, equity: str) -> None:
    store.transact(
        "main",
        lambda unit: unit.save_standing(
            mark(
                unit.account.standing,
                equity=Decimal(equity),
                at_us=DECIDED_AT_US,
                policy=a_policy(),
            )
        ),
    )


def lose(store: MemoryDecisionStore, realised: str) -> None:
    """Close a trade with this result."""

    def close(unit: UnitOfWork) -> None:
        before = unit.account.standing
        unit.save_standing(replace(before, realised=Money(before.realised + Decimal(realised))))

    store.transact("main", close)


def bodies(store: MemoryDecisionStore, kind: str) -> list[dict[str, object]]:
    return [json.loads(one.body) for one in store.records("main") if one.kind == kind]


def test_a_halt_stops_entries_with_its_reason_and_is_recorded():
    store = a_memory_store()
    halt_entries(ports_on(store), reason="news at eight", actor="cli")
    (tripped,) = standing(store).tripped
    assert (tripped.name, tripped.sentence) == (BreakerName.OPERATOR, "news at eight")
    assert trading_state(standing(store).tripped) is not TradingState.ACTIVE
    assert bodies(store, "operator") == [{"command": "halt", "reason": "news at eight"}]
    assert len(bodies(store, "breaker")) == 1
    assert [item.key for item in store.queue] == [f"breaker:main:operator:{DECIDED_AT_US}"]


def test_resuming_lifts_the_halt_and_a_drawdown_only_when_asked():
    store = a_memory_store()
    mark_at(store, "10000")
    mark_at(store, "8000")
    ports = ports_on(store)
    halt_entries(ports, reason="", actor="cli")
    kept = resume_entries(ports, rearm=False, actor="cli")
    assert BreakerName.DRAWDOWN in {one.name for one in kept.tripped}
    assert BreakerName.OPERATOR not in {one.name for one in kept.tripped}
    lifted = resume_entries(ports, rearm=True, actor="cli")
    assert BreakerName.DRAWDOWN not in {one.name for one in lifted.tripped}
    assert bodies(store, "operator")[-1] == {"command": "resume", "rearm": True}


YEARS_US = 6 * 365 * 86_400_000_000


def ahead(store: MemoryDecisionStore) -> RiskPorts:
    return replace(ports_on(store), clock=lambda: DECIDED_AT_US + YEARS_US)


def observed(store: MemoryDecisionStore, ports: RiskPorts) -> RiskManager:
    manager = RiskManager(
        account_id="main", store=store, clock=ports.clock, policy=ports.policy, actor="scan"
    )
    at_ms = ports.clock() // 1000
    manager.observe(replace(observations(an_instrument()), as_of_ms=at_ms))
    return manager


def test_a_clock_that_ran_ahead_refuses_until_a_person_accepts_the_present():
    store = a_memory_store("10000")
    observed(store, ahead(store))
    manager = observed(store, ports_on(store))
    refused = manager.validate_plan(a_plan())
    assert isinstance(refused, Rejected)
    assert [check.code for check in refused.failed] == ["clock_backwards"]
    assert "risk resume --accept-clock" in refused.failed[0].sentence
    resume_entries(ports_on(store), rearm=False, actor="cli")
    assert not manager.validate_plan(a_plan())  # resuming alone accepts no clock
    resume_entries(ports_on(store), rearm=False, actor="cli", accepts_clock=True)
    assert bodies(store, "operator")[-1] == {
        "command": "resume",
        "rearm": False,
        "accepted_us": DECIDED_AT_US,
        "recorded_us": DECIDED_AT_US + YEARS_US,
    }
    assert manager.validate_plan(a_plan())
    assert observed(store, ports_on(store)).validate_plan(a_plan())
    marks = standing(store).marks
    assert marks is not None
    assert (marks.day, marks.marked_us) == ("2024-06-07", DECIDED_AT_US)


def test_what_a_wrong_clock_tripped_holds_from_now_and_not_for_years():
    store = a_memory_store("10000")
    ports = ahead(store)
    observed(store, ports)
    lose(store, "-400")
    observed(store, ports)
    resumed = resume_entries(ports_on(store), rearm=False, actor="cli", accepts_clock=True)
    (tripped,) = resumed.tripped
    assert tripped.name is BreakerName.DAILY_LOSS
    assert (tripped.tripped_us, tripped.until_us) == (DECIDED_AT_US, day_end_us(DECIDED_AT_US))


@pytest.mark.parametrize("amount", ["2500.5", "-2500.5"])
def test_money_moves_the_balance_and_no_breaker(amount):
    store = a_memory_store("10000")
    mark_at(store, "10000")
    before = losses(standing(store).marks)  # type: ignore[arg-type]  # marked above
    move_money(ports_on(store), Decimal(amount), reason="", actor="cli")
    now = standing(store)
    assert now.balance == Decimal(10000) + Decimal(amount)
    assert marked_equity(now) == now.balance
    assert losses(now.marks) == before  # type: ignore[arg-type]
    assert now.tripped == ()
    assert bodies(store, "flow") == [{"amount": amount, "reason": ""}]


@pytest.mark.parametrize("amount", ["90000", "-5000"])
def test_money_hides_no_loss_that_was_realised_since_the_newest_mark(amount):
    store = a_memory_store("10000")
    mark_at(store, "10000")
    lose(store, "-400")
    move_money(ports_on(store), Decimal(amount), reason="", actor="cli")
    mark_at(store, str(Decimal(9600) + Decimal(amount)))
    now = standing(store)
    assert BreakerName.DAILY_LOSS in {one.name for one in now.tripped}
    assert losses(now.marks).daily == Decimal("0.04")  # type: ignore[arg-type]


def test_a_loss_of_today_trips_though_money_moves_before_midnight_and_the_mark_comes_after():
    store = a_memory_store("10000")
    mark_at(store, "10000")
    lose(store, "-400")
    paid = move_money(ports_on(store), Decimal(500), reason="", actor="cli")
    assert BreakerName.DAILY_LOSS in {one.name for one in paid.tripped}


def test_more_than_there_is_cannot_be_taken_out_and_nothing_is_kept():
    store = a_memory_store("100")
    with pytest.raises(ConfigInvalid, match="more than the equity"):
        move_money(ports_on(store), Decimal(-101), reason="", actor="cli")
    assert store.records("main") == ()


def test_a_store_that_fails_halts_nothing_and_says_so():
    store = a_memory_store()
    store.lost_commits = True
    with pytest.raises(StateUnavailable):
        halt_entries(ports_on(store), reason="", actor="cli")
    store.lost_commits = False
    assert standing(store).tripped == ()


@pytest.mark.parametrize(("configured", "difference"), [("12000", "2000"), ("9000", "-1000")])
def test_another_configured_balance_is_a_flow_and_not_a_profit(configured, difference):
    store = a_memory_store("10000")
    mark_at(store, "10000")
    lose(store, "-50")
    mark_at(store, "9950")
    before = losses(standing(store).marks)  # type: ignore[arg-type]
    ports = ports_on(store)
    assert follow_balance(ports, Decimal(configured)) == Decimal(difference)
    now = standing(store)
    assert now.starting_balance == Decimal(configured)
    assert (now.flows, now.realised) == (Decimal(0), Decimal(-50))
    assert losses(now.marks) == before  # type: ignore[arg-type]
    assert marked_equity(now) == Decimal(9950) + Decimal(difference)
    (body,) = bodies(store, "flow")
    assert body["amount"] == difference
    assert "DEFAULT_ACCOUNT_BALANCE" in str(body["reason"])


def test_the_same_balance_changes_nothing_and_writes_nothing():
    store = a_memory_store("10000")
    ports = ports_on(store)
    move_money(ports, Decimal(500), reason="", actor="cli")
    commits = store.commits
    assert follow_balance(ports, Decimal("10000.0")) == 0
    assert store.commits == commits
    assert standing(store).flows == Decimal(500)


def test_a_lower_balance_than_what_was_lost_is_refused():
    store = a_memory_store("10000")
    lose(store, "-9000")
    with pytest.raises(ConfigInvalid, match="more than the equity"):
        follow_balance(ports_on(store), Decimal(5000))


@pytest.mark.parametrize("amount", ["1e300", "-1e300", "1000000000000001", "999999999999999"])
def test_money_that_no_account_holds_is_refused_and_not_recorded(amount):
    store = a_memory_store()
    before = standing(store)
    with pytest.raises(ConfigInvalid, match=r"more than the 1e\+15 that an account can hold"):
        move_money(ports_on(store), Decimal(amount), reason="", actor="cli")
    assert standing(store) == before


def test_a_configured_balance_that_no_account_holds_is_not_followed():
    store = a_memory_store()
    with pytest.raises(ConfigInvalid, match="that an account can hold"):
        follow_balance(ports_on(store), Decimal("1e300"))
    assert standing(store).starting_balance < Decimal("1e15")
