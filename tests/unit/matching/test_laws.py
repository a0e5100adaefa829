"""What holds after any sequence of orders, prices, funding and liquidations."""

import json
from collections import defaultdict
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snipersight.domain.direction import Direction
from snipersight.domain.orders import Fill, Side
from snipersight.domain.units import Currency
from snipersight.matching import Book, DuplicateIds, MatchingEngine, MatchingRules
from tests.builders.instruments import NO_FEES
from tests.builders.matching import ACCOUNT, BTC, PERPETUAL, SPOT, USDT, an_engine
from tests.builders.matching_operations import Operation, bars, do, do_all, prints, sequences

ROUGH = MatchingRules(slippage_fraction=Decimal("0.003"))
venues = st.builds(
    lambda is_isolated, is_hedged, outlive, ids: an_engine(
        rules=MatchingRules(
            slippage_fraction=Decimal("0.003"),
            conditionals_outlive_position=outlive,
            rejects_duplicate_ids=ids,
        ),
        is_isolated=is_isolated,
        is_hedged=is_hedged,
        balances={"USDT": "20000", "BTC": "60"},
    ),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from(DuplicateIds),
)
many = settings(max_examples=60, deadline=None)


def equities(engine: MatchingEngine) -> dict[Currency, Decimal]:
    marks = {PERPETUAL: engine.quote(PERPETUAL).mark}
    found = {balance.currency: balance.total for balance in engine.balances(ACCOUNT)}
    for position in engine.positions(ACCOUNT):
        cost = sum_of_cost(engine, position.direction)
        result = position.direction.sign * (position.size * marks[position.symbol] - cost)
        found[USDT] += result
    return found


def sum_of_cost(engine: MatchingEngine, direction: Direction) -> Decimal:
    account = engine._floor.account(ACCOUNT)
    return account.side(direction)[PERPETUAL].cost


@many
@given(engine=venues, operations=sequences)
def test_the_journal_sums_to_equity_to_the_last_digit(engine, operations):
    for step, operation in enumerate(operations):
        do(engine, operation, step=step)
        sums: dict[Currency, Decimal] = defaultdict(Decimal)
        entries: dict[int, Decimal] = defaultdict(Decimal)
        for posting in engine.journal(ACCOUNT):
            entries[posting.entry] += posting.amount
            if posting.book.is_own:
                sums[posting.currency] += posting.amount
        assert set(entries.values()) <= {Decimal(0)}
        assert sums == equities(engine)
        value = sums[USDT] + sums[BTC] * engine.quote(SPOT).last
        assert engine.equity(ACCOUNT) == value


@many
@given(engine=venues, operations=sequences)
def test_no_wallet_goes_below_zero_and_nothing_stays_tied_for_nothing(engine, operations):
    do_all(engine, operations)
    for balance in engine.balances(ACCOUNT):
        assert balance.total >= 0
    for order in engine.orders(ACCOUNT):
        engine.cancel(ACCOUNT, order.symbol, venue_id=order.venue_id, at_us=10**9)
    account = engine._floor.account(ACCOUNT)
    margin = sum((position.margin for position in account.positions()), Decimal(0))
    assert account.tied.get(USDT, 0) == margin
    assert account.tied.get(BTC, 0) == 0


@many
@given(engine=venues, operations=sequences)
def test_no_order_is_filled_beyond_its_size_or_after_its_end(engine, operations):
    ended: set[str] = set()
    for step, operation in enumerate(operations):
        do(engine, operation, step=step)
        for event in engine.drain():
            if event.fill is not None:
                assert event.fill.venue_id not in ended
            if event.order is not None:
                assert event.order.venue_id not in ended
                assert 0 <= event.order.filled_size <= event.order.size
                if not event.order.status.is_open:
                    ended.add(event.order.venue_id)
    filled: dict[str, Decimal] = defaultdict(Decimal)
    for fill in engine.fills(ACCOUNT):
        filled[fill.venue_id] += fill.size
    for order in engine.orders(ACCOUNT, open_only=False):
        assert order.filled_size == filled[order.venue_id]


def signed(engine: MatchingEngine, direction: Direction) -> Decimal:
    sizes = [p.size for p in engine.positions(ACCOUNT) if p.direction is direction]
    return sum(sizes, Decimal(0))


@many
@given(engine=venues, operations=sequences, data=st.data())
def test_a_reducing_order_never_enlarges_or_turns_a_position(engine, operations, data):
    do_all(engine, operations)
    for order in engine.orders(ACCOUNT, symbol=PERPETUAL):
        if not order.is_reducing:
            engine.cancel(ACCOUNT, PERPETUAL, venue_id=order.venue_id, at_us=10**8)
    before = {side: signed(engine, side) for side in Direction}
    for price in data.draw(st.lists(st.integers(800, 1200), max_size=8)):
        engine.trade(PERPETUAL, price=Decimal(price) / 10, at_us=10**9)
        after = {side: signed(engine, side) for side in Direction}
        assert all(after[side] <= before[side] for side in Direction)
        before = after


@many
@given(engine=venues, operations=sequences)
def test_of_a_pair_one_is_filled_at_most_and_neither_outlives_the_other(engine, operations):
    partners: dict[str, str] = {}
    for step, operation in enumerate(operations):
        answer = do(engine, operation, step=step)
        if operation.name == "pair" and answer:
            target, stop = engine.orders(ACCOUNT, open_only=False)[-2:]
            partners[target.venue_id] = stop.venue_id
    for one, other in partners.items():
        target, stop = (engine.order(ACCOUNT, venue_id=number) for number in (one, other))
        assert not (target.filled_size and stop.filled_size)
        both_wait = not target.filled_size and target.status.is_open
        assert stop.status.is_open is both_wait or stop.text == "triggered" or stop.filled_size


@many
@given(engine=venues, before=sequences, after=sequences)
def test_a_restored_venue_goes_on_as_the_kept_one_would(engine, before, after):
    do_all(engine, before)
    twin = MatchingEngine.restore(json.loads(json.dumps(engine.snapshot())))
    for venue in (engine, twin):
        for step, operation in enumerate(after, start=len(before)):
            do(venue, operation, step=step)
    assert twin.snapshot() == engine.snapshot()
    assert twin.drain() == engine.drain()
    assert twin.journal(ACCOUNT) == engine.journal(ACCOUNT)


@many
@given(engine=venues, operations=sequences, seconds=st.integers(0, 45))
def test_forgetting_changes_no_balance_and_no_open_order(engine, operations, seconds):
    do_all(engine, operations)
    said = (
        engine.orders(ACCOUNT),
        engine.balances(ACCOUNT),
        engine.positions(ACCOUNT),
        equities(engine),
    )
    engine.forget(ACCOUNT, before_us=seconds * 1_000_000)
    own = [p for p in engine.journal(ACCOUNT) if p.book.is_own and p.currency == USDT]
    assert sum((posting.amount for posting in own), Decimal(0)) == equities(engine)[USDT]
    assert said == (
        engine.orders(ACCOUNT),
        engine.balances(ACCOUNT),
        engine.positions(ACCOUNT),
        equities(engine),
    )
    MatchingEngine.restore(engine.snapshot())


def mirrored(operation: Operation) -> Operation:
    """Return the same seen from the other side: prices around 100, long for short."""
    values = dict(operation.values)
    for name in ("price", "trigger", "attached"):
        if values.get(name) is not None:
            values[name] = type(values[name])(200 - Decimal(values[name]))
    if "mark" in values and values["mark"] is not None:
        values["mark"] = 200 - values["mark"]
    if "open" in values:
        for name, other in (("open", "open"), ("high", "low"), ("low", "high")):
            values[name] = 200 - operation.values[other]
        values["close"] = 200 - operation.values["close"]
    if "direction" in values:
        values["direction"] = values["direction"].opposite
    if "rate" in values:
        values["rate"] = -values["rate"]
    return Operation(operation.name, operation.symbol, values)


def is_lopsided(operation: Operation) -> bool:
    if operation.name != "bar":
        return operation.symbol == SPOT or operation.name == "leverage"
    values = operation.values
    return operation.symbol == SPOT or values["open"] == values["close"]


@many
@given(operations=sequences, is_hedged=st.booleans())
def test_mirrored_prices_bring_mirrored_positions_and_the_same_money(operations, is_hedged):
    # Funding is paid on the notional and margin counted in quote, which no mirror keeps: so
    # there is money enough, and the rate is left out.
    operations = [o for o in operations if not is_lopsided(o) and o.name != "fund"]
    plenty = {"USDT": "100000000"}
    free_of_costs = {"fees": NO_FEES}
    engines = [
        an_engine(
            balances=plenty, is_hedged=is_hedged, leverage="1", is_isolated=False,
            perpetual=free_of_costs,
        )
        for _ in range(2)
    ]  # fmt: skip
    for step, operation in enumerate(operations):
        do(engines[0], operation, step=step)
        do(engines[1], mirrored(operation), step=step)
    assert engines[0].equity(ACCOUNT) == engines[1].equity(ACCOUNT)
    shown = [
        {(p.direction.sign * sign, p.size) for p in engine.positions(ACCOUNT)}
        for sign, engine in zip((1, -1), engines, strict=True)
    ]
    assert shown[0] == shown[1]
    assert [o.status for o in engines[0].orders(ACCOUNT, open_only=False)] == [
        o.status for o in engines[1].orders(ACCOUNT, open_only=False)
    ]


@many
@given(operations=sequences, is_hedged=st.booleans(), after=st.lists(prints | bars(), max_size=8))
def test_isolated_positions_cost_no_more_than_their_margin(operations, is_hedged, after):
    engine = an_engine(rules=ROUGH, is_hedged=is_hedged)
    do_all(engine, operations)
    for order in engine.orders(ACCOUNT):
        if order.symbol == SPOT or not order.is_reducing:
            engine.cancel(ACCOUNT, order.symbol, venue_id=order.venue_id, at_us=10**8)
    account = engine._floor.account(ACCOUNT)
    least = account.wallet[USDT] - sum(p.margin for p in account.positions())
    for step, operation in enumerate(after, start=100):
        do(engine, operation, step=step)
        assert account.wallet[USDT] >= least
    assert all(posting.book is not Book.INSURANCE for posting in engine.journal(ACCOUNT))


def is_too_good(fill: Fill, *, low: Decimal, high: Decimal) -> bool:
    if fill.side is Side.BUY:
        return fill.price <= low if fill.is_maker else fill.price < low
    return fill.price >= high if fill.is_maker else fill.price > high


@pytest.mark.parametrize("volume", ["0.001", "5", "40"])
@many
@given(operations=sequences)
def test_a_bar_fills_no_more_than_its_volume_at_no_better_price(volume, operations):
    # Without leverage nothing is taken over at a price that the bar never had.
    engine = an_engine(balances={"USDT": "20000", "BTC": "60"}, leverage="1")
    for step, operation in enumerate(operations):
        if operation.name == "leverage":
            continue
        limited = operation
        if operation.name == "bar":
            limited = Operation("bar", operation.symbol, operation.values | {"volume": volume})
        known = len(engine.fills(ACCOUNT))
        do(engine, limited, step=step)
        fills = engine.fills(ACCOUNT)[known:]
        if operation.name != "bar":
            continue
        bar = operation.values
        assert sum((fill.size for fill in fills), Decimal(0)) <= Decimal(volume)
        # A resting order that the open jumps over keeps its own price, which is the worse one.
        assert [f for f in fills if is_too_good(f, low=bar["low"], high=bar["high"])] == []
