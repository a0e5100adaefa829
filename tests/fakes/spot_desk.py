"""Binance spot's protocol without a server: signed requests in, answers out, by a clock that stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from snipersight.domain.instrument import MarketKind
from snipersight.domain.units import Symbol
from snipersight.sandbox.exchange import SandboxAccount, VenueWorld
from snipersight.sandbox.exchange.accounts import Accounts
from snipersight.sandbox.exchange.calls import Call, Reply
from snipersight.sandbox.exchange.signing import signature_of
from snipersight.sandbox.exchange.spot import SpotProtocol
from snipersight.sandbox.market_listing import listings

BTC = Symbol("BTC/USDT")
NOW_US = 1_735_689_600_000_000  # 2025-01-01
BUY = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
ENTRY = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "59900",
    "newClientOrderId": "ss-E",
}
STOP = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "type": "STOP_LOSS",
    "quantity": "0.005",
    "stopPrice": "59000",
    "newClientOrderId": "ss-S",
}
PAIR = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "quantity": "0.005",
    "listClientOrderId": "ss-L",
    "aboveType": "LIMIT_MAKER",
    "abovePrice": "61000",
    "aboveClientOrderId": "ss-T",
    "belowType": "STOP_LOSS",
    "belowStopPrice": "59000",
    "belowClientOrderId": "ss-S",
}


class SpotDesk:
    """One account at a venue of its own, with BTC at 60,000 and the time at `now_us`."""

    def __init__(self, account: SandboxAccount | None = None, *, limit_factor: int = 1) -> None:
        self.account = account or SandboxAccount()
        self.now_us = NOW_US
        self.world = VenueWorld(
            "binance",
            {
                symbol: replace(listing.instrument, venue="binance")
                for symbol, listing in listings().items()
                if listing.instrument.kind is MarketKind.SPOT
            },
            rules=SpotProtocol.matching_rules(),
            accounts=Accounts([self.account]),
            clock=lambda: self.now_us,
            limit_factor=limit_factor,
        )
        self.protocol = SpotProtocol(self.world)
        self.print("60000")

    def print(self, price: str, **more: str) -> None:
        """Put a trade of BTC on the tape, one second later."""
        self.now_us += 1_000_000
        self.world.print(BTC, price, **more)

    def call(
        self,
        method: str,
        path: str,
        fields: Mapping[str, str] | None = None,
        *,
        host: str = "testnet.binance.vision",
    ) -> Call:
        """Return a signed request."""
        query = urlencode({**(fields or {}), "timestamp": str(self.now_us // 1_000)})
        return Call(
            method=method,
            host=host,
            path=path,
            query=f"{query}&signature={signature_of(self.account.secret, query)}",
            headers={"x-mbx-apikey": self.account.api_key},
            at_us=self.now_us,
        )

    async def reply(
        self, method: str, path: str, fields: Mapping[str, str] | None = None, **more: Any
    ) -> Reply:
        """Return the answer to a signed request, whatever it is."""
        return await self.protocol.answer(self.call(method, path, fields, **more))

    async def ask(
        self, method: str, path: str, fields: Mapping[str, str] | None = None, **more: Any
    ) -> Any:
        """Return the body of an answer that is no refusal."""
        reply = await self.reply(method, path, fields, **more)
        assert reply.status == 200, reply.body
        return reply.body

    async def refusal(
        self, method: str, path: str, fields: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        """Return code and words of a refusal."""
        reply = await self.reply(method, path, fields)
        assert reply.status >= 400, reply.body
        return reply.body["code"], reply.body["msg"]

    async def place(self, order: Mapping[str, str], **changes: str) -> Any:
        """Place an order and return the answer."""
        return await self.ask("POST", "/api/v3/order", {**order, **changes})

    async def pair(self, **changes: str) -> Any:
        """Place target and stop as one list and return the answer."""
        return await self.ask("POST", "/api/v3/orderList/oco", {**PAIR, **changes})

    async def found(self, client_id: str) -> Any:
        """Return an order by the client's id."""
        asked = {"symbol": "BTCUSDT", "origClientOrderId": client_id}
        return await self.ask("GET", "/api/v3/order", asked)

    async def balances(self) -> dict[str, tuple[str, str]]:
        """Return what is free and what is locked, by currency."""
        body = await self.ask("GET", "/api/v3/account")
        return {row["asset"]: (row["free"], row["locked"]) for row in body["balances"]}
