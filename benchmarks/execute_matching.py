"""How many order events a second the matching engine carries out on one core.

The workload: 100 accounts with isolated margin, one perpetual, a random walk of prices. Every
step an account places entries a few ticks away and a reduce-only stop under what it holds, half
of what rests is cancelled again, then a price is printed. Calls are prepared beforehand; counted
are orders accepted, cancelled, filled and triggered, refusals are not. Only processor time counts,
so that what else the machine does weighs less.
"""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from benchmarks.harness import Figure, at_least
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Fees, Instrument, MarginTier, MarketKind
from snipersight.domain.orders import ClientOrderId, OrderKind, OrderRequest
from snipersight.domain.units import Currency, Price, Size, Symbol
from snipersight.matching import MatchEvent, MatchingEngine

ACCOUNTS = 100
STEPS = 5_000
AIM = 200_000
_SYMBOL = Symbol("BTC/USDT:USDT")
_TICK = Decimal("0.1")
_SEED = 5

Call = Callable[[MatchingEngine], object]


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What one run of the workload did, and how long it took.

    Args:
        events: orders accepted, cancelled, filled and triggered, by name.
        seconds: processor time.
    """

    events: dict[str, int]
    seconds: float

    @property
    def rate(self) -> float:
        """Return order events per second."""
        return sum(self.events.values()) / self.seconds


def matching_figures(*, rounds: int) -> list[Figure]:
    """Return the median rate over `rounds` (at least 5) runs, with and without events kept."""
    calls = list(_calls(random.Random(_SEED), STEPS))
    told = [_run(calls, records_events=True) for _ in range(max(rounds, 5))]
    untold = [_run(calls, records_events=False) for _ in range(max(rounds, 5))]
    mix = ", ".join(f"{count:,} {name}" for name, count in told[0].events.items())
    note = f"{ACCOUNTS} accounts, {STEPS:,} prints; {mix}; median of {len(told)}, processor time"
    return [
        Figure(
            name="matching_events_per_second",
            value=statistics.median(run.rate for run in told),
            unit="1/s",
            target=at_least(AIM),
            note=note,
        ),
        Figure(
            name="matching_events_per_second_untold",
            value=statistics.median(sum(told[0].events.values()) / run.seconds for run in untold),
            unit="1/s",
            note="the same without keeping events for drain",
        ),
    ]


def _run(calls: list[Call], *, records_events: bool) -> Counted:
    engine = _engine(records_events=records_events)
    gc.collect()
    started = time.process_time()
    for call in calls:
        call(engine)
    seconds = time.process_time() - started
    return Counted(events=_count(engine.drain()), seconds=seconds)


def _engine(*, records_events: bool) -> MatchingEngine:
    engine = MatchingEngine([_instrument()], records_events=records_events)
    engine.trade(_SYMBOL, price=Decimal(1000), at_us=0)
    for number in range(ACCOUNTS):
        engine.open_account(f"a{number}", {Currency("USDT"): Decimal(10_000_000)})
        engine.set_isolated(f"a{number}", _SYMBOL, True)
        engine.set_leverage(f"a{number}", _SYMBOL, Decimal(5))
    engine.drain()
    return engine


def _instrument() -> Instrument:
    return Instrument(
        venue="benchmark",
        symbol=_SYMBOL,
        kind=MarketKind.PERPETUAL,
        base=Currency("BTC"),
        quote=Currency("USDT"),
        tick=_TICK,
        lot=Decimal("0.001"),
        min_notional=Decimal(5),
        fees=Fees(maker=Decimal("0.0002"), taker=Decimal("0.0005")),
        margin_tiers=(
            MarginTier(
                notional_floor=Decimal(0),
                max_leverage=Decimal(50),
                maintenance_fraction=Decimal("0.01"),
            ),
        ),
    )


def _calls(chance: random.Random, steps: int) -> Iterator[Call]:
    ticks, number = 10_000, 0
    for step in range(1, steps + 1):
        account = f"a{chance.randrange(ACCOUNTS)}"
        for _ in range(4):
            number += 1
            yield _entry(account, number, ticks, chance, step)
            if chance.random() < 0.6:
                yield _cancel(account, number - chance.randrange(3), step)
        number += 1
        yield _stop(account, number, ticks, chance, step)
        ticks = max(ticks + chance.randrange(-9, 10), 5_000)
        yield _print(ticks, step)


def _entry(account: str, number: int, ticks: int, chance: random.Random, step: int) -> Call:
    direction = chance.choice(tuple(Direction))
    away = -direction.sign * chance.randrange(1, 40)
    request = _request(number, direction, OrderKind.LIMIT, price=ticks + away)
    return lambda engine: engine.submit(account, request, at_us=step)


def _stop(account: str, number: int, ticks: int, chance: random.Random, step: int) -> Call:
    direction = chance.choice(tuple(Direction))
    away = -direction.sign * chance.randrange(5, 40)
    request = _request(number, direction, OrderKind.STOP_MARKET, trigger=ticks + away)
    return lambda engine: engine.submit(account, request, at_us=step)


def _cancel(account: str, number: int, step: int) -> Call:
    client_id = f"o{number}"
    return lambda engine: engine.cancel(account, _SYMBOL, client_id=client_id, at_us=step)


def _print(ticks: int, step: int) -> Call:
    price = ticks * _TICK
    return lambda engine: engine.trade(_SYMBOL, price=price, at_us=step)


def _request(
    number: int,
    direction: Direction,
    kind: OrderKind,
    *,
    price: int | None = None,
    trigger: int | None = None,
) -> OrderRequest:
    return OrderRequest(
        client_id=ClientOrderId(f"o{number}"),
        symbol=_SYMBOL,
        direction=direction,
        is_reducing=kind is OrderKind.STOP_MARKET,
        kind=kind,
        size=Size(Decimal("0.1")),
        price=None if price is None else Price(price * _TICK),
        trigger_price=None if trigger is None else Price(trigger * _TICK),
    )


def _count(events: tuple[MatchEvent, ...]) -> dict[str, int]:
    counts = {"accepted": 0, "cancelled": 0, "filled": 0, "triggered": 0}
    known: set[str] = set()
    for event in events:
        if event.fill is not None:
            counts["filled"] += 1
        if event.order is None:
            continue
        if event.order.venue_id not in known:
            known.add(event.order.venue_id)
            counts["accepted"] += 1
        elif event.order.status == "cancelled":
            counts["cancelled"] += 1
        elif event.order.text == "triggered":
            counts["triggered"] += 1
    return counts
