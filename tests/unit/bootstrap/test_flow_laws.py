"""Money in and out, between trades: what is said of losses is what a fund's unit values say."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from snipersight.bootstrap.operations import move_money
from snipersight.domain.direction import Direction
from snipersight.domain.ledger import EntryState, LedgerEntry
from snipersight.domain.standing import AccountStanding, MarkedPrice
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Money, Price, Size
from snipersight.risk.breakers.equity_marks import known_equity, losses
from snipersight.risk.breakers.standing import mark
from snipersight.risk.registry import RiskPorts
from tests.builders.ledger import DECIDED_AT_US, a_policy, an_entry
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store

HOUR_US = 3_600_000_000
POLICY = a_policy()


@dataclass
class Fund:
    """An account with at most one position, and the same account in unit values without flows."""

    store: MemoryDecisionStore = field(default_factory=a_memory_store)
    at_us: int = DECIDED_AT_US
    cash: Decimal = Decimal(10_000)
    price: Decimal = Decimal(100)
    held: LedgerEntry | None = None
    opened: int = 0
    base_equity: Decimal = Decimal(10_000)
    base_value: Decimal = Decimal(1)
    shadow: AccountStanding = field(
        default_factory=lambda: AccountStanding(starting_balance=Money(Decimal(10_000)))
    )

    @property
    def equity(self) -> Decimal:
        if self.held is None or self.held.fill_price is None:
            return self.cash
        gain = self.held.direction.gain(Price(self.price), entry=self.held.fill_price)
        return self.cash + self.held.open_size * (gain - self.held.cost_per_unit)

    @property
    def standing(self) -> AccountStanding:
        return self.store.view("main", lambda unit: unit.account.standing)

    def value_a_unit(self) -> None:
        """Mark the account without flows at the value that a unit has now."""
        value = self.base_value * self.equity / self.base_equity
        self.shadow = mark(self.shadow, equity=value * 10_000, at_us=self.at_us, policy=POLICY)

    def mark(self, move: Decimal) -> None:
        if self.held is not None:
            self.price *= move
        prices = (
            ()
            if self.held is None
            else (
                MarkedPrice(entry_id=self.held.entry_id, price=self.price, quote_rate=Decimal(1)),
            )
        )

        def save(unit: UnitOfWork) -> None:
            marked = mark(
                unit.account.standing,
                equity=self.equity,
                at_us=self.at_us,
                policy=POLICY,
                prices=prices,
            )
            unit.save_standing(marked)

        self.store.transact("main", save)
        self.value_a_unit()

    def open(self, direction: Direction) -> None:
        if self.held is not None:
            return
        self.opened += 1
        size = format((self.equity / 200).quantize(Decimal("0.01")), "f")
        self.price = Decimal(100)
        self.held = an_entry(
            entry_id=f"entry-{self.opened}",
            direction=direction,
            filled=size,
            stop="50" if direction is Direction.LONG else "150",
            cost="0.25",
        )
        self._keep(self.held, Decimal(0))

    def close(self, move: Decimal, part: Decimal) -> None:
        if self.held is None or self.held.fill_price is None:
            return
        size = Size(self.held.open_size * part)
        gain = self.held.direction.gain(Price(100 * move), entry=self.held.fill_price)
        realised = size * (gain - self.held.cost_per_unit)
        left = Size(self.held.open_size - size)
        is_open = left > 0
        entry = replace(
            self.held,
            open_size=left,
            state=EntryState.OPEN if is_open else EntryState.CLOSED,
            ended_us=None if is_open else self.at_us,
        )
        self.held = entry if is_open else None
        self.cash += realised
        self._keep(entry, realised)

    def _keep(self, entry: LedgerEntry, realised: Decimal) -> None:
        def save(unit: UnitOfWork) -> None:
            unit.save_entry(entry)
            before = unit.account.standing
            unit.save_standing(replace(before, realised=Money(before.realised + realised)))

        self.store.transact("main", save)

    def pay(self, share: Decimal) -> None:
        amount = (self.equity * share).quantize(Decimal("0.01"))
        if amount == 0:
            return
        self.value_a_unit()
        self.base_value *= self.equity / self.base_equity
        ports = RiskPorts(
            account_id="main", store=self.store, clock=lambda: self.at_us, policy=POLICY
        )
        move_money(ports, amount, reason="", actor="cli")
        self.cash += amount
        self.base_equity = self.equity


def shares(low: str, high: str) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, high, places=3, allow_nan=False)


STEP = st.one_of(
    st.tuples(st.just("mark"), shares("0.97", "1.03")),
    st.tuples(st.just("open"), st.sampled_from(Direction)),
    st.tuples(
        st.just("close"), shares("0.9", "1.1"), st.sampled_from([Decimal("0.5"), Decimal(1)])
    ),
    st.tuples(st.just("pay"), shares("-0.9", "9")),
)


@given(st.lists(st.tuples(STEP, st.integers(0, 20)), min_size=2, max_size=14))
def test_deposits_and_withdrawals_change_nothing_that_is_said_of_losses(history):
    fund = Fund()
    fund.mark(Decimal(1))
    for (name, *values), hours in history:
        fund.at_us += hours * HOUR_US
        getattr(fund, name)(*values)
        live = fund.store.view("main", lambda unit: unit.live_entries())
        assert known_equity(fund.standing, live) == fund.equity
    fund.mark(Decimal(1))
    assert fund.standing.marks is not None
    assert fund.shadow.marks is not None
    said, true = losses(fund.standing.marks), losses(fund.shadow.marks)
    for period in ("daily", "weekly", "drawdown"):
        assert abs(getattr(said, period) - getattr(true, period)) < Decimal("1e-12"), period
    assert {one.name for one in fund.standing.tripped} == {one.name for one in fund.shadow.tripped}
