"""The exposure manager against a plain model: fractions, loops and the limits written out.

The model says beforehand whether a reservation fits, and afterwards what every limit leaves; both
must agree with the manager to the last digit.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.ledger import EntryId, EntryState, LedgerEntry, Origin
from snipersight.domain.store import DecisionStore, UnitOfWork
from snipersight.risk.breakers.standing import halt, resume
from snipersight.risk.exposure_limits import ExposureManager
from tests.builders.ledger import DECIDED_AT_US, a_policy, an_entry
from tests.unit.risk.exposure_model import (
    KNOWN,
    Trade,
    heat_squared,
    heat_squared_with,
    joined_to,
    keeps,
)

ACCOUNT = "main"
BALANCE = 10_000
POLICY = a_policy(
    max_per_asset="0.02",
    max_total="0.04",
    max_cluster="0.025",
    max_leverage="1",
    max_margin="0.5",
    max_positions=6,
    max_loss_streak=1000,
    max_daily_loss="1",
    max_weekly_loss="1",
    max_drawdown="1",
)
SYMBOLS = {
    "BTC/USDT": "BTC",
    "BTC/USDC:USDC": "BTC",
    "ETH/USDT:USDT": "ETH",
    "SOL/USDT:USDT": "SOL",
    "1000PEPE/USDT:USDT": "PEPE",
}
MINUTE_US = 60_000_000
sizes = st.integers(300, 3000).map(lambda hundredths: Decimal(hundredths) / 100)
parts = st.sampled_from([Decimal("0.25"), Decimal("0.5"), Decimal(1)])
stops = st.integers(20, 990).map(lambda tenths: Decimal(tenths) / 10)
leverages = st.sampled_from(["1", "2", "5"])
times = st.integers(1, 40)


class ExposureMachine(RuleBasedStateMachine):
    """Reserve, fill, close, release, expire, halt and restart, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.now_us = DECIDED_AT_US
        self.store = self.open_store()
        self.manager = self.new_manager()
        self.trades: dict[str, Trade] = {}
        self.realised = Fraction(0)
        self.is_halted = False
        self.is_ruined = False
        self.cool_until_us: dict[tuple[str, Direction], int] = {}

    def open_store(self) -> DecisionStore:
        """Return an empty store with the account `main` of 10,000 USDT."""
        raise NotImplementedError

    def reopen_store(self) -> DecisionStore:
        """Return a new store on what the old one committed."""
        raise NotImplementedError

    def ledger(self) -> dict[str, LedgerEntry]:
        """Return every entry of the ledger that the model knows by its id."""
        return self.store.view(
            ACCOUNT,
            lambda unit: {
                entry_id: entry
                for entry_id in self.trades
                if (entry := unit.entry(EntryId(entry_id))) is not None
            },
        )

    def new_manager(self) -> ExposureManager:
        return ExposureManager(
            account_id=ACCOUNT, store=self.store, clock=lambda: self.now_us, policy=POLICY
        )

    # What the model says.

    def live(self) -> list[Trade]:
        return [trade for trade in self.trades.values() if trade.is_live]

    def equity(self) -> Fraction:
        return max(BALANCE + self.realised, Fraction(0))

    def fits(self, new: Trade) -> bool:
        trades, equity = [*self.live(), new], self.equity()
        asset = [trade for trade in trades if trade.underlying == new.underlying]
        joined = joined_to(new.underlying, trades)
        cluster = [trade for trade in trades if trade.underlying in joined]
        most = self.most_in_a_cluster()
        return (
            equity > 0
            and sum(trade.risk for trade in asset) <= equity * Fraction(2, 100)
            and sum(trade.risk for trade in trades) <= equity * Fraction(4, 100)
            and sum(trade.notional for trade in trades) <= equity
            and sum(trade.margin for trade in trades) <= equity * Fraction(5, 10)
            and keeps(cluster, most)
            and heat_squared(cluster[:-1]) <= most**2
            and heat_squared_with(new, cluster[:-1]) <= most**2
            and len(trades) <= 6
        )

    def most_in_a_cluster(self) -> Fraction:
        return self.equity() * Fraction(25, 1000)

    def broken_clusters(self) -> set[frozenset[str]]:
        """Return the entries of every cluster that is beyond its limit."""
        live = {name: trade for name, trade in self.trades.items() if trade.is_live}
        held, found = list(live.values()), set()
        for underlying in {trade.underlying for trade in held}:
            joined = joined_to(underlying, held)
            cluster = {name: one for name, one in live.items() if one.underlying in joined}
            if not keeps(list(cluster.values()), self.most_in_a_cluster()):
                found.add(frozenset(cluster))
        return found

    def is_cool(self, new: Trade) -> bool:
        return self.now_us >= self.cool_until_us.get((new.underlying, new.direction), 0)

    def left_in_total(self) -> Fraction:
        if len(self.live()) >= 6:
            return Fraction(0)
        held = sum(trade.risk for trade in self.live())
        return max(self.equity() * Fraction(4, 100) - held, Fraction(0))

    def expire(self) -> None:
        for trade in self.trades.values():
            if trade.pending > 0 and trade.ends_us is not None and trade.ends_us <= self.now_us:
                self.give_back(trade, EntryState.EXPIRED)

    def give_back(self, trade: Trade, unfilled: EntryState) -> None:
        trade.pending = Fraction(0)
        if not trade.is_live:
            trade.state = EntryState.CLOSED if trade.fill else unfilled

    # What can happen.

    @rule(
        symbol=st.sampled_from(sorted(SYMBOLS)),
        direction=st.sampled_from(Direction),
        size=sizes,
        distance=stops,
        leverage=leverages,
        minutes=times,
        origin=st.sampled_from([Origin.APPROVED, Origin.EXECUTED]),
    )
    def reserve(
        self,
        symbol: str,
        direction: Direction,
        size: Decimal,
        distance: Decimal,
        leverage: str,
        minutes: int,
        origin: Origin,
    ) -> None:
        stop = 100 - direction.sign * distance / 10
        ends_us = self.now_us + minutes * MINUTE_US
        entry = an_entry(
            symbol,
            entry_id=f"e{len(self.trades)}",
            direction=direction,
            pending=str(size),
            stop=str(stop),
            leverage=leverage,
            reserved_us=self.now_us,
            expires_us=ends_us,
            origin=origin,
        )
        new = Trade(
            underlying=SYMBOLS[symbol],
            direction=direction,
            stop=Fraction(stop),
            leverage=int(leverage),
            ends_us=None if origin is Origin.EXECUTED else ends_us,
            pending=Fraction(size),
        )
        self.expire()
        broken = self.broken_clusters()
        expected = (
            not self.is_halted and not self.is_ruined and self.is_cool(new) and self.fits(new)
        )
        check = self.manager.reserve(entry, correlations=KNOWN)
        assert bool(check) is expected, check
        if self.is_halted and not self.is_ruined:
            assert check.code == "halted"
        if expected:
            self.trades[entry.entry_id] = new
            assert self.manager.reserve(entry, correlations=KNOWN), "asked again, nothing is taken"
        # Losses break a limit, and the end of a hedge does; a reservation breaks none and joins none.
        assert self.broken_clusters() <= broken

    @rule(data=st.data(), part=parts, price=st.integers(60, 140))
    @precondition(lambda self: any(trade.pending for trade in self.trades.values()))
    def fill(self, data: st.DataObject, part: Decimal, price: int) -> None:
        entry_id, trade = self.choose(data, lambda trade: trade.pending > 0)
        size = share(trade.pending, part)
        # Every fill of a position has one price, so that its average has an end.
        paid = trade.fill if trade.open else Fraction(price)
        self.done(self.manager.confirm(entry_id, size=exact(size), price=exact(paid)))
        trade.pending, trade.open = trade.pending - size, trade.open + size
        trade.fill, trade.state = paid, EntryState.OPEN

    @rule(data=st.data())
    @precondition(lambda self: any(trade.pending for trade in self.trades.values()))
    def fill_more_than_is_pending(self, data: st.DataObject) -> None:
        entry_id, trade = self.choose(data, lambda trade: trade.pending > 0)
        size = exact(trade.pending) + Decimal("0.0001")
        assert self.manager.confirm(entry_id, size=size, price=100).code == "impossible_change"

    @rule(data=st.data(), part=parts, price=st.integers(60, 140), by_stop=st.booleans())
    @precondition(lambda self: any(trade.open for trade in self.trades.values()))
    def close(self, data: st.DataObject, part: Decimal, price: int, by_stop: bool) -> None:
        entry_id, trade = self.choose(data, lambda trade: trade.open > 0)
        size = share(trade.open, part)
        check = self.manager.close(entry_id, price=price, size=exact(size), cost=0, by_stop=by_stop)
        self.done(check)
        earned = size * (price - trade.fill) * trade.direction.sign
        assert check.measured == exact(earned)
        self.realised += earned
        if by_stop:
            ends_us = self.now_us + POLICY.cooldown_us
            self.cool_until_us[trade.underlying, trade.direction] = ends_us
        # Everything was lost once: that is a drawdown which only a person re-arms.
        self.is_ruined = self.is_ruined or BALANCE + self.realised <= 0
        trade.open -= size
        if not trade.open:
            trade.state = EntryState.RESERVED if trade.pending else EntryState.CLOSED

    @rule(data=st.data())
    @precondition(lambda self: any(trade.pending for trade in self.trades.values()))
    def release(self, data: st.DataObject) -> None:
        entry_id, trade = self.choose(data, lambda trade: trade.pending > 0)
        self.done(self.manager.release(entry_id, reason="void"))
        self.give_back(trade, EntryState.RELEASED)

    @rule(data=st.data())
    @precondition(lambda self: any(not trade.is_live for trade in self.trades.values()))
    def touch_what_has_ended(self, data: st.DataObject) -> None:
        self.manager.expire_due()
        entry_id, trade = self.choose(data, lambda trade: not trade.is_live)
        refused = [
            self.manager.release(entry_id, reason="again"),
            self.manager.close(entry_id, price=100),
        ]
        if trade.state is EntryState.CLOSED:
            refused.append(self.manager.confirm(entry_id, size=1, price=100))
        for check in refused:
            assert check.code == "impossible_change"

    @rule(data=st.data(), size=sizes, price=st.integers(60, 140))
    @precondition(lambda self: any(trade.was_given_back for trade in self.trades.values()))
    def fill_after_the_end(self, data: st.DataObject, size: Decimal, price: int) -> None:
        self.manager.expire_due()
        entry_id, trade = self.choose(data, lambda trade: trade.was_given_back)
        self.done(self.manager.confirm(entry_id, size=size, price=price))
        trade.open, trade.fill, trade.state = Fraction(size), Fraction(price), EntryState.OPEN

    @rule(data=st.data(), stop=st.integers(80, 120))
    @precondition(lambda self: any(trade.open and not trade.pending for trade in self.live()))
    def move_stop(self, data: st.DataObject, stop: int) -> None:
        entry_id, trade = self.choose(data, lambda trade: bool(trade.open and not trade.pending))
        self.done(self.manager.move_stop(entry_id, price=stop))
        trade.stop = Fraction(stop)

    @rule(minutes=times)
    def wait(self, minutes: int) -> None:
        self.now_us += minutes * MINUTE_US
        # Who only asks sees at once that time is over; the ledger says so when it is told.
        self.expire()

    @rule()
    def sweep(self) -> None:
        self.manager.expire_due()
        assert self.manager.expire_due() == ()

    @rule()
    def halt(self) -> None:
        self.change_standing(to_halted=True)
        self.is_halted = True

    @rule()
    def resume(self) -> None:
        self.change_standing(to_halted=False)
        self.is_halted = False

    @rule()
    def restart(self) -> None:
        self.store = self.reopen_store()
        self.manager = self.new_manager()

    @rule()
    def crash_in_a_transaction(self) -> None:
        def work(unit: UnitOfWork) -> None:
            unit.save_entry(an_entry(entry_id="lost"))
            raise KeyError("crash")

        try:
            self.store.transact(ACCOUNT, work)
        except KeyError:
            lost = self.store.view(ACCOUNT, lambda unit: unit.entry(EntryId("lost")))
            assert lost is None

    # What always holds.

    @invariant()
    def ledger_says_what_the_model_says(self) -> None:
        ledger = self.ledger()
        assert set(ledger) == set(self.trades)
        for entry_id, trade in self.trades.items():
            entry = ledger[entry_id]
            if entry.pending_size and not trade.pending:
                continue  # its time is over, and nobody swept yet
            sizes_held = (Fraction(entry.pending_size), Fraction(entry.open_size))
            assert sizes_held == (trade.pending, trade.open)
            assert entry.state is trade.state
            assert Fraction(entry.amounts.risk) == trade.risk

    @invariant()
    def capacity_is_exactly_what_is_left(self) -> None:
        capacity = self.manager.get_available_capacity(correlations=KNOWN)
        assert Fraction(capacity) == self.left_in_total()
        one_asset = self.manager.get_available_capacity("BTC/USDT", correlations=KNOWN)
        assert 0 <= one_asset <= capacity

    def choose(self, data: st.DataObject, wanted: Callable[[Trade], bool]) -> tuple[EntryId, Trade]:
        fitting = sorted(name for name, trade in self.trades.items() if wanted(trade))
        name = data.draw(st.sampled_from(fitting))
        return EntryId(name), self.trades[name]

    def done(self, check: Check) -> None:
        assert check, check.sentence

    def change_standing(self, *, to_halted: bool) -> None:
        def work(unit: UnitOfWork) -> None:
            before = unit.account.standing
            after = (
                halt(before, at_us=self.now_us, reason="by hand")
                if to_halted
                else resume(before, at_us=self.now_us, rearm=False)
            )
            unit.save_standing(after)

        self.store.transact(ACCOUNT, work)


def exact(value: Fraction) -> Decimal:
    """Return a fraction whose decimals end, as the decimal it is."""
    number = Decimal(value.numerator) / Decimal(value.denominator)
    assert Fraction(number) == value
    return number


def share(whole: Fraction, part: Decimal) -> Fraction:
    """Return a part of a size, or all of it before its decimals grow too many."""
    some = whole * Fraction(part)
    return some if some.denominator <= 10**12 else whole
