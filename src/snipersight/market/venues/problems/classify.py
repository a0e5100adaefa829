"""From an answer, or from its absence, to what it means: code first, then HTTP, then ccxt."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from snipersight.domain.venue import Problem, ProblemClass
from snipersight.market.ccxt_errors import redacted
from snipersight.market.venues.pace import retry_after_s
from snipersight.market.venues.problems import binance_codes, bybit_codes
from snipersight.market.venues.problems.meaning import (
    FUNDS,
    LATER,
    NOT_FOUND,
    STOP,
    UNKNOWN,
    Meaning,
)

_BYBIT_PAUSE_S: Final = 600.0  # after its HTTP 403; earlier requests prolong it
_BAN_S: Final = 120.0
_RATE_S: Final = 60.0
# The venue's own words, whole: a page of a server in between says nothing of the order.
_FAILED: Final = re.compile(r"service unavailable\.?", re.IGNORECASE)
_FROM_UNTIL: Final = re.compile(r"until (\d{13})")


def classify(
    venue: str,
    status: int,
    body: str,
    *,
    headers: Mapping[str, str] | None = None,
    error: Exception | None = None,
    now_ms: int | None = None,
) -> Problem:
    """Return what an answer that is no success means.

    An answer of a server error is unknown unless the venue says that it failed: it may have come
    after the order. A code that no table knows is unknown too, and says so.

    Args:
        venue: `binance`, `binanceusdm` or `bybit`.
        status: HTTP status.
        body: as it came.
        headers: names in lower case.
        error: what ccxt made of it; asked only where the tables know nothing.
        now_ms: the time, to read until when a ban lasts.
    """
    code, message = _code_and_message(body)
    meaning = _by_http(venue, status, code=code, said=message or body)
    if meaning is None and code:
        meaning = _by_code(venue, code, message)
    if meaning is None and status < 500:
        meaning = _by_ccxt(error)
    kind, reason = meaning or UNKNOWN
    return Problem(
        kind=kind,
        reason=reason,
        code=code or f"HTTP {status}",
        text=redacted(message or body or f"HTTP {status}"),
        retry_after_us=_us(_wait_s(venue, status, headers or {}, until_s=_ban_s(body, now_ms)))
        if kind in (ProblemClass.RETRY_LATER, ProblemClass.STOP)
        else None,
        is_mapped=meaning is not None,
    )


def classify_lost(error: Exception | None, *, has_left: bool) -> Problem:
    """Return what it means that no answer came.

    Args:
        error: what was raised; None where an answer came and could not be read.
        has_left: whether the request began to be written to the network. Before that it cannot
            have been done; afterwards it may have been.
    """
    import ccxt

    from snipersight.domain.errors import SniperSightError

    text = redacted(str(error)) if error is not None else "the answer cannot be read"
    if isinstance(error, (SniperSightError, ccxt.AuthenticationError)):
        return Problem(kind=ProblemClass.STOP, text=text)
    if has_left:
        return Problem(kind=ProblemClass.UNKNOWN, text=text)
    if isinstance(error, (ccxt.NetworkError, OSError)):
        return Problem(kind=ProblemClass.RETRY_LATER, text=text)
    return Problem(kind=ProblemClass.REFUSED, text=text, is_mapped=False)


def is_success(venue: str, status: int | None, payload: Any) -> bool:  # noqa: ANN401 — any JSON
    """Return whether the venue took what was asked.

    Args:
        venue: `binance`, `binanceusdm` or `bybit`.
        status: HTTP status; None where no answer came.
        payload: the answer read as JSON; None where it cannot be read.
    """
    if status is None or not 200 <= status < 300 or payload is None:
        return False
    if venue == "bybit":
        return isinstance(payload, dict) and payload.get("retCode") == 0
    # A cancelled conditional order says {"code": "200", "msg": "success"}.
    return not (isinstance(payload, dict) and str(payload.get("code", "")).startswith("-"))


def _code_and_message(body: str) -> tuple[str, str]:
    try:
        payload = json.loads(body)
    except ValueError:
        return "", ""
    if isinstance(payload, list) and len(payload) == 1:
        payload = payload[0]
    if not isinstance(payload, dict):
        return "", ""
    code = payload.get("code", payload.get("retCode", payload.get("ret_code", "")))
    message = payload.get("msg", payload.get("retMsg", payload.get("ret_msg", "")))
    return str(code), str(message)


def _by_http(venue: str, status: int, *, code: str, said: str) -> Meaning | None:
    if status in (401, 403, 418, 451):
        return STOP
    if status == 429:
        return LATER
    if status < 500:
        return None
    # Only USD-M says which of its server errors came before the order; spot asks to look it up.
    is_failed = code == "-1008" or (status == 503 and _FAILED.fullmatch(said.strip()))
    return LATER if venue == "binanceusdm" and is_failed else UNKNOWN


def _by_code(venue: str, code: str, message: str) -> Meaning | None:
    if venue == "bybit":
        codes, by_message, messages = (
            bybit_codes.CODES,
            bybit_codes.BY_MESSAGE,
            bybit_codes.MESSAGES,
        )
    else:
        codes = binance_codes.USDM if venue == "binanceusdm" else binance_codes.SPOT
        by_message, messages = binance_codes.BY_MESSAGE, binance_codes.MESSAGES
    if code in by_message:
        said = message.lower()
        for words, meaning in messages:
            if words in said:
                return meaning
    return codes.get(code)


def _by_ccxt(error: Exception | None) -> Meaning | None:
    import ccxt

    if isinstance(error, (ccxt.AuthenticationError, ccxt.AccountSuspended)):
        return STOP
    if isinstance(error, ccxt.InsufficientFunds):
        return FUNDS
    if isinstance(error, ccxt.OrderNotFound):
        return NOT_FOUND
    return None


def _wait_s(
    venue: str, status: int, headers: Mapping[str, str], *, until_s: float | None
) -> float | None:
    if (told_s := retry_after_s(headers) or until_s) is not None:
        return told_s
    standing = {418: _BAN_S, 429: _RATE_S}
    return _BYBIT_PAUSE_S if (venue, status) == ("bybit", 403) else standing.get(status)


def _us(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1_000_000)


def _ban_s(body: str, now_ms: int | None) -> float | None:
    named = _FROM_UNTIL.search(body)
    if named is None or now_ms is None:
        return None
    return max(0.0, (int(named.group(1)) - now_ms) / 1000) or None
