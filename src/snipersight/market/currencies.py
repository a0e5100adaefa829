"""Currencies by kind, and pair names without a slash split into base and quote."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import Final

from snipersight.domain.errors import DataInvalid
from snipersight.domain.units import Currency


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


DOLLAR_COINS: Final = _names(
    "USDT USDC BUSD FDUSD TUSD USDP USDD DAI PYUSD USDE USD1 GUSD UST USTC SUSD LUSD USDS RLUSD"
)
STABLE_COINS: Final = DOLLAR_COINS | _names("EURT EURC EURI AEUR XAUT PAXG BIDR IDRT")
FIAT: Final = _names(
    "USD EUR GBP TRY BRL AUD JPY CHF CAD PLN RON CZK UAH NGN ZAR ARS MXN IDR RUB KRW COP"
)
DOLLAR_LIKE: Final = DOLLAR_COINS | {"USD"}

_QUOTES: Final = sorted(
    DOLLAR_LIKE | FIAT | {"BTC", "ETH", "BNB"}, key=lambda name: (-len(name), name)
)
MAJORS: Final = _names(
    "BTC ETH BNB SOL XRP ADA DOGE TRX AVAX LINK DOT LTC BCH UNI NEAR APT SUI ARB OP INJ SHIB PEPE "
    "MATIC POL ICP FIL ATOM XLM EOS XTZ AAVE SUSHI YFI SXP 1INCH ETC TON HBAR 1000PEPE 1000SHIB"
)


def is_money(currency: str) -> bool:
    """Return whether a currency is fiat money or a coin that is pegged to something."""
    return currency in STABLE_COINS or currency in FIAT


def split_pair(text: str, *, bases: Collection[str] = ()) -> tuple[Currency, Currency]:
    """Return base and quote of a pair name such as `BTCUSDT`.

    Quotes are tried longest first. Where several fit (BTCBUSD is BTC/BUSD or BTCB/USD), the one
    whose base is a known currency is taken.

    Args:
        text: upper-case letters and digits.
        bases: bases that are known besides the major ones.

    Raises:
        DataInvalid: no known quote currency fits, or several do and the bases do not decide.
    """
    fits = [(text.removesuffix(q), q) for q in _QUOTES if text.endswith(q) and text != q]
    if len(fits) > 1:
        known = [fit for fit in fits if fit[0] in MAJORS or fit[0] in bases]
        fits = known if len(known) == 1 else fits
    if len(fits) == 1:
        return Currency(fits[0][0]), Currency(fits[0][1])
    readings = " or ".join(f"{base}/{quote}" for base, quote in fits)
    raise DataInvalid(
        f"{text} could be {readings}" if fits else f"{text} ends with no known quote currency",
        where=text,
        next_step=f'say what it is in instruments.toml: [markets."BASE/QUOTE"] with file = "{text}"',
    )


def near_matches(name: str, known: Collection[str]) -> tuple[str, ...]:
    """Return up to three names that look like a mistyped one, nearest first."""
    plain = {_letters(other): other for other in sorted(known, reverse=True)}
    close = difflib.get_close_matches(_letters(name), sorted(plain), n=3, cutoff=0.6)
    return tuple(plain[match] for match in close)


def _letters(name: str) -> str:
    return "".join(char for char in name.upper() if char.isalnum())


def did_you_mean(name: str, known: Collection[str]) -> str:
    """Return `did you mean BTC/USDT, …?`, or an empty text if nothing looks alike."""
    matches = near_matches(name, known)
    return f"did you mean {', '.join(matches)}?" if matches else ""


def another_market(name: str, listed: Collection[str]) -> str:
    """Return what to type instead of a market that is not listed: one alike, or some that are."""
    few = ", ".join(sorted(listed)[:3])
    return did_you_mean(name, listed) or f"{len(listed)} markets are listed, among them {few}"
