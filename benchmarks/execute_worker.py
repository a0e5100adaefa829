"""The executors of the campaign in a process of their own, to be killed at any moment.

usage: python -m benchmarks.execute_worker DATABASE_URL FOLDER WHERE ACCOUNTS LIMIT_FACTOR OWNER VENUE

`WHERE` is what the server said. For each account of the venue it runs one executor on the real
client, with its own stream, and puts a plan on in every market that is free, until stdin says
`drain`: then it lets what is on come to its end, and ends. `up` on stdout says that every lease is
held and every venue open, `ready` that reconciliation is through and trading goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sys
import time
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import aiohttp

from benchmarks.execute_plans import a_plan_now
from benchmarks.execute_server import BALANCE, an_account
from snipersight.bootstrap.executor_store import GuardedStore
from snipersight.bot.executor.desk import Desk
from snipersight.bot.executor.safeguards import FiredSignals
from snipersight.bot.executor.submitting import Terms
from snipersight.bot.executor.trades import TradeExecutor
from snipersight.domain.decision import Approved
from snipersight.domain.errors import LeaseLost, SniperSightError
from snipersight.domain.execution import ManagementRules, Mode
from snipersight.domain.instrument import Instrument, parse_symbol
from snipersight.domain.observations import MarketFacts, Observations, ReferencePrice
from snipersight.domain.orders import TriggerSource
from snipersight.domain.units import Currency, Price, Symbol
from snipersight.domain.venue import Environment
from snipersight.market.venues.binance_spot import BinanceSpot
from snipersight.market.venues.binance_usdm import BinanceUsdm
from snipersight.market.venues.bybit import Bybit
from snipersight.market.venues.config import Gateway, VenueConfig
from snipersight.market.venues.opening import open_venue
from snipersight.risk.manager import RiskManager
from snipersight.risk.policy import RiskPolicy
from snipersight.storage.database import Database, open_database
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.executor_lease import SqlExecutorLease
from snipersight.storage.order_journal import OrderJournal
from snipersight.storage.recent_signals import SqlRecentSignals

ENVIRONMENTS: Final = {
    "binance": Environment.TESTNET,
    "binanceusdm": Environment.DEMO,
    "bybit": Environment.DEMO,
}
# Trades come by the thousand: what would stop trading for longer is out of the way.
POLICY: Final = RiskPolicy(
    risk_fraction=Decimal("0.0002"),
    max_risk_per_trade=Decimal("0.001"),
    max_per_asset=Decimal("0.1"),
    max_total=Decimal("0.9"),
    max_cluster=Decimal("0.9"),
    max_leverage=Decimal(20),
    max_positions=500,
    max_daily_loss=Decimal(1),
    max_weekly_loss=Decimal(1),
    max_drawdown=Decimal(1),
    max_loss_streak=1000,
    cooldown_us=0,
    max_unprotected_us=3_600_000_000,
    max_clock_skew_ms=60_000,
)
_EVERY_S: Final = 0.5
LIVE: Final = 8  # trades at a time: more than two cores can look after would say nothing of it
_VOLUME: Final = Decimal(10) ** 12


def account_id(venue: str, number: int) -> str:
    """Return the name of an account in our store: one an account of a venue."""
    return f"{venue}-{number}"


def now_us() -> int:
    """Return the system's time, microseconds UTC."""
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One executor and what it needs.

    Args:
        venue_name, account: where and whose.
        executor, gate: of it.
        instruments: that it trades.
        lease: that it holds.
        chance: its own dice.
    """

    venue_name: str
    account: str
    executor: TradeExecutor
    gate: RiskManager
    instruments: dict[Symbol, Instrument]
    lease: SqlExecutorLease
    chance: random.Random


class Worker:
    """Every seat of one process.

    Args:
        database: of all accounts.
        folder: for the fallback journals.
        where: of the server.
        owner: of the leases, unique to this life.
    """

    def __init__(self, database: Database, folder: Path, where: dict[str, Any], owner: str) -> None:
        self._database, self._folder, self._where, self._owner = database, folder, where, owner
        self._store = SqlDecisionStore(database, clock=now_us)
        self.drains = asyncio.Event()

    async def run(self, venue: str, accounts: int) -> None:
        """Trade at a venue until drained and idle."""
        async with aiohttp.ClientSession() as session, contextlib.AsyncExitStack() as stack:
            seats = [await self.seat(stack, venue, number) for number in range(accounts)]
            keeping = [asyncio.create_task(self.keep(seat.lease)) for seat in seats]
            print("up", flush=True)
            await asyncio.gather(*(seat.executor.start() for seat in seats))
            print("ready", flush=True)
            trading = [asyncio.create_task(self._trade(seat, session)) for seat in seats]
            await asyncio.gather(*(self._monitor(seat) for seat in seats), *trading)
            await asyncio.gather(*(self._settled(seat) for seat in seats))
            for task in keeping:
                task.cancel()

    async def seat(self, stack: contextlib.AsyncExitStack, venue_name: str, number: int) -> Seat:
        """Return an executor that holds its lease, not yet started."""
        name, keys = account_id(venue_name, number), an_account(number)
        self._store.create_account(name, Currency("USDT"), BALANCE, at_us=now_us())
        lease = SqlExecutorLease(
            self._database, name, owner=f"{self._owner}-{name}"[:64], for_us=3_000_000
        )
        await asyncio.to_thread(_take, lease)
        gateway = Gateway(port=self._where["port"], ca_file=Path(self._where["ca"]))
        venue = open_venue(
            VenueConfig(
                venue=venue_name,
                environment=ENVIRONMENTS[venue_name],
                api_key=keys.api_key,
                api_secret=keys.secret,
                gateway=gateway,
                account_name=name,
                timeout_ms=5_000,
                silent_after_s=5.0,
            )
        )
        stack.push_async_callback(venue.close)
        instruments = dict(await _patiently(venue.instruments))
        gate = RiskManager(
            account_id=name, store=self._store, clock=now_us, policy=POLICY, actor="campaign"
        )
        desk = Desk(
            account_id=name,
            venue=venue,
            store=GuardedStore(self._store, lease),
            journal=OrderJournal(self._folder / f"{name}.journal"),
            clock=now_us,
            policy=POLICY,
            instruments=instruments,
        )
        fired = FiredSignals(signals=ShortMemory(self._database), account_id=name)
        executor = TradeExecutor(desk, gate=gate, terms=_terms(fired))
        return Seat(
            venue_name=venue_name,
            account=name,
            executor=executor,
            gate=gate,
            instruments=instruments,
            lease=lease,
            chance=random.Random(f"{self._owner} {name}"),
        )

    async def keep(self, lease: SqlExecutorLease) -> None:
        """Hold a lease until cancelled."""
        while True:
            await asyncio.to_thread(lease.keep)
            await asyncio.sleep(0.7)

    async def _monitor(self, seat: Seat) -> None:
        await seat.executor.monitor_execution(
            until=lambda look: self.drains.is_set() and not look.files
        )

    async def _settled(self, seat: Seat) -> None:
        """Reconcile until nothing counts any more: budget that a killed process left, too."""
        while await asyncio.to_thread(
            self._store.view, seat.account, lambda unit: unit.live_entries()
        ):
            await asyncio.sleep(2)
            await seat.executor.reconcile()
            await seat.executor.cycle()

    async def _trade(self, seat: Seat, session: aiohttp.ClientSession) -> None:
        """Put a plan on in every free market, until drained."""
        while not self.drains.is_set():
            prices = await self._prices(session, seat.venue_name)
            look = await seat.executor.books.look()
            held = {file.trade.symbol for file in look.files}
            free = [one for one in seat.instruments if one not in held and one in prices]
            free = [one for one in free if parse_symbol(one)[1] == "USDT"]
            seat.chance.shuffle(free)
            await observe_now(seat, prices)
            for symbol in free[: min(6, LIVE - len(held))]:
                if self.drains.is_set():
                    return
                await self._put_on(seat, symbol, prices[symbol])
            await asyncio.sleep(_EVERY_S)

    async def _put_on(self, seat: Seat, symbol: Symbol, price: Decimal) -> None:
        plan = a_plan_now(seat.instruments[symbol], price, chance=seat.chance)
        decision = await asyncio.to_thread(seat.executor.stage_order, plan, Mode.PAPER)
        approved = getattr(decision, "approved", None)
        if not isinstance(approved, Approved):
            failed = [check.code for check in getattr(decision, "failed", ())]
            _say(f"{seat.account} {symbol} refused: {failed}")
            return
        try:
            submission = await seat.executor.submit_order(approved, mode=Mode.PAPER)
        except LeaseLost:
            raise
        except SniperSightError as error:
            _say(f"{seat.account} {symbol}: {error}")
            return
        if not submission:
            _say(f"{seat.account} {symbol} {submission.check.code}: {submission.check.sentence}")

    async def _prices(self, session: aiohttp.ClientSession, venue: str) -> dict[Symbol, Decimal]:
        async with session.get(f"{self._where['own']}/prices", params={"venue": venue}) as answer:
            told = await answer.json()
        return {Symbol(symbol): Decimal(price) for symbol, price in told.items()}


def _take(lease: SqlExecutorLease) -> None:
    """Wait until the lease of whoever was killed has run out."""
    while not lease.keep():
        time.sleep(0.2)


class ShortMemory(SqlRecentSignals):
    """Remembers signals for a sixtieth of the time: seconds where minutes are meant."""

    def claim(self, *names: Any, window_us: int, **more: Any) -> bool:
        """Return whether nobody has fired there within the shortened window."""
        return super().claim(*names, window_us=window_us // 60, **more)


def _terms(fired: FiredSignals) -> Terms:
    return Terms(fired=fired, window_minutes=1, rules=ManagementRules(trigger=TriggerSource.LAST))


async def observe_now(seat: Seat, prices: dict[Symbol, Decimal]) -> None:
    """Let a seat's gate see the markets as they are."""
    await asyncio.to_thread(seat.gate.observe, _observed(seat, prices))


def _observed(seat: Seat, prices: dict[Symbol, Decimal]) -> Observations:
    at_ms = now_us() // 1000
    markets = {
        symbol: MarketFacts(
            instrument=seat.instruments[symbol],
            quote_rate=Decimal(1),
            reference=ReferencePrice(price=Price(price), at_ms=at_ms, source="campaign"),
            quote_volume=_VOLUME,
        )
        for symbol, price in prices.items()
        if symbol in seat.instruments and parse_symbol(symbol)[1] == "USDT"
    }
    return Observations(venue=seat.venue_name, as_of_ms=at_ms, markets=markets, clock_skew_ms=0)


async def _patiently(ask: Any) -> Any:
    """Return an answer from a venue that goes wrong on purpose."""
    while True:
        try:
            return await ask()
        except SniperSightError:
            await asyncio.sleep(0.2)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def relax(factor: int) -> None:
    """Let the clients ask this many times as fast as the venues allow; the server lets them."""
    for kind in (BinanceSpot, BinanceUsdm, Bybit):
        own = kind.limits
        per_minute = own.weight_per_minute
        kind.limits = replace(
            own,
            changes_per_s=own.changes_per_s * factor,
            changes_burst=own.changes_burst * factor,
            questions_per_s=own.questions_per_s * factor,
            questions_burst=own.questions_burst * factor,
            weight_per_minute=None if per_minute is None else per_minute * factor,
        )


async def main() -> None:
    """Trade until stdin says `drain`, then until nothing is live."""
    url, folder, where, accounts, factor, owner, venue = sys.argv[1:8]
    relax(int(factor))
    database = open_database(url)
    try:
        worker = Worker(database, Path(folder), json.loads(where), owner)
        reading = asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        reading.add_done_callback(lambda _: worker.drains.set())
        await worker.run(venue, int(accounts))
    finally:
        database.close()


if __name__ == "__main__":
    asyncio.run(main())
