"""Bybit's protocol without a server: signed requests in, envelopes out, by a clock that stands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from snipersight.domain.instrument import MarketKind
from snipersight.domain.units import Symbol
from snipersight.sandbox.exchange import SandboxAccount, VenueWorld
from snipersight.sandbox.exchange.accounts import Accounts
from snipersight.sandbox.exchange.bybit import BybitProtocol
from snipersight.sandbox.exchange.calls import Call, Reply
from snipersight.sandbox.exchange.signing import signature_of
from snipersight.sandbox.market_listing import listings

BTC = Symbol("BTC/USDT:USDT")
NOW_US = 1_735_689_600_000_000  # 2025-01-01
ENTRY = {
    "category": "linear",
    "symbol": "BTCUSDT",
    "side": "Buy",
    "orderType": "Limit",
    "qty": "0.01",
    "price": "59900",
    "orderLinkId": "ss-E",
}
STOP = {
    "category": "linear",
    "symbol": "BTCUSDT",
    "side": "Sell",
    "orderType": "Market",
    "qty": "0.01",
    "triggerPrice": "59000",
    "triggerDirection": 2,
    "triggerBy": "MarkPrice",
    "reduceOnly": True,
    "orderLinkId": "ss-S",
}
MARKET = {"category": "linear", "symbol": "BTCUSDT", "orderType": "Market", "qty": "0.01"}
LINEAR_BTC = {"category": "linear", "symbol": "BTCUSDT"}


class BybitDesk:
    """One account at a venue of its own, with BTC at 60,000 and the time at `now_us`."""

    def __init__(self, account: SandboxAccount | None = None, *, limit_factor: int = 1) -> None:
        self.account = account or SandboxAccount()
        self.now_us = NOW_US
        self.world = VenueWorld(
            "bybit",
            {
                symbol: replace(listing.instrument, venue="bybit")
                for symbol, listing in listings().items()
                if listing.instrument.kind is MarketKind.PERPETUAL
            },
            rules=BybitProtocol.matching_rules(),
            accounts=Accounts([self.account]),
            clock=lambda: self.now_us,
            limit_factor=limit_factor,
        )
        self.protocol = BybitProtocol(self.world)
        self.print("60000")

    def print(self, price: str, **more: str) -> None:
        """Put a trade of BTC on the tape, one second later."""
        self.now_us += 1_000_000
        self.world.print(BTC, price, **more)

    def call(
        self,
        method: str,
        path: str,
        fields: Mapping[str, object] | None = None,
        *,
        late_ms: int = 0,
        window_ms: int = 5_000,
        headers: Mapping[str, str] | None = None,
    ) -> Call:
        """Return a signed request; headers replace the right ones."""
        text = json.dumps(fields or {}) if method == "POST" else ""
        query = "" if method == "POST" else urlencode(dict(fields or {}))
        stamp, key = str(self.now_us // 1_000 - late_ms), self.account.api_key
        signed = f"{stamp}{key}{window_ms}{text or query}"
        return Call(
            method=method,
            host="api-testnet.bybit.com",
            path=path,
            query=query,
            body=text.encode(),
            headers={
                "x-bapi-api-key": key,
                "x-bapi-timestamp": stamp,
                "x-bapi-recv-window": str(window_ms),
                "x-bapi-sign": signature_of(self.account.secret, signed),
                **{f"x-bapi-{name}": value for name, value in (headers or {}).items()},
            },
            at_us=self.now_us,
        )

    async def reply(self, call: Call) -> Reply:
        """Return what a request gets, its limits counted."""
        return self.protocol.admit(call) or await self.protocol.answer(call)

    async def send(self, method: str, path: str, fields: Mapping[str, object] | None = None) -> Any:
        """Return the JSON that a request gets, one second later."""
        self.now_us += 1_000_000
        reply = await self.reply(self.call(method, path, fields))
        return json.loads(reply.encoded())

    async def get(self, path: str, fields: Mapping[str, object] | None = None) -> Any:
        """Return the result of a question that is answered.

        Raises:
            AssertionError: it is refused.
        """
        return self._result(await self.send("GET", path, fields))

    async def post(self, path: str, fields: Mapping[str, object] | None = None) -> Any:
        """Return the result of a change that is taken.

        Raises:
            AssertionError: it is refused.
        """
        return self._result(await self.send("POST", path, fields))

    async def code(self, path: str, fields: Mapping[str, object] | None = None) -> int:
        """Return the `retCode` of a change."""
        return int((await self.send("POST", path, fields))["retCode"])

    async def create(self, fields: Mapping[str, object], **more: object) -> str:
        """Place an order and return Bybit's id of it."""
        return str((await self.post("/v5/order/create", {**fields, **more}))["orderId"])

    async def orders(self, list_name: str = "realtime", **fields: object) -> list[Any]:
        """Return a list of orders, newest first."""
        found = await self.get(f"/v5/order/{list_name}", {**LINEAR_BTC, **fields})
        return list(found["list"])

    async def order(self, link_id: str) -> Any:
        """Return the one order with a client's id, open or ended."""
        (found,) = await self.orders(orderLinkId=link_id)
        return found

    async def position(self) -> Any:
        """Return the one position of BTC."""
        (found,) = (await self.get("/v5/position/list", LINEAR_BTC))["list"]
        return found

    async def executions(self, **fields: object) -> list[Any]:
        """Return executions, newest first."""
        return list((await self.get("/v5/execution/list", {**LINEAR_BTC, **fields}))["list"])

    async def enter(self, **more: object) -> None:
        """Open a position of 0.01 BTC at 59,900."""
        await self.create(ENTRY, **more)
        self.print("59890")

    def _result(self, body: Any) -> Any:
        assert body["retCode"] == 0, body
        return body["result"]
