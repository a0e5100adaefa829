"""ccxt's errors in our words: what happened, where, what to do next.

ccxt's class often depends on the exchange, so a few answers are told apart by their code.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Final

from snipersight.domain.errors import (
    ConfigInvalid,
    DataInvalid,
    SniperSightError,
    UnknownSymbol,
    VenueUnavailable,
)

# Bybit's "internal error" and "system busy" reach us as plain ExchangeError.
_BUSY: Final = re.compile(r'"retCode":\s*(?:10016|10429)\b')
_REFUSED_PLACE: Final = re.compile(r"restricted location|\b(?:403|451)\b")
_URL_QUERY: Final = re.compile(r"((?:https?|wss?)://[^\s?]+)\?\S*")
_SECRET: Final = re.compile(
    r"(?i)\b(signature|api_?key|listen_?key|secret|token)(=|\"?:\s*\"?)[^&\s\"]+"
)
_MAX_TEXT: Final = 240


def redacted(text: str) -> str:
    """Return a vendor's message without URL queries and secrets, at most 240 characters."""
    shown = _SECRET.sub(r"\1\2***", _URL_QUERY.sub(r"\1", text))
    shown = " ".join(shown.split())
    return shown if len(shown) <= _MAX_TEXT else shown[: _MAX_TEXT - 1] + "…"


def near(name: str, known: Iterable[str]) -> str:
    """Return up to three known names that look like `name`, joined by commas; maybe none.

    Separators and case are ignored, so that BTCUSDT finds BTC/USDT.
    """
    by_shape: dict[str, list[str]] = {}
    for candidate in known:
        by_shape.setdefault(_shape(candidate), []).append(candidate)
    close = difflib.get_close_matches(_shape(name), by_shape, n=3, cutoff=0.6)
    return ", ".join([candidate for shape in close for candidate in by_shape[shape]][:3])


def _shape(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", name.partition(":")[0].upper())


def unknown_symbol(symbol: str, *, venue: str, known: Iterable[str]) -> UnknownSymbol:
    """Return the error for a symbol the venue does not list, naming near matches."""
    matches = near(symbol, known)
    return UnknownSymbol(
        f"{venue} lists no active market {symbol}",
        where=symbol,
        next_step=f"did you mean {matches}?" if matches else "choose a symbol the venue lists",
    )


def may_succeed_later(error: Exception) -> bool:
    """Return whether the same public request is worth repeating.

    A location the venue refuses stays refused; so does a request it calls wrong.
    """
    import ccxt

    text = str(error)
    if _is_unreadable(error) or _BUSY.search(text):
        return True
    if isinstance(error, ccxt.OperationFailed):
        return not _is_place_refused(text)
    return False


def translated(error: Exception, *, venue: str, where: str) -> SniperSightError:
    """Return our error for anything a ccxt call raised.

    Args:
        error: what was raised.
        venue: the exchange's short name.
        where: venue, symbol and timeframe of the request, for the message.
    """
    import ccxt

    if isinstance(error, SniperSightError):
        return error
    text = redacted(str(error)) or type(error).__name__
    if isinstance(error, ccxt.BadSymbol):
        return UnknownSymbol(
            f"{venue} does not know the symbol: {text}",
            where=where,
            next_step="it may have been delisted; leave it out",
        )
    if isinstance(error, ccxt.NotSupported):
        return ConfigInvalid(text, where=where, next_step="use another exchange or recorded data")
    if _is_place_refused(str(error)) or isinstance(error, ccxt.AuthenticationError):
        return VenueUnavailable(
            f"{venue} refuses public requests from here: {text}",
            where=where,
            next_step="use an exchange that serves your location, or recorded data (--data DIR)",
        )
    if may_succeed_later(error):
        return _unavailable(error, text=text, venue=venue, where=where)
    return DataInvalid(
        f"{venue} refused the request: {text}",
        where=where,
        next_step="leave the symbol out or use another timeframe or exchange",
    )


def _unavailable(error: Exception, *, text: str, venue: str, where: str) -> VenueUnavailable:
    import ccxt

    limited = isinstance(error, (ccxt.DDoSProtection, ccxt.RateLimitExceeded))
    if limited:
        return VenueUnavailable(
            f"{venue} limits our request rate: {text}",
            where=where,
            next_step="wait a minute, then scan fewer symbols or less often",
        )
    if _is_unreadable(error):
        return VenueUnavailable(
            f"{venue} sent an answer that cannot be read: {text}",
            where=where,
            next_step="try again; if it persists, look for a proxy that changes answers",
        )
    kind = "did not answer in time" if isinstance(error, ccxt.RequestTimeout) else "is unreachable"
    return VenueUnavailable(
        f"{venue} {kind}: {text}",
        where=where,
        next_step="check the network and the venue's status page, then try again",
    )


def _is_unreadable(error: Exception) -> bool:
    import aiohttp
    import ccxt

    # A parser that meets a truncated or foreign answer raises whatever comes first.
    parsing = (TypeError, KeyError, ValueError, AttributeError, IndexError, ArithmeticError)
    if isinstance(error, (ccxt.BadResponse, ccxt.NullResponse, *parsing)):
        return True
    return isinstance(error, ccxt.ExchangeError) and isinstance(
        error.__cause__, aiohttp.ClientError
    )


def _is_place_refused(text: str) -> bool:
    # Only the head of the message names the HTTP status; a body may hold any number.
    head = text.partition("{")[0]
    return "restricted location" in text or bool(_REFUSED_PLACE.search(_URL_QUERY.sub("", head)))
