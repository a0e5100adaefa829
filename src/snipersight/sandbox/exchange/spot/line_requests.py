"""Requests over an open line: how a client of Binance spot subscribes to its account's stream."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from snipersight.sandbox.exchange.accounts import SandboxAccount
from snipersight.sandbox.exchange.binance.keys import account_of_key, bad_signature, check_time
from snipersight.sandbox.exchange.binance.refusals import Refusal, missing
from snipersight.sandbox.exchange.calls import Call, dumps
from snipersight.sandbox.exchange.signing import is_signed
from snipersight.sandbox.exchange.streams import Line
from snipersight.sandbox.exchange.world import VenueWorld

_SUBSCRIPTION: Final = {"subscriptionId": 0}  # a line has one at most


class LineRequests:
    """Answers what is asked on a line of `/ws-api/v3`.

    Args:
        world: of the venue.
    """

    def __init__(self, world: VenueWorld) -> None:
        self._world = world

    def hear(self, line: Line, message: str) -> None:
        """Carry a request out and answer it with its id."""
        said: Mapping[str, Any] = {}
        try:
            said = _object(message)
            result = self._result(line, str(said.get("method", "")), _fields(said))
            body: dict[str, Any] = {"status": 200, "result": result}
        except Refusal as refusal:
            error = {"code": refusal.code, "msg": refusal.what}
            body = {"status": refusal.status, "error": error}
        line.reply(dumps({"id": said.get("id"), **body, "rateLimits": []}))

    def _result(self, line: Line, method: str, fields: dict[str, str]) -> object:
        if method == "ping":
            return {}
        if method == "time":
            return {"serverTime": self._world.clock() // 1_000}
        if method == "session.subscriptions":
            return [_SUBSCRIPTION] if line.account else []
        if method == "userDataStream.unsubscribe":
            return self._unsubscribed(line)
        if method == "userDataStream.subscribe.signature":
            return self._subscribed(line, fields)
        raise Refusal(-1020, "This operation is not supported.")

    def _subscribed(self, line: Line, fields: dict[str, str]) -> dict[str, int]:
        account = self._account_of(fields)
        if line.account:
            raise Refusal(-2035, "User Data Stream subscription already active.")
        line.account = account.name
        return _SUBSCRIPTION

    def _unsubscribed(self, line: Line) -> dict[str, int]:
        if not line.account:
            raise Refusal(-2036, "User Data Stream subscription not active.")
        line.account = ""
        return {}

    def _account_of(self, fields: dict[str, str]) -> SandboxAccount:
        """Return the account of a signed request.

        Raises:
            Refusal: key, signature, time or window is wrong.
        """
        headers = {"x-mbx-apikey": fields.get("apiKey", "")}
        call = Call(method="", host="", path="", headers=headers)
        account = account_of_key(call, self._world.accounts)
        check_time(fields, now_ms=self._world.clock() // 1_000)
        if "signature" not in fields:
            raise missing("signature")
        # Signed in the order of their names, without any encoding.
        names = sorted(fields.keys() - {"signature"})
        signed = "&".join(f"{name}={fields[name]}" for name in names)
        if not is_signed(account.secret, signed, fields["signature"]):
            raise bad_signature()
        return account


def _object(message: str) -> Mapping[str, Any]:
    try:
        said = json.loads(message)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise Refusal(-1135, "Invalid JSON Request")
    return said


def _fields(said: Mapping[str, Any]) -> dict[str, str]:
    fields = said.get("params") or {}
    if not isinstance(fields, dict):
        raise Refusal(-1135, "JSON sent for parameter 'params' is not valid")
    return {name: str(value) for name, value in fields.items()}
