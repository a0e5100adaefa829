"""The same promises kept by every venue of perpetuals: over the wire, and in this program."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from snipersight.domain.units import Symbol
from snipersight.domain.venue import Environment
from snipersight.market.paper.venue import PaperVenue
from snipersight.market.venues import Gateway, VenueConfig, open_venue
from snipersight.market.venues.base import CcxtVenue
from snipersight.sandbox.exchange import ExchangeSandbox, SandboxAccount
from snipersight.sandbox.exchange.speaking import PROTOCOLS
from tests.builders.instruments import an_instrument
from tests.builders.paper import PRELUDE, START_MS, STEP, STEP_MS, PaperBench, bars_of, played
from tests.builders.spot_contract import SpotContract
from tests.builders.venue_contract import (
    PERPETUAL,
    SPOT,
    START,
    AttachingContract,
    PerpetualContract,
)
from tests.fakes.candle_table import CandleTable

SERVED = frozenset(protocol.name for protocol in PROTOCOLS)


class WireDesk:
    """An account of the sandbox server, and its price."""

    def __init__(self, venue: CcxtVenue, server: ExchangeSandbox) -> None:
        self.venue = venue
        self._world = server.world(venue.name)
        self._symbol = SPOT if venue.name == "binance" else PERPETUAL

    async def to(self, price: str) -> None:
        self._world.print(self._symbol, price)


@asynccontextmanager
async def wire_desk(name: str, *, is_hedged: bool = False) -> AsyncIterator[WireDesk]:
    """A venue's demo environment, answered by the sandbox."""
    account = SandboxAccount(is_hedged=is_hedged)
    async with ExchangeSandbox(accounts=[account]) as server:
        if name not in SERVED:
            pytest.skip(f"the sandbox does not speak the protocol of {name}")
        venue = open_venue(
            VenueConfig(
                venue=name,
                environment=Environment.DEMO,
                api_key=account.api_key,
                api_secret=account.secret,
                gateway=Gateway(port=server.port, ca_file=server.ca_pem),
            )
        )
        desk = WireDesk(venue, server)
        await desk.to(str(START))
        try:
            await venue.instruments()
            yield desk
        finally:
            await venue.close()


class TestBinanceUsdm(PerpetualContract):
    @pytest.fixture
    async def desk(self) -> AsyncIterator[WireDesk]:
        async with wire_desk("binanceusdm") as desk:
            yield desk


class TestBinanceUsdmInHedgeMode(PerpetualContract):
    @pytest.fixture
    async def desk(self) -> AsyncIterator[WireDesk]:
        async with wire_desk("binanceusdm", is_hedged=True) as desk:
            yield desk


class TestBybit(AttachingContract):
    @pytest.fixture
    async def desk(self) -> AsyncIterator[WireDesk]:
        async with wire_desk("bybit") as desk:
            yield desk


class TestBybitInHedgeMode(AttachingContract):
    @pytest.fixture
    async def desk(self) -> AsyncIterator[WireDesk]:
        async with wire_desk("bybit", is_hedged=True) as desk:
            yield desk


class TestBinanceSpot(SpotContract):
    @pytest.fixture
    async def desk(self) -> AsyncIterator[WireDesk]:
        async with wire_desk("binance") as desk:
            yield desk


class PaperDesk(PaperBench):
    """The venue inside this program, and bars that are written as they happen."""

    venue: PaperVenue

    def __init__(self, folder: Path, symbol: Symbol) -> None:
        super().__init__(folder=folder, rows=(), symbol=symbol, balance=START)
        self._happened: list[Any] = [(float(START),) * 4] * len(PRELUDE)
        self._own: dict[Any, Any] = {}
        self._now_ms = START_MS
        self._write()

    def source(self) -> CandleTable:
        listed = {self.symbol: an_instrument(self.symbol, tick="0.1", lot="0.0001")}
        return CandleTable(
            base={self.symbol: self._own[self.symbol, STEP]}, listed=listed, own=self._own
        )

    async def to(self, price: str) -> None:
        last, close = self._happened[-1][3], float(price)
        self._happened.append((last, max(last, close), min(last, close), close))
        self._write()
        self._now_ms += STEP_MS
        await played(self.venue, self._now_ms)

    def _write(self) -> None:
        first_ms = START_MS - len(PRELUDE) * STEP_MS
        self._own[self.symbol, STEP] = bars_of(self.symbol, self._happened, start_ms=first_ms)


class TestPaper(AttachingContract):
    @pytest.fixture
    async def desk(self, tmp_path: Path) -> AsyncIterator[PaperDesk]:
        desk = PaperDesk(tmp_path, PERPETUAL)
        desk.venue = await desk.open()
        yield desk
        await desk.venue.close()


class TestPaperSpot(SpotContract):
    @pytest.fixture
    async def desk(self, tmp_path: Path) -> AsyncIterator[PaperDesk]:
        desk = PaperDesk(tmp_path, SPOT)
        desk.venue = await desk.open()
        yield desk
        await desk.venue.close()
