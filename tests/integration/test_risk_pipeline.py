"""The whole way of a plan through risk, on the real SQLite store: judged, held, closed, proved."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from snipersight.domain.decision import Approved, Rejected, RiskDecision
from snipersight.domain.ledger import EntryId, EntryState, LedgerEntry, Origin
from snipersight.domain.observations import Observations
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Currency, Money
from snipersight.risk import (
    AuditLogger,
    ExposureManager,
    RiskManager,
    calculate_position_size,
    registry,
)
from snipersight.risk.audit.chain_replay import POLICIES, WANTED, ChainReplay, policies_of
from snipersight.risk.audit.query import body_of
from snipersight.risk.registry import RiskPorts
from snipersight.storage.audit_log import AuditLog
from snipersight.storage.database import Database, open_database
from snipersight.storage.decision_store import SqlDecisionStore
from tests.builders.ledger import DECIDED_AT_US, a_policy
from tests.fakes.risk_desk import ASSETS, FIVE, HOUR_US, a_trade, codes, priced, seen

POLICY = a_policy(slippage_fraction="0", **FIVE)
HALF = Decimal("0.1")


class Home:
    """A database file, and processes that open it one after another or together."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now_us = DECIDED_AT_US
        self.databases: list[Database] = []

    def store(self, *, timeout_s: float = 10) -> SqlDecisionStore:
        """Open the file as another process would."""
        database = open_database(f"sqlite:///{self.path}", timeout_s=timeout_s)
        self.databases.append(database)
        store = SqlDecisionStore(database, clock=lambda: self.now_us)
        store.create_account("main", Currency("USDT"), Money(Decimal(10_000)), at_us=self.now_us)
        return store

    def ports(self, store: SqlDecisionStore, **given: Any) -> dict[str, Any]:
        own = {"account_id": "main", "store": store, "clock": lambda: self.now_us}
        return own | {"policy": POLICY} | given

    def manager(self, store: SqlDecisionStore, observed: Observations | None = None) -> RiskManager:
        manager = RiskManager(**self.ports(store))
        manager.observe(observed or seen())
        return manager

    @property
    def audit(self) -> AuditLog:
        return AuditLog(self.databases[-1])

    def kinds(self) -> list[str]:
        return [record.kind for record in self.audit.records("main")]

    def close(self) -> None:
        for database in self.databases:
            database.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    opened = Home(tmp_path / "snipersight.db")
    yield opened
    opened.close()


def live(store: SqlDecisionStore) -> tuple[LedgerEntry, ...]:
    return store.view("main", lambda unit: unit.live_entries())


def reserved(decision: RiskDecision) -> EntryId:
    assert isinstance(decision, Approved)
    assert decision.reservation_id is not None
    return decision.reservation_id


def assert_proved(home: Home, *, decisions: int) -> None:
    """Ask the chain whether it is whole, and every decision in it whether it comes out again."""
    assert home.audit.verify("main").findings == ()
    policies = policies_of(home.audit.records("main", POLICIES))
    replay = ChainReplay(policies=policies, today=POLICY, follows_ledger=True)
    for found in replay.run(home.audit.records("main", WANTED)):
        assert found.replayed, found.replayed.difference
    assert replay.summary.decisions == replay.summary.agree == decisions
    store = SqlDecisionStore(home.databases[-1], clock=lambda: home.now_us)
    assert replay.ledger_difference(live(store)) == ""


def test_a_plan_from_verdict_to_stop_and_the_proof_of_it(home):
    store = home.store()
    manager, exposure = home.manager(store), ExposureManager(**home.ports(store))
    decision = manager.validate_plan(a_trade("ETH"), reserve=Origin.EXECUTED)
    entry_id = reserved(decision)
    assert exposure.get_available_capacity() == 400

    assert exposure.confirm(entry_id, size=HALF, price=Decimal(42250))
    (entry,) = live(store)
    assert (entry.state, entry.open_size, entry.pending_size) == (EntryState.OPEN, HALF, HALF)
    assert exposure.release(entry_id, reason="the rest was not filled")
    assert exposure.get_available_capacity() == 450

    home.now_us += HOUR_US
    account = manager.observe(priced("ETH", "42350"))
    assert account.equity == 10_010
    assert exposure.close(entry_id, price=Decimal(41750), by_stop=True)
    assert live(store) == ()
    assert manager.observe(seen()).equity == 9_950

    again = manager.validate_plan(a_trade("ETH", plan_id="next", setup_id="next"))
    assert codes(again) == ["cooldown"]
    assert manager.validate_plan(a_trade("SOL"))
    kinds = [
        "policy",
        "decision",
        "reserved",
        "filled",
        "released",
        "closed",
        "decision",
        "decision",
    ]
    assert home.kinds() == kinds
    assert_proved(home, decisions=3)


def test_a_scan_that_informs_leaves_records_and_nothing_else(home):
    store = home.store()
    manager = home.manager(store)
    verdicts = [bool(manager.validate_plan(a_trade(asset))) for asset in ASSETS]
    assert verdicts == [True] * 5 + [False] * 5
    assert live(store) == ()
    assert_proved(home, decisions=10)


def test_every_verdict_is_exactly_one_commit(home):
    manager = home.manager(home.store())
    (database,) = home.databases
    for number, asset in enumerate(ASSETS):
        before = database.commits
        manager.validate_plan(a_trade(asset), reserve=Origin.EXECUTED if number % 2 else None)
        assert database.commits == before + 1


def test_what_was_reserved_and_marked_outlives_the_process(home):
    first = home.store()
    home.manager(first).validate_plan(a_trade("ETH"), reserve=Origin.EXECUTED)
    home.close()
    second = home.store()
    manager = home.manager(second)
    assert len(live(second)) == 1
    assert codes(manager.validate_plan(a_trade("ETH"))) == ["already_live"]
    assert [bool(manager.validate_plan(a_trade(asset))) for asset in ASSETS if asset != "ETH"] == [
        True
    ] * 4 + [False] * 5
    assert home.kinds().count("policy") == 1
    assert_proved(home, decisions=11)


def test_two_processes_cannot_take_one_budget_twice(home):
    managers = [home.manager(home.store()) for _ in range(2)]
    taken = [
        managers[number % 2].validate_plan(a_trade(asset), reserve=Origin.EXECUTED)
        for number, asset in enumerate(ASSETS)
    ]
    assert [bool(decision) for decision in taken] == [True] * 5 + [False] * 5
    entries = live(home.store())
    assert sum(entry.amounts.risk for entry in entries) == 500
    assert_proved(home, decisions=10)


def test_a_budget_is_free_again_once_the_plan_has_ended(home):
    store = home.store()
    manager = home.manager(store)
    for asset in ASSETS[:5]:
        assert manager.validate_plan(a_trade(asset), reserve=Origin.APPROVED)
    home.now_us += 8 * HOUR_US
    later = seen(as_of_ms=home.now_us // 1000)
    manager.observe(later)
    assert live(store) == ()
    assert home.kinds().count("expired") == 5
    assert_proved(home, decisions=5)


def test_a_lost_day_halts_the_account_until_midnight(home):
    store = home.store()
    manager, exposure = home.manager(store), ExposureManager(**home.ports(store))
    for asset in ASSETS[:4]:
        decision = manager.validate_plan(a_trade(asset), reserve=Origin.EXECUTED)
        assert isinstance(decision, Approved)
        entry_id = reserved(decision)
        assert exposure.confirm(entry_id, size=decision.size, price=Decimal(42250))
        assert exposure.close(entry_id, price=Decimal(41750))
    manager.observe(seen())
    assert codes(manager.validate_plan(a_trade("DOT"))) == ["daily_loss"]
    assert codes(home.manager(home.store()).validate_plan(a_trade("LTC"))) == ["daily_loss"]
    home.now_us += 24 * HOUR_US
    manager.observe(seen())
    assert manager.validate_plan(a_trade("DOT"))
    assert [
        body_of(one)["event"] for one in home.audit.records("main") if one.kind == "breaker"
    ] == [
        "tripped",
        "let_go",
    ]


@pytest.mark.parametrize("reserve", [None, Origin.EXECUTED])
def test_a_locked_database_approves_nothing_and_loses_nothing(home, reserve):
    store = home.store(timeout_s=0.3)
    manager = home.manager(store)
    kinds = home.kinds()
    other = sqlite3.connect(home.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    decision = manager.validate_plan(a_trade("ETH"), reserve=reserve)
    other.execute("ROLLBACK")
    other.close()
    assert codes(decision) == ["audit_unwritable"]
    assert isinstance(decision, Rejected)
    assert str(home.path) in decision.failed[0].sentence
    assert home.kinds() == kinds
    assert manager.validate_plan(a_trade("ETH"), reserve=reserve)
    assert_proved(home, decisions=1)


def test_a_closed_database_approves_nothing(home):
    manager = home.manager(home.store())
    home.close()
    assert codes(manager.validate_plan(a_trade("ETH"))) == ["audit_unwritable"]


@pytest.fixture
def _registered(home: Home) -> Iterator[None]:
    before = registry.defaults()
    store = home.store()
    registry.register(RiskPorts(**home.ports(store), reader=home.audit))
    yield
    registry.clear()
    if before is not None:
        registry.register(before)


@pytest.mark.usefixtures("_registered")
def test_the_integration_of_the_specification(home):
    plan: TradePlan = a_trade("ETH")
    position_size = calculate_position_size(
        account_balance=10000.0,
        risk_pct=0.01,
        entry=float(plan.entry_near),
        stop=float(plan.stop_loss.price),
        leverage=1.0,
    )
    exposure_mgr, audit_logger = ExposureManager(), AuditLogger()
    # Without its prices no exposure can be computed: refused.
    if not exposure_mgr.check_per_asset_limit(plan.symbol, position_size):
        audit_logger.log_decision(plan, "REJECTED", "Exposure limit exceeded")
    assert home.kinds() == ["decision"]
    prices = {"entry": plan.entry_near, "stop": plan.stop_loss.price}
    assert exposure_mgr.check_per_asset_limit(plan.symbol, position_size, **prices)
    assert not exposure_mgr.check_per_asset_limit(plan.symbol, 6 * position_size, **prices)

    risk_manager = RiskManager()
    risk_manager.observe(seen())
    plans = (plan, *(a_trade(asset) for asset in ASSETS if asset != "ETH"))
    approved_plans = [one for one in plans if risk_manager.validate_plan(one)]
    assert len(approved_plans) == 5
    assert home.audit.verify("main").findings == ()
