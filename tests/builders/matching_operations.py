"""Anything that can be done to a simulated venue, as values Hypothesis can draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from snipersight.domain.direction import Direction
from snipersight.domain.orders import OrderKind, TriggerSource
from snipersight.domain.units import Symbol
from snipersight.domain.venue import Answer
from snipersight.matching import MatchingEngine
from tests.builders.matching import ACCOUNT, PERPETUAL, SPOT, an_exit, an_order

STEP_US = 1_000_000
PRICED = (OrderKind.LIMIT, OrderKind.STOP_LIMIT, OrderKind.TAKE_PROFIT_LIMIT)


@dataclass(frozen=True)
class Operation:
    """One call, by name, with its arguments."""

    name: str
    symbol: Symbol
    values: dict[str, Any]


symbols = st.sampled_from((PERPETUAL, SPOT))
# Around 100, so that orders meet prices; wide enough to liquidate at leverage 10.
prices = st.integers(800, 1200).map(lambda ticks: Decimal(ticks) / 10)
sizes = st.sampled_from(("0.001", "0.5", "1", "2.5", "20", "300"))
print_sizes = st.one_of(st.none(), st.sampled_from(("0.001", "0.7", "3", "1000")))


@st.composite
def submissions(draw: st.DrawFn) -> Operation:
    """Return an order of any kind; ids repeat, so that some are taken."""
    kind = draw(st.sampled_from((*OrderKind, OrderKind.LIMIT, OrderKind.MARKET)))
    is_reducing = draw(st.booleans())
    has_stop = not is_reducing and draw(st.integers(0, 3)) == 0
    stop = draw(prices) if has_stop else None
    values = {
        "client_id": f"o{draw(st.integers(0, 15))}",
        "kind": kind,
        "size": draw(sizes),
        "direction": draw(st.sampled_from(tuple(Direction))),
        "is_reducing": is_reducing,
        "price": str(draw(prices)) if kind in PRICED else None,
        "trigger": str(draw(prices)) if kind.is_conditional else None,
        "attached": None if stop is None else str(stop),
        "trigger_source": draw(st.sampled_from(tuple(TriggerSource))),
    }
    return Operation("submit", draw(symbols), values)


@st.composite
def pairs(draw: st.DrawFn) -> Operation:
    """Return a spot pair."""
    values = {
        "size": draw(sizes),
        "target": str(draw(prices)),
        "stop": str(draw(prices)),
        "number": draw(st.integers(0, 5)),
    }
    return Operation("pair", SPOT, values)


@st.composite
def bars(draw: st.DrawFn) -> Operation:
    """Return a bar."""
    four = sorted(draw(st.lists(prices, min_size=4, max_size=4)))
    is_rising = draw(st.booleans())
    first, last = (four[1], four[2]) if is_rising else (four[2], four[1])
    values = {"open": first, "high": four[3], "low": four[0], "close": last}
    return Operation("bar", draw(symbols), {**values, "volume": draw(print_sizes)})


prints = st.builds(
    lambda symbol, price, size, mark: Operation(
        "trade", symbol, {"price": price, "size": size, "mark": mark}
    ),
    symbols,
    prices,
    print_sizes,
    st.one_of(st.none(), prices),
)
cancels = st.builds(
    lambda symbol, number: Operation("cancel", symbol, {"client_id": f"o{number}"}),
    symbols,
    st.integers(0, 15),
)
fundings = st.builds(
    lambda rate: Operation("fund", PERPETUAL, {"rate": Decimal(rate) / 1000}),
    st.integers(-300, 300),
)
leverages = st.builds(
    lambda leverage: Operation("leverage", PERPETUAL, {"leverage": Decimal(leverage)}),
    st.sampled_from(("1", "3", "7", "20", "50")),
)
sequences = st.lists(
    st.one_of(submissions(), submissions(), pairs(), bars(), prints, prints, cancels, fundings,
              leverages),
    min_size=15,
    max_size=40,
)  # fmt: skip


def do(engine: MatchingEngine, operation: Operation, *, step: int) -> Answer | None:
    """Carry out one operation at its own second."""
    at_us, symbol, values = (step + 2) * STEP_US, operation.symbol, operation.values
    match operation.name:
        case "submit":
            return engine.submit(ACCOUNT, an_order(symbol=symbol, **values), at_us=at_us)
        case "pair":
            return _submit_pair(engine, values, at_us=at_us)
        case "cancel":
            found = engine.order(ACCOUNT, **values)
            symbol = symbol if found is None else found.symbol
            return engine.cancel(ACCOUNT, symbol, at_us=at_us, **values)
        case "leverage":
            return engine.set_leverage(ACCOUNT, symbol, values["leverage"])
        case "fund":
            engine.fund(symbol, values["rate"], at_us=at_us)
        case "trade":
            size = values["size"]
            size = None if size is None else Decimal(size)
            engine.trade(symbol, at_us=at_us, **(values | {"size": size}))
        case "bar":
            volume = values["volume"]
            volume = None if volume is None else Decimal(volume)
            engine.bar(symbol, at_us=at_us, step_us=STEP_US, **(values | {"volume": volume}))
        case name:
            raise AssertionError(name)
    return None


def _submit_pair(engine: MatchingEngine, values: dict[str, Any], *, at_us: int) -> Answer:
    number, size = values["number"], values["size"]
    target = an_exit(f"pt{number}", "limit", symbol=SPOT, size=size, price=values["target"])
    stop = an_exit(f"ps{number}", "stop_market", symbol=SPOT, size=size, trigger=values["stop"])
    return engine.submit_pair(ACCOUNT, target, stop, at_us=at_us)


def do_all(engine: MatchingEngine, operations: Sequence[Operation]) -> None:
    """Carry out operations one after the other."""
    for step, operation in enumerate(operations):
        do(engine, operation, step=step)
