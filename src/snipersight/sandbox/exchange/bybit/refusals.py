"""Bybit's answers: the envelope around every result, and its refusals inside HTTP 200."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from snipersight.domain.errors import SniperSightError
from snipersight.sandbox.exchange.calls import FaultAnswer, Reply
from snipersight.sandbox.exchange.faults import FaultKind

TOO_FREQUENT: Final = "403, access too frequent."
_RATE_TEXT: Final = "Too many visits. Exceeded the API Rate Limit."


class Refusal(SniperSightError):
    """A request that is answered with a `retCode` other than 0.

    Args:
        code: Bybit's, above 0.
        text: Bybit's words.
        result: what stands in the envelope all the same.
        status: of HTTP; Bybit says 200 to nearly everything.
        headers: beside the usual ones.
    """

    def __init__(
        self,
        code: int,
        text: str,
        *,
        result: Mapping[str, Any] | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(text)
        self.code = code
        self.result = dict(result or {})
        self.status = status
        self.headers = dict(headers or {})

    def reply(self, *, at_ms: int) -> Reply:
        """Return the answer of that moment."""
        body = envelope(self.result, at_ms=at_ms, code=self.code, text=self.what)
        return Reply(body=body, status=self.status, headers=self.headers)


def envelope(
    result: Mapping[str, Any], *, at_ms: int, code: int = 0, text: str = "OK"
) -> dict[str, Any]:
    """Return a result in what Bybit puts around each."""
    return {
        "retCode": code,
        "retMsg": text,
        "result": dict(result),
        "retExtInfo": {},
        "time": at_ms,
    }


def bad_parameter(name: str) -> Refusal:
    """Return the refusal of a field that is missing or says nothing Bybit knows."""
    return Refusal(10001, f"params error: {name} invalid")


def not_simulated(what: str) -> Refusal:
    """Return the refusal of what Bybit could do and the sandbox does not."""
    return Refusal(10001, f"params error: {what} is not part of the sandbox")


def no_such_order() -> Refusal:
    """Return what cancelling an order gets that is not open."""
    return Refusal(110001, "order not exists or too late to cancel")


def nothing_to_reduce() -> Refusal:
    """Return the refusal of a reducing order without anything to reduce."""
    return Refusal(110017, "orderQty will be truncated to zero")


def too_many_visits(headers: Mapping[str, str]) -> Refusal:
    """Return the refusal of a request over its limit per second."""
    return Refusal(10006, _RATE_TEXT, headers=headers)


def rate_headers(*, most: int, left: int, reset_ms: int) -> dict[str, str]:
    """Return the headers that say how much of a limit is left, and until when."""
    return {
        "X-Bapi-Limit": str(most),
        "X-Bapi-Limit-Status": str(left),
        "X-Bapi-Limit-Reset-Timestamp": str(reset_ms),
    }


def documented_fault(kind: FaultKind, *, at_ms: int, retry_after_s: int) -> FaultAnswer | None:
    """Return Bybit's answer in a fault; None where it knows no such fault."""
    if kind is FaultKind.BACKEND_TIMEOUT:
        return _said(Refusal(10000, "Server Timeout"), at_ms=at_ms, may_be_done=True)
    if kind is FaultKind.SYSTEM_ERROR:
        refusal = Refusal(10016, "System error. Please try again later.")
        return _said(refusal, at_ms=at_ms, may_be_done=True)
    if kind is FaultKind.OVERLOADED:
        return _said(Refusal(10429, "System level frequency protection", status=429), at_ms=at_ms)
    if kind is FaultKind.RATE_LIMITED:
        reset_ms = at_ms + retry_after_s * 1_000
        return _said(too_many_visits(rate_headers(most=10, left=0, reset_ms=reset_ms)), at_ms=at_ms)
    return None


def _said(refusal: Refusal, *, at_ms: int, may_be_done: bool = False) -> FaultAnswer:
    return FaultAnswer(reply=refusal.reply(at_ms=at_ms), may_be_done=may_be_done)
