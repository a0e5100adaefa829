"""Whatever is filled in whatever order: the ledger ends with the money that the fills brought."""

from collections.abc import Sequence
from decimal import Decimal, localcontext
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from snipersight.domain.direction import Direction
from snipersight.domain.execution import BookedFill, Leg, TradeId
from snipersight.domain.ledger import EntryId, LedgerEntry, Origin
from snipersight.domain.orders import Side
from snipersight.domain.store import UnitOfWork
from snipersight.risk.ledger import execution_work
from snipersight.risk.ledger.work import Clerk
from snipersight.risk.policy import RiskPolicy
from tests.builders.exposure_managers import rebuilt
from tests.builders.ledger import DECIDED_AT_US, an_entry
from tests.builders.trades import a_booked_fill, a_payment, a_trade
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store

ID = EntryId("trade-1")
CLERK = Clerk(now_us=DECIDED_AT_US, actor="executor", policy=RiskPolicy())
UNITS = st.integers(1, 500)  # of a thousandth
PRICES = st.decimals("80", "120", places=2)
FEES = st.decimals("-0.5", "2", places=6)
STEPS = st.lists(
    st.tuples(st.sampled_from(["entry", "exit", "fund"]), UNITS, PRICES, FEES), max_size=12
)


def book(store: MemoryDecisionStore, booked: BookedFill) -> Any:
    is_entry = booked.leg is Leg.ENTRY
    work = execution_work.book_entry_fill if is_entry else execution_work.book_exit_fill
    return store.transact("main", lambda unit: work(unit, CLERK, booked))


def pay(store: MemoryDecisionStore, payment_id: str, amount: str) -> Any:
    payment = a_payment(payment_id, amount)
    return store.transact(
        "main", lambda unit: execution_work.book_funding(unit, CLERK, TradeId(ID), payment)
    )


@settings(max_examples=150, deadline=None)
@given(
    direction=st.sampled_from(Direction),
    rate=st.sampled_from(["1", "0.9137", "1.0833333"]),
    steps=STEPS,
    last=st.tuples(PRICES, FEES),
    has_dust=st.booleans(),
)
def test_what_a_trade_earned_is_what_its_fills_brought(
    direction: Direction, rate: str, steps: Sequence[Any], last: Any, has_dust: bool
) -> None:
    store, cash = a_desk(direction, rate), Decimal(0)
    sign = direction.sign
    for number, (kind, units, price, fee) in enumerate(steps):
        size = Decimal(units) / 1000
        if kind == "fund":
            done = pay(store, str(number), str(fee))
            cash += fee if done else 0
            continue
        side = sign if kind == "exit" else -sign
        is_possible = kind == "entry" or size <= open_size(store)
        done = book(store, a_fill(str(number), kind, direction, size, price, fee))
        assert bool(done) is is_possible
        cash += (side * size * price - fee) if done else 0
    rest = open_size(store)
    if rest > 0:
        cash += close_rest(store, direction, rest, last, has_dust=has_dust)
    with localcontext(prec=60):
        expected = cash * Decimal(rate)
    entry = entry_of(store)
    assert entry.open_size == 0
    assert entry.realised == expected
    standing = store.view("main", lambda unit: unit.account.standing)
    assert standing.realised == expected
    if store.records("main"):
        assert rebuilt(store.records("main"))[ID] == entry


def close_rest(
    store: MemoryDecisionStore, direction: Direction, rest: Decimal, last: Any, *, has_dust: bool
) -> Decimal:
    """Close what is open, by a fill or as dust, and return the money that it brought."""
    if has_dust:
        assert store.transact("main", lambda unit: execution_work.write_off_dust(unit, CLERK, ID))
        return Decimal(0)
    price, fee = Decimal(last[0]), Decimal(last[1])
    assert book(store, a_fill("last", "exit", direction, rest, price, fee))
    return direction.sign * rest * price - fee


def a_fill(
    fill_id: str, kind: str, direction: Direction, size: Decimal, price: Decimal, fee: Decimal
) -> BookedFill:
    leg = Leg.ENTRY if kind == "entry" else Leg.STOP
    buys = (kind == "entry") is (direction is Direction.LONG)
    return a_booked_fill(
        fill_id,
        leg=leg,
        size=str(size),
        price=str(price),
        fee=str(fee),
        side=Side.BUY if buys else Side.SELL,
    )


def a_desk(direction: Direction, rate: str) -> MemoryDecisionStore:
    store = a_memory_store()
    entry = an_entry(
        entry_id=ID, direction=direction, quote_rate=rate, origin=Origin.EXECUTED, pending="2"
    )

    def work(unit: UnitOfWork) -> None:
        unit.save_entry(entry)
        unit.book.save_trade(a_trade(direction=direction))

    store.transact("main", work)
    return store


def entry_of(store: MemoryDecisionStore) -> LedgerEntry:
    found = store.view("main", lambda unit: unit.entry(ID))
    assert found is not None
    return found


def open_size(store: MemoryDecisionStore) -> Decimal:
    return entry_of(store).open_size
