"""Binance's refusals: code, words and HTTP status, as its clients know them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from snipersight.domain.errors import SniperSightError
from snipersight.sandbox.exchange.calls import FaultAnswer, Reply
from snipersight.sandbox.exchange.faults import FaultKind


class Refusal(SniperSightError):
    """A request that is answered with an error.

    Args:
        code: Binance's, below 0.
        text: Binance's words.
        status: of HTTP.
        headers: beside the usual ones.
    """

    def __init__(
        self, code: int, text: str, *, status: int = 400, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(text)
        self.code = code
        self.status = status
        self.headers = dict(headers or {})

    def reply(self) -> Reply:
        """Return the answer."""
        body = {"code": self.code, "msg": self.what}
        return Reply(body=body, status=self.status, headers=self.headers)


def missing(name: str) -> Refusal:
    """Return the refusal of a request without a field that it needs."""
    return Refusal(
        -1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
    )


def superfluous(name: str) -> Refusal:
    """Return the refusal of a field that must not be there."""
    return Refusal(-1106, f"Parameter '{name}' sent when not required.")


def illegal(name: str) -> Refusal:
    """Return the refusal of a field that is no number or no text of its kind."""
    return Refusal(-1100, f"Illegal characters found in parameter '{name}'.")


def unknown_symbol() -> Refusal:
    """Return the refusal of a market that is not listed."""
    return Refusal(-1121, "Invalid symbol.")


def no_such_order() -> Refusal:
    """Return what a question after an order that nobody knows gets."""
    return Refusal(-2013, "Order does not exist.")


def no_open_order() -> Refusal:
    """Return what cancelling an order that is not open gets."""
    return Refusal(-2011, "Unknown order sent.")


_OVERLOADED: Final = (
    "Server is currently overloaded with other requests. Please try again in a few minutes."
)
_TIMEOUT: Final = (
    "Timeout waiting for response from backend server. Send status unknown; execution status "
    "unknown."
)
_UNKNOWN: Final = "Unknown error, please check your request or try again later."


def documented_fault(
    kind: FaultKind, *, retry_after_s: int, most_weight: int
) -> FaultAnswer | None:
    """Return Binance's answer in a fault; None where it knows no such fault.

    Args:
        kind: of the fault.
        retry_after_s: what it asks to wait for where it limits the rate, seconds.
        most_weight: that passes in a minute, for its words.
    """
    if kind is FaultKind.OUTCOME_UNKNOWN:
        return _said(503, -1000, _UNKNOWN, may_be_done=True)
    if kind is FaultKind.UNAVAILABLE:
        return _said(503, -1000, "Service Unavailable.")
    if kind is FaultKind.OVERLOADED:
        return _said(503, -1008, _OVERLOADED)
    if kind is FaultKind.BACKEND_TIMEOUT:
        return _said(408, -1007, _TIMEOUT, may_be_done=True)
    if kind is FaultKind.RATE_LIMITED:
        text = f"Too many requests; current limit is {most_weight} request weight per 1 MINUTE."
        return _said(429, -1003, text, headers={"Retry-After": str(retry_after_s)})
    return None


def _said(
    status: int,
    code: int,
    text: str,
    *,
    may_be_done: bool = False,
    headers: Mapping[str, str] | None = None,
) -> FaultAnswer:
    refusal = Refusal(code, text, status=status, headers=headers)
    return FaultAnswer(reply=refusal.reply(), may_be_done=may_be_done)
