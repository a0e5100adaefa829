"""Positions that are not ours: counted as they are at the venue, blocking, and no result of ours."""

from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.ledger import EntryState, LedgerEntry, Origin
from snipersight.domain.orders import VenuePosition
from snipersight.domain.units import Currency, Price, Size, Symbol
from snipersight.risk.compliance.conflicts import foreign_check
from snipersight.risk.inputs import Holding
from snipersight.risk.ledger.foreign_positions import ForeignSync, sync_foreign
from snipersight.risk.ledger.work import Clerk
from snipersight.risk.policy import RiskPolicy
from tests.builders.exposure_managers import kinds, rebuilt
from tests.builders.instruments import an_instrument
from tests.builders.ledger import DECIDED_AT_US, an_entry
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store

BTC = Symbol("BTC/USDT:USDT")


@pytest.fixture
def store() -> MemoryDecisionStore:
    """Return a store that holds a position of ours on the same venue."""
    opened = a_memory_store()
    ours = an_entry("ETH/USDT:USDT", filled="1", origin=Origin.EXECUTED)
    opened.transact("main", lambda unit: unit.save_entry(ours))
    return opened


def a_position(
    symbol: str = BTC, size: str = "2", entry: str = "100", **fields: Any
) -> VenuePosition:
    values: dict[str, Any] = {
        "symbol": Symbol(symbol),
        "direction": Direction.LONG,
        "size": Size(Decimal(size)),
        "entry_price": Price(Decimal(entry)),
        "leverage": Decimal(5),
        "liquidation_price": Price(Decimal(81)),
    }
    return VenuePosition(**(values | fields))


def sync(store: MemoryDecisionStore, *positions: VenuePosition, **rates: str) -> ForeignSync:
    clerk = Clerk(now_us=DECIDED_AT_US + 9, actor="executor", policy=RiskPolicy())
    return store.transact(
        "main",
        lambda unit: sync_foreign(
            unit,
            clerk,
            positions,
            venue="sandbox",
            instruments={BTC: an_instrument(BTC)},
            rates={Currency(name): Decimal(rate) for name, rate in rates.items()},
        ),
    )


def foreign(store: MemoryDecisionStore) -> list[LedgerEntry]:
    return [one for one in store.entries("main") if one.origin is Origin.FOREIGN]


def test_a_foreign_position_counts_with_what_it_can_lose_to_its_liquidation(
    store: MemoryDecisionStore,
) -> None:
    done = sync(store, a_position())
    (entry,) = foreign(store)
    assert done == ForeignSync(added=(entry,))
    amounts = entry.amounts
    # 2 × (100 − 81), 2 × 100, ÷ 5
    assert [amounts.risk, amounts.notional, amounts.margin] == [38, 200, 40]
    assert rebuilt(store.records("main"))[entry.entry_id] == entry
    assert not foreign_check("sandbox", BTC, [holding(entry)])


def holding(entry: LedgerEntry) -> Holding:
    return Holding(
        venue=entry.venue,
        symbol=entry.symbol,
        direction=entry.direction,
        plan_id=entry.plan_id,
        setup_id=entry.setup_id,
        is_open=entry.open_size > 0,
    )


@pytest.mark.parametrize(
    ("direction", "liquidation", "risk"),
    [
        (Direction.LONG, None, "199.98"),  # the tick of the market is 0.01
        (Direction.SHORT, None, "200"),
        (Direction.LONG, "0", "199.98"),
        (Direction.LONG, "130", "199.98"),
        (Direction.SHORT, "130", "60"),
    ],
)
def test_an_unknown_liquidation_means_that_all_of_it_may_be_lost(
    store: MemoryDecisionStore, direction: Direction, liquidation: str | None, risk: str
) -> None:
    price = None if liquidation is None else Price(Decimal(liquidation))
    sync(store, a_position(direction=direction, liquidation_price=price, leverage=None))
    (entry,) = foreign(store)
    assert entry.amounts.risk == Decimal(risk)
    assert entry.leverage == 1


def test_a_position_that_stays_is_written_once(store: MemoryDecisionStore) -> None:
    sync(store, a_position())
    records = store.records("main")
    drifted = a_position(liquidation_price=Price(Decimal("80.5")))
    assert sync(store, drifted) == ForeignSync()
    assert store.records("main") == records


def test_size_and_liquidation_are_followed_and_the_end_is_seen(store: MemoryDecisionStore) -> None:
    sync(store, a_position())
    for position in (
        a_position(size="3", entry="101"),
        a_position(size="1", entry="101"),
        a_position(size="1", entry="101", liquidation_price=Price(Decimal(70))),
    ):
        (changed,) = sync(store, position).changed
        assert (changed.open_size, changed.fill_price) == (position.size, position.entry_price)
        assert changed.stop_price == position.liquidation_price
    (ended,) = sync(store).ended
    assert ended.state is EntryState.CLOSED
    assert ended.realised == 0
    assert kinds(store) == ["filled", "filled", "reduced", "stop_moved", "closed"]
    assert rebuilt(store.records("main"))[ended.entry_id] == ended
    standing = store.view("main", lambda unit: unit.account.standing)
    assert standing.realised == standing.loss_streak == 0
    assert store.queue == ()


def test_a_position_that_comes_back_is_another_entry(store: MemoryDecisionStore) -> None:
    for positions in ((a_position(),), (), (a_position(),)):
        sync(store, *positions)
    states = sorted(one.state.value for one in foreign(store))
    assert states == ["closed", "open"]


def test_both_sides_of_a_hedged_market_and_nothing_of_ours_are_touched(
    store: MemoryDecisionStore,
) -> None:
    elsewhere = an_entry(entry_id="x", venue="binance", filled="1", origin=Origin.FOREIGN)
    store.transact("main", lambda unit: unit.save_entry(elsewhere))
    before = list(store.entries("main"))
    sync(store, a_position(), a_position(direction=Direction.SHORT, liquidation_price=None))
    assert len(foreign(store)) == 3
    sync(store)
    live = store.view("main", lambda unit: unit.live_entries())
    assert sorted(one.entry_id for one in live) == sorted(one.entry_id for one in before)


def test_what_cannot_be_valued_is_told_and_keeps_the_entry_it_had(
    store: MemoryDecisionStore,
) -> None:
    in_euro = a_position("BTC/EUR:EUR")
    assert sync(store, in_euro).uncounted == (in_euro,)
    assert foreign(store) == []
    (entry,) = sync(store, in_euro, EUR="1.1").added
    assert entry.amounts.notional == 220
    dated = a_position("BTC/USDT:USDT-260626")
    assert sync(store, in_euro, dated).uncounted == (in_euro, dated)
    assert foreign(store) == [entry]
