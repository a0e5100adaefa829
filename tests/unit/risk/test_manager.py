"""The manager on a store in memory: what one verdict writes, counts and refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, TypeVar

import pytest

from snipersight.domain.account import AccountState
from snipersight.domain.audit import AuditKind
from snipersight.domain.decision import Approved, Rejected
from snipersight.domain.direction import Direction
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.exposure import Amounts
from snipersight.domain.ledger import Origin
from snipersight.domain.observations import Correlations
from snipersight.domain.standing import TradingState
from snipersight.domain.store import UnitOfWork
from snipersight.risk import registry
from snipersight.risk.audit.codec import decode_decision
from snipersight.risk.manager import RiskManager
from snipersight.risk.policy import RiskPolicy
from snipersight.risk.registry import RiskPorts
from tests.builders.ledger import a_policy, an_entry
from tests.fakes.memory_store import MemoryDecisionStore
from tests.fakes.risk_desk import (
    ASSETS,
    FIVE,
    Desk,
    a_position,
    a_trade,
    body_of,
    codes,
    priced,
    released,
    seen,
    symbol_of,
)

T = TypeVar("T")


def test_a_verdict_is_recorded_in_one_commit():
    desk = Desk()
    manager = desk.manager()
    before = desk.store.commits
    decision = manager.validate_plan(a_trade())
    assert isinstance(decision, Approved)
    assert desk.store.commits == before + 1
    record = desk.store.records("main")[-1]
    assert (record.kind, record.subject, record.actor) == (
        "decision",
        decision.plan.plan_id,
        "scan",
    )
    assert record.at_us == desk.now_us


def test_a_refusal_is_recorded_like_an_approval():
    desk = Desk()
    manager = desk.manager(limits={"min_rr": "50"}, actor="cli")
    assert codes(manager.validate_plan(a_trade())) == ["min_rr"]
    record = desk.store.records("main")[-1]
    assert (record.kind, record.actor) == ("decision", "cli")
    assert '"verdict":"rejected"' in record.body


@pytest.mark.parametrize("reserve", [None, Origin.EXECUTED])
def test_what_is_recorded_is_what_was_decided(reserve):
    desk = Desk()
    decision = desk.manager().validate_plan(a_trade(), reserve=reserve)
    (record,) = [one for one in desk.store.records("main") if one.kind == "decision"]
    recorded = decode_decision(body_of(record))
    assert recorded.decision == decision
    assert recorded.is_reserved is (reserve is not None)


def test_the_limits_are_recorded_once_and_again_when_they_change():
    desk = Desk()
    for limits in ({}, {}, {"max_total": "0.2"}, {"max_total": "0.2"}, {}):
        desk.manager(limits=limits).validate_plan(a_trade())
    policies = [one.subject for one in desk.store.records("main") if one.kind == AuditKind.POLICY]
    changed = a_policy(slippage_fraction="0", max_total="0.2").hash
    assert policies == [policies[0], changed, policies[0]]
    assert desk.kinds()[0] == AuditKind.POLICY


def test_without_an_observation_nothing_is_approved():
    desk = Desk()
    manager = RiskManager(
        account_id="main", store=desk.store, clock=lambda: desk.now_us, policy=a_policy()
    )
    assert "no_market_facts" in codes(manager.validate_plan(a_trade()))


def test_a_plan_of_another_venue_is_refused():
    manager = Desk().manager()
    assert codes(manager.validate_plan(a_trade(venue="binance"))) == ["instrument_mismatch"]


def test_a_clock_set_back_is_refused():
    desk = Desk()
    manager = desk.manager()
    desk.now_us -= 10_000_000
    assert codes(manager.validate_plan(a_trade())) == ["clock_backwards"]


def test_an_unknown_skew_is_refused():
    manager = Desk().manager(seen(clock_skew_ms=None))
    assert codes(manager.validate_plan(a_trade())) == ["clock_skew"]


@pytest.mark.parametrize(
    ("name", "value"), [("symbol", None), ("symbol", []), ("entry_near", "x"), ("setup_id", 7)]
)
def test_a_plan_built_past_its_constructor_is_refused_and_recorded(name, value):
    desk = Desk()
    manager = desk.manager()
    plan = a_trade()
    object.__setattr__(plan, name, value)
    assert codes(manager.validate_plan(plan)) == ["incomplete_plan"]
    assert desk.kinds()[-1] == "decision"


def test_a_scan_budgets_in_rank_order_and_reserves_nothing():
    desk = Desk()
    manager = desk.manager(limits=FIVE)
    decisions = [manager.validate_plan(a_trade(asset)) for asset in ASSETS]
    assert [bool(decision) for decision in decisions] == [True] * 5 + [False] * 5
    assert [codes(decision) for decision in decisions[5:]] == [["max_total"]] * 5
    assert desk.store.entries("main") == ()
    assert desk.store.queue == ()
    assert desk.kinds().count("decision") == 10


def test_a_new_scan_begins_with_the_whole_budget():
    desk = Desk()
    manager = desk.manager(limits=FIVE)
    for assets in (ASSETS, ASSETS[::-1]):  # whoever comes first
        manager.observe(seen())
        verdicts = [bool(manager.validate_plan(a_trade(asset))) for asset in assets]
        assert verdicts == [True] * 5 + [False] * 5


def test_approvals_of_one_scan_correlate_with_each_other():
    manager = Desk().manager(seen(correlations=Correlations()), limits=FIVE)
    decisions = [manager.validate_plan(a_trade(asset)) for asset in ASSETS[:6]]
    assert codes(decisions[5]) == ["max_cluster", "max_total"]


def test_a_plan_judged_twice_is_not_held_against_itself():
    manager = Desk().manager()
    first, second = (manager.validate_plan(a_trade()) for _ in range(2))
    assert first == second


def test_another_plan_of_the_same_setup_is_live_already():
    manager = Desk().manager()
    assert manager.validate_plan(a_trade())
    later = a_trade(plan_id="another-bar", setup_id=a_trade().setup_id)
    assert codes(manager.validate_plan(later)) == ["already_live"]


def test_an_approval_speaks_against_the_other_side():
    manager = Desk().manager()
    assert manager.validate_plan(a_trade())
    assert codes(manager.validate_plan(a_trade(side=Direction.SHORT))) == ["opposing_plan"]


@pytest.mark.parametrize("fault", ["the disk is full", "the commit failed"])
def test_a_store_that_fails_refuses_and_counts_nothing(fault):
    desk = Desk()
    manager = desk.manager(limits=FIVE | {"max_total": "0.05"})
    records = desk.store.records("main")
    _break(desk.store, fault)
    for asset in ASSETS:
        decision = manager.validate_plan(a_trade(asset))
        assert codes(decision) == ["audit_unwritable"]
        assert isinstance(decision, Rejected)
        assert fault in decision.failed[0].sentence
        assert decision.policy_hash
    _repair(desk.store)
    assert desk.store.records("main") == records
    assert sum(bool(manager.validate_plan(a_trade(asset))) for asset in ASSETS) == 5


def _break(store: MemoryDecisionStore, fault: str) -> None:
    store.lost_commits = fault == "the commit failed"
    if not store.lost_commits:
        store.error = StateUnavailable(fault, next_step="make room")


def _repair(store: MemoryDecisionStore) -> None:
    store.error, store.lost_commits = None, False


def test_a_reservation_that_was_not_committed_holds_nothing():
    desk = Desk()
    manager = desk.manager()
    desk.store.lost_commits = True
    assert codes(manager.validate_plan(a_trade(), reserve=Origin.EXECUTED)) == ["audit_unwritable"]
    desk.store.lost_commits = False
    assert desk.store.entries("main") == ()
    assert desk.store.queue == ()
    assert manager.validate_plan(a_trade(), reserve=Origin.EXECUTED)


class BreakingQueue:
    """A store whose queue raises after ledger and audit were written."""

    def __init__(self, inner: MemoryDecisionStore) -> None:
        self._inner = inner

    def transact(self, account_id: str, work: Callable[[UnitOfWork], T]) -> T:
        return self._inner.transact(account_id, lambda unit: work(_Breaking(unit)))

    def view(self, account_id: str, read: Callable[[UnitOfWork], T]) -> T:
        return self._inner.view(account_id, read)


class _Breaking:
    def __init__(self, unit: UnitOfWork) -> None:
        self._unit = unit

    def __getattr__(self, name: str) -> Any:
        return getattr(self._unit, name)

    def enqueue(self, draft: object) -> bool:
        raise ArithmeticError("a fault nobody foresaw")


def test_a_verdict_that_raises_is_never_half_kept():
    desk = Desk()
    manager = desk.manager(store=BreakingQueue(desk.store))
    records, commits = desk.store.records("main"), desk.store.commits
    with pytest.raises(ArithmeticError):
        manager.validate_plan(a_trade(), reserve=Origin.EXECUTED)
    assert desk.store.records("main") == records
    assert desk.store.entries("main") == ()
    assert desk.store.commits == commits
    assert manager.validate_plan(a_trade("ETH"))


def test_an_observation_that_cannot_be_written_leaves_nothing_observed():
    desk = Desk()
    manager = desk.manager()
    desk.store.error = StateUnavailable("locked")
    with pytest.raises(StateUnavailable):
        manager.observe(seen())
    desk.store.error = None
    assert "no_market_facts" in codes(manager.validate_plan(a_trade()))


@pytest.fixture
def _nothing_registered() -> Iterator[None]:
    before = registry.defaults()
    registry.clear()
    yield
    if before is not None:
        registry.register(before)
    else:
        registry.clear()


@pytest.mark.usefixtures("_nothing_registered")
def test_nothing_registered_refuses_everything():
    manager = RiskManager()
    assert codes(manager.validate_plan(a_trade())) == ["not_configured"]
    for ask in (manager.held, manager.status, lambda: manager.observe(seen())):
        with pytest.raises(StateUnavailable, match="registered"):
            ask()


@pytest.mark.usefixtures("_nothing_registered")
def test_what_is_registered_is_used():
    desk = Desk()
    policy: RiskPolicy = a_policy(slippage_fraction="0")
    ports = RiskPorts(account_id="main", store=desk.store, clock=lambda: desk.now_us, policy=policy)
    registry.register(ports)
    manager = RiskManager()
    manager.observe(seen())
    assert manager.validate_plan(a_trade())
    assert desk.kinds() == ["policy", "decision"]


def test_what_is_held_must_be_observed_too():
    desk = Desk()
    desk.keep(
        a_position("ETH", entry_id="a"),
        a_position("BTC", entry_id="b", venue="binance"),
        an_entry(symbol_of("ETH"), entry_id="c"),
        released(an_entry(symbol_of("SOL"), entry_id="d")),
    )
    manager = desk.manager()
    assert manager.held() == (("binance", "BTC/USDT:USDT"), ("sandbox", "ETH/USDT:USDT"))


def test_the_status_tells_where_the_account_stands():
    desk = Desk()
    desk.keep(a_position("ETH"))
    status = desk.manager(priced("ETH", "110")).status()
    assert status.account.equity == 10_100
    assert status.state is TradingState.ACTIVE
    assert status.total == Amounts(risk=Decimal(100), notional=Decimal(1000), margin=Decimal(1000))
    assert [entry.symbol for entry in status.entries] == ["ETH/USDT:USDT"]
    assert status.at_us == desk.now_us


def test_the_status_of_an_account_nobody_observed_is_its_newest_mark():
    desk = Desk()
    desk.keep(a_position("ETH"))
    one = RiskManager(
        account_id="main", store=desk.store, clock=lambda: desk.now_us, policy=a_policy()
    )
    assert one.status().account.equity == 10_000
    desk.manager(priced("ETH", "110"))
    account: AccountState = one.status().account
    assert account.equity == 10_100
    assert account.source == "the newest mark"
    assert one.status().account == account  # reading writes nothing
