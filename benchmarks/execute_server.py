"""The venues of the execution campaign, in a process of their own, with a market that never rests.

usage: python -m benchmarks.execute_server ACCOUNTS SEED STEP_S LIMIT_FACTOR MORE_MARKETS

It prints one line of JSON that says where it answers, walks every price at random until stdin ends
(not at all if a step takes 0 s), and keeps watch: since when which position had no stop, to a fifth of a second.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from aiohttp import web

from snipersight.bot.executor.client_ids import is_ours
from snipersight.domain.instrument import MarketKind
from snipersight.domain.orders import OrderRequest, OrderStatus, Side, VenueOrder
from snipersight.domain.units import Currency, Rounding, Symbol, on_step
from snipersight.domain.venue import Answer
from snipersight.matching.postings import Book
from snipersight.sandbox.exchange import ExchangeSandbox, SandboxAccount
from snipersight.sandbox.exchange.speaking import PROTOCOLS
from snipersight.sandbox.exchange.world import VenueWorld
from snipersight.sandbox.market_listing import listings

VENUES: Final = tuple(protocol.name for protocol in PROTOCOLS)
BALANCE: Final = Decimal(10_000_000)
_WATCH_S: Final = 0.2
_MOVE: Final = 0.0022  # of the price, standard deviation of one step
_ZERO: Final = Decimal(0)


def account_name(number: int) -> str:
    """Return the name of an account at every venue."""
    return f"desk{number}"


def an_account(number: int) -> SandboxAccount:
    """Return an account with keys of its own."""
    name = account_name(number)
    return SandboxAccount(
        name=name,
        api_key=f"campaign-key-{name}",
        secret=f"campaign-secret-{name}",
        balances={"USDT": BALANCE},
    )


class Watch:
    """Since when which position lies without a stop.

    Args:
        server: whose venues.
        accounts: names.
    """

    def __init__(self, server: ExchangeSandbox, accounts: list[str]) -> None:
        self._server = server
        self._accounts = accounts
        self._since: dict[tuple[str, str, str], float] = {}
        self.ended: list[tuple[str, str, str, float, float]] = []

    async def run(self) -> None:
        """Look five times a second until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(_WATCH_S)

    def look(self) -> None:
        """Note what is without a stop now."""
        now_s = time.time()
        naked: set[tuple[str, str, str]] = set()
        for venue in VENUES:
            for account in self._accounts:
                for symbol in naked_in(self._server.world(venue), account):
                    naked.add((venue, account, symbol))
        for key in naked - self._since.keys():
            self._since[key] = now_s
        for key in self._since.keys() - naked:
            self.ended.append((*key, self._since.pop(key), now_s))

    def spans(self) -> list[tuple[str, str, str, float, float]]:
        """Return every span without a stop: venue, account, symbol, begin and end in epoch seconds."""
        now_s = time.time()
        return self.ended + [(*key, since, now_s) for key, since in self._since.items()]


def naked_in(world: VenueWorld, account: str) -> Iterator[Symbol]:
    """Yield the markets of an account in which more is held than stops would close."""
    engine = world.engine
    covered: dict[tuple[Symbol, Side], Decimal] = {}
    for order in engine.orders(account, open_only=True):
        if order.kind.is_stop:
            key = (order.symbol, order.side)
            covered[key] = covered.get(key, _ZERO) + order.size - order.filled_size
    for position in engine.positions(account):
        side = Side.SELL if position.direction.sign > 0 else Side.BUY
        if covered.get((position.symbol, side), _ZERO) < position.size:
            yield position.symbol
    for symbol, held in spot_holdings(world, account):
        # What earlier trades left over adds up in the account: no order could sell that.
        naked = held - covered.get((symbol, Side.SELL), _ZERO)
        if naked > 0 and naked * world.tape.last[symbol] >= _minimum(world, symbol):
            yield symbol


def spot_holdings(world: VenueWorld, account: str) -> Iterator[tuple[Symbol, Decimal]]:
    """Yield what a spot account holds of each base currency, in whole lots."""
    for balance in world.engine.balances(account):
        symbol = Symbol(f"{balance.currency}/USDT")
        rules = world.instruments.get(symbol)
        if rules is None or rules.lot is None or rules.kind is not MarketKind.SPOT:
            continue
        held = on_step(balance.total, rules.lot, Rounding.DOWN)
        if held > 0 and symbol in world.tape.last:
            yield symbol, held


def _minimum(world: VenueWorld, symbol: Symbol) -> Decimal:
    return world.instruments[symbol].min_notional or _ZERO


async def walk(server: ExchangeSandbox, step_s: float, seed: int) -> None:
    """Move every price of every venue a little, again and again; some prints are too small to fill all."""
    chance = random.Random(seed)
    prices = _first_prices(server)
    while True:
        began = time.monotonic()
        for venue in VENUES:
            world = server.world(venue)
            for symbol in sorted(world.instruments):
                _step(world, symbol, prices, chance)
            await asyncio.sleep(0)
        await asyncio.sleep(max(0.0, step_s - (time.monotonic() - began)))


def _step(
    world: VenueWorld,
    symbol: Symbol,
    prices: dict[tuple[str, Symbol], float],
    chance: random.Random,
) -> None:
    key, rules = (world.name, symbol), world.instruments[symbol]
    if rules.tick is None or rules.lot is None:
        return
    # Drawn back to where it began, so that prices stay within their filters for hours.
    pull = 0.002 * (prices[world.name, Symbol(f"{symbol}@0")] / prices[key] - 1)
    prices[key] *= 1 + pull + chance.gauss(0, _MOVE)
    price = on_step(Decimal(prices[key]), rules.tick, Rounding.NEAREST)
    size = None
    if chance.random() < 0.3:
        size = max(rules.lot, on_step(Decimal(20_000) / price, rules.lot, Rounding.DOWN))
    world.print(symbol, max(price, rules.tick), size=size)


def _first_prices(server: ExchangeSandbox) -> dict[tuple[str, Symbol], float]:
    usual = {symbol: listing.usual_price for symbol, listing in listings().items()}
    found: dict[tuple[str, Symbol], float] = {}
    for venue in VENUES:
        for symbol in server.world(venue).instruments:
            found[venue, symbol] = found[venue, Symbol(f"{symbol}@0")] = usual[symbol]
    return found


class Arrivals:
    """When which change of an order arrived: `entry`, `stop`, `exit` or `cancel`, epoch seconds.

    Args:
        server: whose venues.
    """

    def __init__(self, server: ExchangeSandbox) -> None:
        self.told: list[tuple[str, float]] = []
        for venue in VENUES:
            world = server.world(venue)
            world.engine.submit = self._noting(world.engine.submit)  # type: ignore[method-assign]
            world.engine.cancel = self._cancelling(world.engine.cancel)  # type: ignore[method-assign]

    def _noting(self, submit: Callable[..., Answer]) -> Callable[..., Answer]:
        def noted(account: str, request: OrderRequest, *, at_us: int) -> Answer:
            what = (
                "entry" if not request.is_reducing else "stop" if request.kind.is_stop else "exit"
            )
            self.told.append((what, time.time()))
            return submit(account, request, at_us=at_us)

        return noted

    def _cancelling(self, cancel: Callable[..., Answer]) -> Callable[..., Answer]:
        def noted(*names: Any, **more: Any) -> Answer:
            self.told.append(("cancel", time.time()))
            return cancel(*names, **more)

        return noted


class Told:
    """What a campaign asks for over plain HTTP, beside the sandbox's own report."""

    def __init__(
        self,
        server: ExchangeSandbox,
        watch: Watch,
        accounts: list[str],
        arrivals: Arrivals | None,
    ) -> None:
        self._server, self._watch, self._accounts = server, watch, accounts
        self._arrivals = arrivals

    def application(self) -> web.Application:
        """Return the addresses."""
        app = web.Application()
        app.router.add_get("/prices", self.prices)
        app.router.add_get("/truth", self.truth)
        app.router.add_get("/ended", self.ended)
        app.router.add_get("/arrivals", self.arrivals)
        return app

    async def prices(self, request: web.Request) -> web.Response:
        """Answer the newest price of every market of a venue."""
        world = self._server.world(request.query["venue"])
        return web.json_response({symbol: str(price) for symbol, price in world.tape.last.items()})

    async def arrivals(self, request: web.Request) -> web.Response:
        """Answer when which change of an order arrived."""
        return web.json_response([] if self._arrivals is None else self._arrivals.told)

    async def ended(self, request: web.Request) -> web.Response:
        """Answer how many orders of ours the venues took that came to their end."""
        count = sum(
            is_life(order.client_id, order.status)
            for venue in VENUES
            for name in self._accounts
            for order in self._server.world(venue).engine.orders(name, open_only=False)
        )
        return web.json_response({"orders": count})

    async def truth(self, request: web.Request) -> web.Response:
        """Answer everything that the proof compares our books with."""
        self._watch.look()
        accounts = {
            venue: {name: _truth_of(self._server.world(venue), name) for name in self._accounts}
            for venue in VENUES
        }
        return web.json_response({"accounts": accounts, "naked": self._watch.spans()})


def _truth_of(world: VenueWorld, account: str) -> dict[str, Any]:
    engine = world.engine
    postings = engine.journal(account)
    own = [posting for posting in postings if posting.book.is_own]
    return {
        "equity": str(engine.equity(account)),
        "journal": {
            currency: str(sum((one.amount for one in own if one.currency == currency), _ZERO))
            for currency in {one.currency for one in own}
        },
        "paid": {
            book.value: str(sum((one.amount for one in postings if one.book is book), _ZERO))
            for book in (Book.FEES, Book.FUNDING)
        },
        "wallet": {one.currency: str(one.total) for one in engine.balances(account)},
        "positions": {
            one.symbol: str(one.size * one.direction.sign) for one in engine.positions(account)
        },
        "orders": [_order(one) for one in engine.orders(account, open_only=False)],
        "last": {symbol: str(price) for symbol, price in world.tape.last.items()},
    }


def is_life(client_id: str, status: OrderStatus) -> bool:
    """Return whether an order is one of ours that was accepted and came to its end."""
    ends = (OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.EXPIRED)
    return status in ends and is_ours(client_id)


def _order(order: VenueOrder) -> dict[str, Any]:
    return {
        "client_id": order.client_id,
        "symbol": order.symbol,
        "side": order.side.value,
        "filled": str(order.filled_size),
        "open": order.status.is_open,
        "status": order.status.value,
    }


def list_more(server: ExchangeSandbox, count: int) -> None:
    """List further perpetuals, so that there are this many: M00/USDT:USDT and so on."""
    for venue in VENUES:
        world = server.world(venue)
        perpetuals = [one for one in world.instruments.values() if one.kind is MarketKind.PERPETUAL]
        for number in range(len(perpetuals), count if perpetuals else 0):
            base = Currency(f"M{number:02}")
            symbol = Symbol(f"{base}/USDT:USDT")
            world.list_market(replace(perpetuals[0], symbol=symbol, base=base))


async def serve(accounts: int, seed: int, step_s: float, factor: int, markets: int) -> None:
    """Serve until stdin ends."""
    names = [account_name(number) for number in range(accounts)]
    known = [an_account(one) for one in range(accounts)]
    async with ExchangeSandbox(accounts=known, limit_factor=factor) as server:
        list_more(server, markets)
        arrivals = Arrivals(server) if step_s == 0 else None  # a restart would end them
        watch = Watch(server, names)
        runner = web.AppRunner(Told(server, watch, names, arrivals).application(), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        tasks = [asyncio.create_task(watch.run())]
        if step_s > 0:
            tasks.append(asyncio.create_task(walk(server, step_s, seed)))
        where = {
            "port": server.port,
            "ca": str(server.ca_pem),
            "admin": server.url,
            "own": f"http://127.0.0.1:{runner.addresses[0][1]}",
        }
        print(json.dumps(where), flush=True)
        ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        waited: list[asyncio.Future[Any]] = [ended, *tasks]
        done, _ = await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        for one in done - {ended}:
            one.result()  # the market broke: say how
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(
        serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), *map(int, sys.argv[4:6]))
    )
