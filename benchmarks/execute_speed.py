"""How fast an executor is: decision to wire, fill to stop, kill switch, reconciliation.

The venue answers from a process of its own without faults, the client is the real one, the store
is SQLite with every commit on the disk. What reaches the wire is timed by the server, on the same
machine's clock.
"""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import aiohttp

from benchmarks.execute_campaign import served
from benchmarks.execute_plans import a_plan_now
from benchmarks.execute_worker import Seat, Worker, observe_now, relax
from benchmarks.harness import Figure, at_most, median, progress, spread
from snipersight.bot.executor.books import Look
from snipersight.domain.decision import Approved
from snipersight.domain.execution import Mode
from snipersight.domain.units import Symbol
from snipersight.storage.database import connect_database, open_database
from snipersight.storage.migrating import migrate

_VENUE: Final = "binanceusdm"
_FACTOR: Final = 100  # the venue's own rate is measured apart
_WAIT_S: Final = 20.0
_REST_S: Final = 0.4
MARKETS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A running executor and the venue it trades at.

    Args:
        seat: executor, gate, instruments.
        prices: that every market began with.
        session, own, admin: to the venue's process.
    """

    seat: Seat
    prices: dict[Symbol, Decimal]
    session: aiohttp.ClientSession
    own: str
    admin: str

    async def print(self, symbol: Symbol, price: Decimal) -> float:
        """Put a trade on the tape and return when, epoch seconds."""
        body = {"venue": _VENUE, "symbol": symbol, "price": str(price)}
        began = time.time()
        async with self.session.post(f"{self.admin}/sandbox/print", json=body) as answer:
            answer.raise_for_status()
        return began

    async def arrivals(self, since_s: float) -> list[tuple[str, float]]:
        """Return the order requests that arrived since a moment: what and when."""
        async with self.session.get(f"{self.own}/arrivals") as answer:
            told = await answer.json()
        return [(what, at_s) for what, at_s in told if at_s >= since_s]

    async def open_orders(self) -> int:
        """Return how many orders lie at the venue."""
        async with self.session.get(f"{self.admin}/sandbox/report") as answer:
            told = await answer.json()
        (account,) = told["venues"][_VENUE]["accounts"].values()
        return int(account["open_orders"])

    async def approved(self, symbol: Symbol, price: Decimal) -> Approved:
        """Return an approval that holds its budget."""
        await observe_now(self.seat, self.prices)
        plan = a_plan_now(self.seat.instruments[symbol], price, chance=self.seat.chance)
        staged = await asyncio.to_thread(self.seat.executor.stage_order, plan, Mode.PAPER)
        approved = getattr(staged, "approved", None)
        if not isinstance(approved, Approved):
            raise RuntimeError(f"{symbol}: {[one.code for one in getattr(staged, 'failed', ())]}")
        return approved


def speed_figures(scratch: Path, *, rounds: int) -> list[Figure]:
    """Return every figure of speed."""
    return asyncio.run(_measure(scratch, rounds))


async def _measure(scratch: Path, rounds: int) -> list[Figure]:
    url = f"sqlite:///{scratch / 'speed.db'}"
    with connect_database(url) as database:
        migrate(database)
    own = _own_limits()
    relax(_FACTOR)
    with served(1, 1, step_s=0.0, factor=_FACTOR, markets=MARKETS) as where:
        database = open_database(url)
        async with aiohttp.ClientSession() as session, AsyncExitStack() as stack:
            worker = Worker(database, scratch, where, "speed")
            seat = await worker.seat(stack, _VENUE, 0)
            bench = Bench(
                seat=seat, prices={}, session=session, own=where["own"], admin=where["admin"]
            )
            bench.prices.update(await _priced(bench))
            keeping = asyncio.create_task(worker.keep(seat.lease))
            try:
                return await _figures(bench, rounds, own)
            finally:
                keeping.cancel()
                await seat.executor.close()
                database.close()


async def _figures(bench: Bench, rounds: int, changes_per_s: float) -> list[Figure]:
    executor = bench.seat.executor
    await executor.start()
    monitor = asyncio.create_task(executor.monitor_execution(until=lambda _: False))
    try:
        progress("decision to wire, fill to stop")
        figures = await _to_wire(bench, rounds)
        progress("reconciliation of 50 positions and their orders")
        figures.append(await _reconciled(bench, rounds))
        await executor.flatten(reason="next figure")
        await _until(bench, lambda look: not look.files)
        progress("kill switch")
        return figures + await _killed(bench, changes_per_s)
    finally:
        monitor.cancel()
        await asyncio.gather(monitor, return_exceptions=True)


async def _to_wire(bench: Bench, rounds: int) -> list[Figure]:
    prices = bench.prices
    sent: list[float] = []
    stops: list[float] = []
    symbols = sorted(prices)[: max(5, rounds)]
    for symbol in symbols:
        approved = await bench.approved(symbol, prices[symbol])
        await asyncio.sleep(_REST_S)  # until the trade before has its targets
        began = time.time()
        if not await bench.seat.executor.submit_order(approved, mode=Mode.PAPER):
            raise RuntimeError(f"{symbol} was refused")
        sent.append(await _first(bench, "entry", began) - began)
        fills_at = approved.plan.entry_near * (1 - approved.plan.direction.sign * Decimal("0.0003"))
        filled = await bench.print(symbol, _on_tick(bench, symbol, fills_at))
        stops.append(await _first(bench, "stop", filled) - filled)
    await bench.seat.executor.flatten(reason="next figure")
    await _until(bench, lambda look: not look.files)
    for symbol in symbols:
        await bench.print(symbol, prices[symbol])
    return [
        Figure(
            name="decision_to_wire",
            value=median(sent) * 1000,
            unit="ms",
            target=at_most(15),
            note=f"approval to the first entry at the venue, {spread(sent, scale=1000)}",
        ),
        Figure(
            name="fill_to_stop",
            value=median(stops) * 1000,
            unit="ms",
            note=f"fill at the venue to its stop there, {spread(stops, scale=1000)}",
        ),
    ]


async def _reconciled(bench: Bench, rounds: int) -> Figure:
    for symbol, price in bench.prices.items():
        approved = await bench.approved(symbol, price)
        await bench.seat.executor.submit_order(approved, mode=Mode.PAPER)
        far = approved.plan.entry_far * (1 - approved.plan.direction.sign * Decimal("0.0003"))
        await bench.print(symbol, _on_tick(bench, symbol, far))
    await _until(bench, _is_covered)
    times, counts = [], (0, 0)
    for _ in range(max(5, rounds // 4)):
        began = time.perf_counter()
        done = await bench.seat.executor.reconcile()
        times.append(time.perf_counter() - began)
        counts = (await bench.open_orders(), len(bench.prices))
        if not done.is_complete:
            raise RuntimeError(f"the venue did not answer: {done.sentences}")
    return Figure(
        name="reconciliation",
        value=median(times),
        unit="s",
        target=at_most(2),
        note=f"{counts[0]} orders, {counts[1]} positions, {spread(times)}",
    )


def _is_covered(look: Look) -> bool:
    return bool(look.files) and all(
        file.trade.opened_us is not None and file.trade.uncovered_since_us is None
        for file in look.files
    )


async def _killed(bench: Bench, changes_per_s: float) -> list[Figure]:
    prices = bench.prices
    for symbol in sorted(prices)[:17]:
        await bench.print(symbol, prices[symbol])
        approved = await bench.approved(symbol, prices[symbol])
        await bench.seat.executor.submit_order(approved, mode=Mode.PAPER)
    began = time.time()
    await bench.seat.executor.kill(actor="bench", reason="figure")
    await _until(bench, lambda look: not look.files)
    cancels = [at_s for what, at_s in await bench.arrivals(began) if what == "cancel"]
    allowed_s = len(cancels) / changes_per_s
    return [
        Figure(
            name="kill_to_first_cancel",
            value=(min(cancels) - began) * 1000,
            unit="ms",
            target=at_most(250),
            note="from the call to the first cancel at the venue, latched in the store before",
        ),
        Figure(
            name="kill_all_cancels",
            value=max(cancels) - began,
            unit="s",
            target=at_most(max(allowed_s, 0.25) + 0.25),
            note=f"{len(cancels)} cancels; the venue's own rate would let them pass in "
            f"{allowed_s:.2f} s",
        ),
    ]


async def _first(bench: Bench, what: str, since_s: float) -> float:
    end = time.monotonic() + _WAIT_S
    while time.monotonic() < end:
        found = [at_s for kind, at_s in await bench.arrivals(since_s) if kind == what]
        if found:
            return min(found)
        await asyncio.sleep(0.02)
    raise RuntimeError(f"no {what} arrived within {_WAIT_S} s")


async def _until(bench: Bench, holds: Any) -> None:
    end = time.monotonic() + 3 * _WAIT_S
    while not holds(await bench.seat.executor.books.look()):
        if time.monotonic() >= end:
            raise RuntimeError("the executor does not come to rest")
        await asyncio.sleep(0.1)


async def _priced(bench: Bench) -> dict[Symbol, Decimal]:
    """Print a first price in every market and return them."""
    chance = random.Random(1)
    prices = {}
    for symbol, instrument in bench.seat.instruments.items():
        tick = instrument.tick or Decimal(1)
        prices[symbol] = tick * chance.randrange(20_000, 90_000)
        await bench.print(symbol, prices[symbol])
    return dict(list(prices.items())[:MARKETS])


def _on_tick(bench: Bench, symbol: Symbol, price: Decimal) -> Decimal:
    tick = bench.seat.instruments[symbol].tick or Decimal(1)
    return (price / tick).to_integral_value() * tick


def _own_limits() -> float:
    from snipersight.market.venues.binance_usdm import BinanceUsdm

    return BinanceUsdm.limits.changes_per_s
