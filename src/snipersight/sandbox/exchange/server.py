"""The sandbox server: venues on the loopback address, for an unmodified client."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import web

from snipersight.domain.errors import ConfigInvalid, VenueUnavailable
from snipersight.domain.instrument import Instrument
from snipersight.domain.units import Symbol
from snipersight.sandbox.exchange.accounts import Accounts, SandboxAccount
from snipersight.sandbox.exchange.admin import Admin
from snipersight.sandbox.exchange.clock import Clock, MovableClock, system_clock
from snipersight.sandbox.exchange.faults import FaultDice, FaultPlan
from snipersight.sandbox.exchange.gateway import Gateway
from snipersight.sandbox.exchange.moving import move_on
from snipersight.sandbox.exchange.prices import BuiltInPrices
from snipersight.sandbox.exchange.protocol import VenueProtocol
from snipersight.sandbox.exchange.report import report_of
from snipersight.sandbox.exchange.speaking import PROTOCOLS
from snipersight.sandbox.exchange.tls import Authority
from snipersight.sandbox.exchange.world import VenueWorld
from snipersight.sandbox.market import SyntheticMarket
from snipersight.sandbox.market_listing import listings
from snipersight.sandbox.telegram.connections import end_quietly
from snipersight.sandbox.telegram.guard import only_from_here

LOOPBACK: Final = "127.0.0.1"
_GRACE_S: Final = 0.5
_MAX_BODY: Final = 1024 * 1024


class ExchangeSandbox:
    """Venues of one's own while the context lasts.

    `async with ExchangeSandbox() as server:` answers under the venues' real names (`hosts`) at
    `127.0.0.1:port` over TLS, for a client that looks for them there and trusts `ca_pem`. The
    sandbox's own addresses are at `url`, over plain HTTP. It listens on the loopback address
    only, keeps everything in memory, and forgets it at the end.

    Args:
        port: to listen on; 0 for any free one.
        admin_port: of the sandbox's own addresses; 0 for any free one.
        faults: what goes wrong on purpose; the default is nothing.
        clock: the venues' time, microseconds UTC; `move_to` puts it forward.
        markets: the built-in market whose prices are walked; None: only `world(…).print` makes
            prices, for the same markets.
        accounts: that exist at every venue.
        limit_factor: how many times as many requests pass as at the real venues.
        folder: where the certificate is written; a new temporary folder if None.

    Raises:
        ConfigInvalid: no account, two with the same name or key, or nothing would pass.
        VenueUnavailable: a port is taken; raised when the context is entered.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        admin_port: int = 0,
        faults: FaultPlan | None = None,
        clock: Clock = system_clock,
        markets: SyntheticMarket | None = None,
        accounts: Iterable[SandboxAccount] = (SandboxAccount(),),
        limit_factor: int = 1,
        folder: Path | None = None,
    ) -> None:
        if limit_factor < 1:
            raise ConfigInvalid(f"a limit factor of {limit_factor}", next_step="use 1 or more")
        self.accounts = Accounts(accounts)
        self._ports = [port, admin_port]
        self._dice = FaultDice(faults or FaultPlan())
        self._clock = MovableClock(clock)
        source = None if markets is None else BuiltInPrices(markets)
        worlds = (
            VenueWorld(
                protocol.name,
                _markets(protocol),
                rules=protocol.matching_rules(),
                accounts=self.accounts,
                clock=self._clock,
                source=source,
                limit_factor=limit_factor,
            )
            for protocol in PROTOCOLS
        )
        speaking = [protocol(world) for protocol, world in zip(PROTOCOLS, worlds, strict=True)]
        self._gateway = Gateway(speaking, self._dice)
        self._folder = folder
        self._open = contextlib.AsyncExitStack()
        self._ca_pem: Path | None = None

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as stack:
            authority = Authority(self.hosts)
            self._ca_pem = authority.save(self._keeping(stack))
            venues = web.Application(client_max_size=_MAX_BODY, middlewares=[end_quietly])
            venues.router.add_route("*", "/{path:.*}", self._gateway.handle)
            own = web.Application(client_max_size=_MAX_BODY, middlewares=[only_from_here])
            Admin(
                self._gateway.protocols, self._dice, clock=self._clock, move_to=self.move_to
            ).add_to(own)
            context = authority.server_context()
            self._ports[0] = await _serve(stack, venues, port=self._ports[0], ssl_context=context)
            self._ports[1] = await _serve(stack, own, port=self._ports[1])
            for protocol in self._gateway.protocols.values():
                stack.push_async_callback(_end, asyncio.create_task(protocol.world.keep_fresh()))
            self._open = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for protocol in self._gateway.protocols.values():
            protocol.world.lines.cut()
        await self._open.aclose()

    @property
    def port(self) -> int:
        """Return the port that answers for every host, over TLS."""
        return self._ports[0]

    def clock(self) -> int:
        """Return the venues' time, microseconds UTC."""
        return self._clock()

    @property
    def url(self) -> str:
        """Return the address of the report and the other own pages, over plain HTTP."""
        return f"http://{LOOPBACK}:{self._ports[1]}"

    @property
    def hosts(self) -> frozenset[str]:
        """Return every name that is answered for."""
        return self._gateway.hosts

    @property
    def ca_pem(self) -> Path:
        """Return the file with the certificate to trust.

        Raises:
            ConfigInvalid: the server does not run.
        """
        if self._ca_pem is None:
            raise ConfigInvalid("the sandbox exchange does not run yet")
        return self._ca_pem

    def world(self, venue: str) -> VenueWorld:
        """Return what is behind a venue: its engine, and `print` for prices.

        Raises:
            ConfigInvalid: no such venue.
        """
        protocol = self._gateway.protocols.get(venue)
        if protocol is None:
            known = ", ".join(self._gateway.protocols)
            raise ConfigInvalid(f"no venue {venue!r}", next_step=f"use one of {known}")
        return protocol.world

    def report(self) -> dict[str, Any]:
        """Return what `/sandbox/report` answers: requests, answers, faults, accounts."""
        return report_of(self._gateway.protocols, self._dice, at_us=self.clock())

    def set_faults(self, plan: FaultPlan) -> None:
        """Follow another plan from now on; what was counted stays."""
        self._dice.follow(plan)

    async def move_to(self, at_us: int) -> None:
        """Let time pass up to a later moment; prices pass through all that lies between.

        Args:
            at_us: the moment, microseconds UTC.

        Raises:
            ConfigInvalid: it is not later than the venues' time, or more than 31 days later.
        """
        worlds = [protocol.world for protocol in self._gateway.protocols.values()]
        await move_on(self._clock, worlds, to_us=at_us)

    def _keeping(self, stack: contextlib.AsyncExitStack) -> Path:
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            return self._folder
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="snipersight-")))


def _markets(protocol: type[VenueProtocol]) -> Mapping[Symbol, Instrument]:
    return {
        symbol: replace(listing.instrument, venue=protocol.name)
        for symbol, listing in listings().items()
        if listing.instrument.kind is protocol.kind
    }


async def _serve(
    stack: contextlib.AsyncExitStack, application: web.Application, *, port: int, **tls: Any
) -> int:
    """Listen until the stack is closed and return the port."""
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_GRACE_S)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(runner, LOOPBACK, port, **tls).start()
    except OSError as error:
        raise VenueUnavailable(
            f"port {port} of {LOOPBACK} cannot be used: {error.strerror or error}",
            next_step="give another port, or end the program that has it",
        ) from error
    return int(runner.addresses[0][1])


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
