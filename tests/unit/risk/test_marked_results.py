"""What a close earned or lost reaches equity, capacity and breakers in its own transaction."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bootstrap.operations import move_money
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.ledger import EntryId
from snipersight.domain.observations import Observations
from snipersight.domain.standing import AccountStanding
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Symbol
from snipersight.risk.breakers.equity_marks import losses, marked_equity
from snipersight.risk.breakers.standing import mark
from snipersight.risk.policy import RiskPolicy
from snipersight.risk.registry import RiskPorts
from tests.builders.exposure_managers import FIRST, NOW, a_manager, alerts, kinds, standing_of
from tests.builders.ledger import a_policy, an_entry
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store
from tests.fakes.risk_desk import Desk, a_position, priced, symbol_of

CALM: dict[str, Any] = {
    "max_daily_loss": "1", "max_weekly_loss": "1", "max_drawdown": "1", "max_loss_streak": 1000,
}  # fmt: skip


@pytest.fixture
def store() -> MemoryDecisionStore:
    return a_memory_store("10000")


def observed(store: MemoryDecisionStore, equity: str = "10000") -> None:
    """Mark the account once, as a scan of live markets does."""

    def work(unit: UnitOfWork) -> None:
        marked = mark(
            unit.account.standing, equity=Decimal(equity), at_us=NOW, policy=a_policy(**CALM)
        )
        unit.save_standing(marked)

    store.transact("main", work)


def lost(store: MemoryDecisionStore, amount: int, policy: RiskPolicy) -> None:
    manager = a_manager(store, policy=policy)
    manager.take(an_entry(filled="100", setup_id=None))
    manager.close(FIRST, price=100 - Decimal(amount) / 100, cost=0)


def test_a_closed_loss_leaves_no_capacity_that_was_lost(store: MemoryDecisionStore) -> None:
    observed(store)
    policy = a_policy(**CALM)
    lost(store, 9900, policy)
    manager = a_manager(store, policy=policy)
    assert marked_equity(standing_of(store)) == 100
    assert manager.get_available_capacity() == 10
    assert manager.reserve(an_entry(entry_id="b", pending="10")).code == "max_per_asset"
    assert manager.reserve(an_entry(entry_id="b", pending="0.4"))


@pytest.mark.parametrize("is_observed", [True, False])
def test_a_closed_loss_trips_breakers_in_the_transaction_that_books_it(
    store: MemoryDecisionStore, is_observed: bool
) -> None:
    if is_observed:
        observed(store)
    manager = a_manager(store)
    manager.take(an_entry(filled="100"))
    commits = store.commits
    manager.close(FIRST, price=84, cost=0)
    assert store.commits == commits + 1
    assert kinds(store) == ["filled", "closed", "breaker", "breaker", "breaker"]
    names = {one.name.value for one in standing_of(store).tripped}
    assert names == {"daily_loss", "weekly_loss", "drawdown"}
    assert set(alerts(store)) == {f"breaker:main:{name}" for name in names}
    assert len(alerts(store)) == 3
    assert manager.reserve(an_entry(entry_id="b", pending="1")).code == "daily_loss"


def test_a_small_loss_counts_and_trips_nothing(store: MemoryDecisionStore) -> None:
    lost(store, 100, a_policy())
    standing = standing_of(store)
    assert standing.tripped == ()
    assert standing.marks is not None
    assert losses(standing.marks).daily == Decimal("0.01")


def test_what_the_last_mark_counted_already_is_not_lost_twice() -> None:
    desk = Desk()
    desk.keep(a_position("ETH"), a_position("BTC", entry_id="b"))
    desk.manager(priced_both("105", "90"))
    assert marked_equity(desk.standing) == 9_950
    manager = a_manager(desk.store, now_us=desk.now_us)
    manager.close(FIRST, price=105, cost=0)
    assert marked_equity(desk.standing) == 9_950
    manager.close(EntryId("b"), price=88, size=5, cost=0)
    assert marked_equity(desk.standing) == 9_940
    manager.close(EntryId("b"), price=88, cost=0)
    assert marked_equity(desk.standing) == desk.standing.balance == 9_930


def priced_both(first: str, second: str) -> Observations:
    observations, other = priced("ETH", first), priced("BTC", second)
    symbol = Symbol(symbol_of("BTC"))
    markets = {**observations.markets, symbol: other.markets[symbol]}
    return replace(observations, markets=markets)


def test_a_deposit_after_a_loss_buys_units_at_what_is_left(store: MemoryDecisionStore) -> None:
    policy = a_policy(**CALM)
    observed(store)
    lost(store, 5000, policy)
    paid(store, "5000", policy)
    after = mark(standing_of(store), equity=Decimal(10_000), at_us=NOW, policy=policy)
    assert after.marks is not None
    assert marked_equity(after) == after.balance == 10_000
    assert losses(after.marks).drawdown == Decimal("0.5")


def test_what_was_lost_cannot_be_withdrawn(store: MemoryDecisionStore) -> None:
    policy = a_policy(**CALM)
    observed(store)
    lost(store, 9900, policy)
    with pytest.raises(ConfigInvalid, match="more than the equity of 100"):
        paid(store, "-101", policy)
    paid(store, "-100", policy)
    assert marked_equity(standing_of(store)) == standing_of(store).balance == 0


def paid(store: MemoryDecisionStore, amount: str, policy: RiskPolicy) -> AccountStanding:
    ports = RiskPorts(account_id="main", store=store, clock=lambda: NOW, policy=policy)
    return move_money(ports, Decimal(amount), reason="", actor="cli")


@given(
    closes=st.lists(
        st.tuples(st.integers(60, 140), st.sampled_from(["0.3", "0.5", "1"])), max_size=6
    ),
    marked=st.one_of(st.none(), st.integers(5_000, 20_000)),
)
def test_with_nothing_open_the_marked_equity_is_the_balance(
    closes: list[tuple[int, str]], marked: int | None
) -> None:
    store = a_memory_store("10000")
    if marked is not None:
        observed(store, str(marked))
    manager = a_manager(store, policy=a_policy(**CALM))
    for number, (price, part) in enumerate(closes):
        name = f"e{number}"
        manager.take(an_entry(entry_id=name, filled="10", cost="0.2"))
        manager.close(EntryId(name), price=price, size=10 * Decimal(part))
        if part != "1":
            manager.close(EntryId(name), price=price - 1)
        assert marked_equity(standing_of(store)) == standing_of(store).balance
