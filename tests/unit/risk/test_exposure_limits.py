"""The owner of the ledger: the questions of the specification, its ports, and its laws."""

import shutil
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from snipersight.domain.direction import Direction
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.store import DecisionStore
from snipersight.domain.units import Currency
from snipersight.risk import registry
from snipersight.risk.audit.chain import record_hash
from snipersight.risk.exposure_limits import ExposureManager
from snipersight.risk.position_sizing import calculate_position_size
from snipersight.risk.registry import RiskPorts
from snipersight.storage.database import Database, open_database
from snipersight.storage.decision_store import SqlDecisionStore
from tests.builders.exposure_managers import FIRST, NOW, a_manager, kinds, rebuilt, standing_of
from tests.builders.ledger import a_policy, an_entry
from tests.builders.plans import a_plan
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store
from tests.unit.risk.exposure_machine import ACCOUNT, BALANCE, ExposureMachine

SHORT = Direction.SHORT


@pytest.fixture
def store() -> MemoryDecisionStore:
    return a_memory_store("10000")


@pytest.fixture
def manager(store: MemoryDecisionStore) -> ExposureManager:
    return a_manager(store)


@pytest.fixture
def registered(store: MemoryDecisionStore) -> Iterator[None]:
    registry.register(
        RiskPorts(account_id="main", store=store, clock=lambda: NOW, policy=a_policy())
    )
    yield
    registry.clear()


def test_a_trade_within_its_assets_limit_passes(manager: ExposureManager) -> None:
    # 5 % of 10,000 is 500: fifty units with the stop 10 away
    assert manager.check_per_asset_limit("BTC/USDT", 50.0, entry=100.0, stop=90.0)
    check = manager.check_per_asset_limit("BTC/USDT", 50.1, entry=100.0, stop=90.0)
    assert not check
    assert (check.code, check.measured, check.limit) == (
        "max_per_asset",
        Decimal("501"),
        Decimal("500"),
    )


@pytest.mark.parametrize("symbol", ["BTC/USDT", "BTC/USDC", "BTC/USDT:USDT"])
def test_what_is_held_in_any_quote_counts(
    store: MemoryDecisionStore, manager: ExposureManager, symbol: str
) -> None:
    assert manager.reserve(an_entry(symbol, pending="40", leverage="10"))
    check = manager.check_per_asset_limit("BTC/USDT", 11, entry=100, stop=90)
    assert (check.code, check.measured) == ("max_per_asset", Decimal(510))
    assert manager.check_per_asset_limit("BTC/USDT", 10, entry=100, stop=90)
    assert manager.check_per_asset_limit("ETH/USDT", 11, entry=100, stop=90)


def test_a_short_counts_like_a_long(manager: ExposureManager) -> None:
    assert manager.check_per_asset_limit("BTC/USDT:USDT", 50, entry=100, stop=110)
    assert not manager.check_per_asset_limit("BTC/USDT:USDT", 51, entry=100, stop=110)


def test_costs_count_as_risk(manager: ExposureManager) -> None:
    check = manager.check_per_asset_limit("BTC/USDT", 50, entry=100, stop=90, cost_per_unit=0.1)
    assert check.measured == Decimal("505")


def test_the_quote_rate_turns_amounts_into_the_accounts_currency(manager: ExposureManager) -> None:
    check = manager.check_per_asset_limit("BTC/EUR", 50, entry=100, stop=90, quote_rate=1.1)
    assert check.measured == Decimal("550")


@pytest.mark.parametrize(
    ("basis", "limits", "measured"),
    [
        ("notional", {"max_per_asset": "0.5", "max_total": "0.5"}, "6000"),
        ("margin", {"max_per_asset": "0.1", "max_total": "0.1"}, "2000"),
    ],
)
def test_the_limit_counts_the_policys_basis(
    store: MemoryDecisionStore, basis: str, limits: dict[str, str], measured: str
) -> None:
    manager = a_manager(store, policy=a_policy(basis=basis, **limits))
    check = manager.check_per_asset_limit("BTC/USDT", 60, entry=100, stop=99, leverage=3)
    assert (check.code, check.measured) == ("max_per_asset", Decimal(measured))
    assert not check


def test_the_total_is_asked_as_it_is_or_with_one_more_trade(store: MemoryDecisionStore) -> None:
    manager = a_manager(store, policy=a_policy(max_total="0.08", max_cluster="0.08"))
    manager.reserve(an_entry(pending="40"))
    as_is = manager.check_total_exposure()
    assert as_is
    assert (as_is.code, as_is.measured, as_is.limit) == (
        "max_total",
        Decimal("400"),
        Decimal("800"),
    )
    assert manager.check_total_exposure(40, symbol="ETH/USDT", entry=100, stop=90)
    check = manager.check_total_exposure(41, symbol="ETH/USDT", entry=100, stop=90)
    assert (bool(check), check.code, check.measured) == (False, "max_total", Decimal(810))


def test_a_total_beyond_its_limit_is_told_as_such(manager: ExposureManager) -> None:
    manager.take(an_entry(filled="101"))
    assert not manager.check_total_exposure()


@pytest.mark.parametrize("balance", ["0", "10000"])
def test_without_equity_nothing_passes(balance: str) -> None:
    store = a_memory_store(balance)
    manager = a_manager(store)
    manager.take(an_entry(filled="200"))
    manager.close(FIRST, price=50, cost=0)  # loses 10,000
    assert standing_of(store).balance <= 0
    assert not manager.check_total_exposure()
    assert not manager.check_per_asset_limit("BTC/USDT", 0.001, entry=100, stop=99)
    assert manager.get_available_capacity() == 0
    assert not manager.reserve(an_entry(entry_id="next"))


MISSING: list[tuple[str, dict[str, Any]]] = [
    ("price_and_stop_needed", {"entry": None}),
    ("price_and_stop_needed", {"stop": None}),
    ("invalid_number", {"position_size": float("nan")}),
    ("invalid_number", {"entry": float("inf")}),
    ("invalid_number", {"stop": Decimal("NaN")}),
    ("invalid_size", {"position_size": -1}),
    ("invalid_price", {"entry": 0}),
    ("invalid_price", {"stop": -5}),
    ("invalid_price", {"stop": 100}),
    ("invalid_leverage", {"leverage": 0.5}),
    ("invalid_cost", {"cost_per_unit": -1}),
    ("quote_rate", {"quote_rate": 0}),
    ("quote_rate", {"symbol": "BTC/EUR"}),
    ("unknown_symbol", {"symbol": "bitcoin"}),
]


@pytest.mark.parametrize(("code", "change"), MISSING)
def test_what_cannot_be_computed_is_refused_by_name(
    manager: ExposureManager, code: str, change: dict[str, Any]
) -> None:
    asked: dict[str, Any] = {
        "symbol": "BTC/USDT",
        "position_size": 1,
        "entry": 100,
        "stop": 90,
    } | change
    for question in (manager.check_per_asset_limit, manager.check_total_exposure):
        check = question(**asked)
        assert (check.code, check.passed) == (code, False)


def test_a_size_of_zero_is_no_trade_in_an_asset(manager: ExposureManager) -> None:
    check = manager.check_per_asset_limit("BTC/USDT", 0, entry=100, stop=90)
    assert check.code == "invalid_size"


def test_a_ledger_that_cannot_be_read_refuses(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    store.error = StateUnavailable("the disk is gone", next_step="mount it")
    check = manager.check_per_asset_limit("BTC/USDT", 1, entry=100, stop=90)
    assert (check.code, check.passed) == ("ledger_unavailable", False)
    assert check.sentence == "the disk is gone — mount it"
    with pytest.raises(StateUnavailable):
        manager.get_available_capacity()


def test_the_specifications_snippet_refuses_without_price_and_stop(registered: None) -> None:
    plan = a_plan()
    position_size = calculate_position_size(
        account_balance=10000.0,
        risk_pct=0.01,
        entry=float(plan.entry_near),
        stop=float(plan.stop_loss.price),
        leverage=1.0,
    )
    exposure_mgr = ExposureManager()
    check = exposure_mgr.check_per_asset_limit(plan.symbol, position_size)
    assert not check
    assert check.code == "price_and_stop_needed"
    assert exposure_mgr.check_per_asset_limit(
        plan.symbol, position_size, entry=plan.entry_near, stop=plan.stop_loss.price
    )


def test_nothing_registered_refuses_everything() -> None:
    registry.clear()
    manager = ExposureManager()
    refusals = [
        manager.check_per_asset_limit("BTC/USDT", 1, entry=100, stop=90),
        manager.check_total_exposure(),
        manager.reserve(an_entry()),
        manager.confirm(FIRST, size=1, price=100),
        manager.close(FIRST, price=100),
        manager.release(FIRST, reason="void"),
    ]
    assert {(check.code, check.passed) for check in refusals} == {("not_configured", False)}
    assert manager.get_available_capacity() == 0
    for record in (lambda: manager.take(an_entry()), manager.expire_due):
        with pytest.raises(StateUnavailable, match="registered"):
            record()


def test_registered_ports_are_used_where_none_is_given(
    registered: None, store: MemoryDecisionStore
) -> None:
    assert ExposureManager().reserve(an_entry())
    assert kinds(store) == ["reserved"]
    strict = ExposureManager(policy=a_policy(max_positions=1))
    assert strict.reserve(an_entry(entry_id="b")).code == "max_positions"
    elsewhere = ExposureManager(account_id="other")
    assert elsewhere.check_total_exposure().code == "ledger_unavailable"


def test_one_missing_port_is_as_good_as_none(store: MemoryDecisionStore) -> None:
    registry.clear()
    manager = ExposureManager(account_id="main", store=store, clock=lambda: NOW)
    assert manager.check_total_exposure().code == "not_configured"


class MemoryMachine(ExposureMachine):
    """On the store in memory; afterwards the chain must tell the same ledger."""

    def open_store(self) -> DecisionStore:
        return self._remember(a_memory_store(str(BALANCE), account_id=ACCOUNT))

    def reopen_store(self) -> DecisionStore:
        return self._remember(self.memory.reopened())

    def _remember(self, store: MemoryDecisionStore) -> MemoryDecisionStore:
        self.memory = store
        return store

    def teardown(self) -> None:
        chain = self.memory.records(ACCOUNT)
        assert rebuilt(chain) == {one.entry_id: one for one in self.memory.entries(ACCOUNT)}
        before = "0" * 64
        for record in chain:
            assert record.prev_hash == before
            before = record_hash(
                account_id=record.account_id,
                seq=record.seq,
                at_us=record.at_us,
                kind=record.kind,
                subject=record.subject,
                actor=record.actor,
                body=record.body,
                prev_hash=record.prev_hash,
            )


class SqliteMachine(ExposureMachine):
    """On a SQLite file; a restart closes it and opens it anew."""

    database: Database

    def open_store(self) -> DecisionStore:
        self.folder = Path(tempfile.mkdtemp(prefix="snipersight-exposure-"))
        store = self._opened()
        store.create_account(ACCOUNT, Currency("USDT"), Decimal(BALANCE), at_us=NOW)
        return store

    def reopen_store(self) -> DecisionStore:
        self.database.close()
        return self._opened()

    def _opened(self) -> SqlDecisionStore:
        self.database = open_database(f"sqlite:///{self.folder / 'snipersight.db'}")
        return SqlDecisionStore(self.database, clock=lambda: self.now_us)

    def teardown(self) -> None:
        self.database.close()
        shutil.rmtree(self.folder)


TestExposureInMemory = MemoryMachine.TestCase
TestExposureInMemory.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestExposureOnSqlite = SqliteMachine.TestCase
TestExposureOnSqlite.settings = settings(max_examples=10, stateful_step_count=30, deadline=None)


def test_a_further_trade_without_a_symbol_is_of_no_known_market(manager: ExposureManager) -> None:
    check = manager.check_total_exposure(10, entry=100, stop=90)
    assert (check.code, check.passed) == ("unknown_symbol", False)
    assert check.sentence.startswith("'' is not a symbol")
