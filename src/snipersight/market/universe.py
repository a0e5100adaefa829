"""Which markets a scan looks at, and why the others were left out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.instrument import Instrument
from snipersight.domain.units import Currency, Symbol
from snipersight.market.currencies import DOLLAR_LIKE, MAJORS, did_you_mean, is_money

_TOP: Final = re.compile(r"top(\d+)", re.IGNORECASE)
_NAMED_SIDE: Final = re.compile(r"(?P<asset>[A-Z0-9]{3,})(UP|DOWN|BULL|BEAR|HEDGE|HALF)")
_TIMES_SIDE: Final = re.compile(r"(?P<asset>[A-Z0-9]{2,})[2-5][LS]")
DOLLARS: Final = "dollars"  # a kind of quote: all coins of one dollar
_WAYS: Final = "use symbols (BTC/USDT,ETH/USDT), a watch-list (@name) or the largest (top20)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Universe:
    """The markets to scan.

    Args:
        symbols: in the order asked for, or by falling volume.
        dropped: everything else that was looked at, each with its reason.
    """

    symbols: tuple[Symbol, ...]
    dropped: tuple[tuple[str, str], ...]


def select_universe(
    request: str,
    *,
    instruments: Mapping[Symbol, Instrument],
    volumes: Mapping[Symbol, Decimal],
    watchlists: Mapping[str, Sequence[str]],
    rates: Mapping[Currency, Decimal] | None = None,
) -> Universe:
    """Return the markets a request names.

    Args:
        request: `BTC/USDT,ETH/USDT`, `@name` of a watch-list, or `topN`.
        instruments: every market the source lists.
        volumes: traded value of the 24 hours before the scan's moment in each market's own quote
            currency; needed for `topN` only.
        watchlists: symbols by the list's name.
        rates: what one unit of a quote currency is worth in some common one, to compare volumes
            of different quotes.

    Returns:
        Named symbols are taken as they are; unknown ones are dropped with near matches.
        `topN` leaves out pairs of two stable or fiat currencies, leveraged tokens and markets
        without volume, each with its reason, then ranks by volume; equal volumes are ordered by
        symbol. Spot and perpetual of one asset are two markets and both stay. Without `rates`,
        dollar coins count as equal for the ranking and only markets of one kind of quote are
        compared: dollars if any market has them, else the most frequent quote.

    Raises:
        ConfigInvalid: `top0`, `topx`, an unknown watch-list, or nothing at all was asked for.
    """
    text = request.strip()
    if text.startswith("@"):
        return _named(_watchlist(text[1:], watchlists), instruments)
    if is_ranked(text):
        return _largest(top_count(text), instruments, volumes, rates)
    return _named(text.split(","), instruments)


def require_request(request: str, *, watchlists: Mapping[str, Sequence[str]]) -> None:
    """Refuse a request that no source could meet, before any is asked.

    Raises:
        ConfigInvalid: see `select_universe`.
    """
    text = request.strip()
    if text.startswith("@"):
        _watchlist(text[1:], watchlists)
    elif is_ranked(text):
        top_count(text)
    else:
        _wanted(text.split(","))


def is_ranked(request: str) -> bool:
    """Return whether a request names the largest markets and not markets by name."""
    text = request.strip().lower()
    return text.startswith("top") and "/" not in text


def _watchlist(name: str, watchlists: Mapping[str, Sequence[str]]) -> Sequence[str]:
    if name not in watchlists:
        known = ", ".join(sorted(watchlists)) or "none is defined"
        raise ConfigInvalid(
            f"there is no watch-list {name!r}",
            where="symbols",
            next_step=did_you_mean(name, watchlists) or f"watch-lists: {known}",
        )
    return watchlists[name]


def top_count(request: str) -> int:
    """Return how many of the largest markets a ranked request asks for.

    Raises:
        ConfigInvalid: it is no number, or 0.
    """
    text = request.strip()
    match = _TOP.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise ConfigInvalid(
            f"{text!r} names no number of markets", where="symbols", next_step=_WAYS
        )
    return int(match[1])


def _named(names: Iterable[str], instruments: Mapping[Symbol, Instrument]) -> Universe:
    symbols: dict[Symbol, None] = {}
    dropped: list[tuple[str, str]] = []
    for name in _wanted(names):
        if Symbol(name) in symbols:
            dropped.append((name, "named twice"))
        elif Symbol(name) in instruments:
            symbols[Symbol(name)] = None
        else:
            hint = did_you_mean(name, instruments)
            dropped.append((name, f"unknown symbol; {hint}" if hint else "unknown symbol"))
    return Universe(symbols=tuple(symbols), dropped=tuple(dropped))


def _wanted(names: Iterable[str]) -> list[str]:
    wanted = [name.strip().upper() for name in names if name.strip()]
    if not wanted:
        raise ConfigInvalid("no symbol is named", where="symbols", next_step=_WAYS)
    return wanted


def _largest(
    count: int,
    instruments: Mapping[Symbol, Instrument],
    volumes: Mapping[Symbol, Decimal],
    rates: Mapping[Currency, Decimal] | None,
) -> Universe:
    bases = {instrument.underlying for instrument in instruments.values()}
    reasons = {
        symbol: _unfit(instrument, bases, volumes.get(symbol))
        for symbol, instrument in instruments.items()
    }
    fit = {symbol: item for symbol, item in instruments.items() if reasons[symbol] is None}
    worth = _worths(fit, volumes, rates)
    ranked = sorted(worth, key=lambda symbol: (-worth[symbol], symbol))
    for rank, symbol in enumerate(ranked[count:], start=count + 1):
        reasons[symbol] = f"rank {rank} by 24-hour volume"
    for symbol in fit.keys() - worth.keys():
        reasons[symbol] = f"volume in {fit[symbol].quote} cannot be compared without a rate"
    dropped = tuple((symbol, reason) for symbol, reason in sorted(reasons.items()) if reason)
    return Universe(symbols=tuple(ranked[:count]), dropped=dropped)


def _unfit(instrument: Instrument, bases: Collection[str], volume: Decimal | None) -> str | None:
    if _is_exchange(instrument):
        return f"{instrument.base} against {instrument.quote} is money against money"
    if is_leveraged(instrument.base, bases):
        return f"{instrument.base} is a leveraged token"
    if volume is None or volume <= 0:
        return "no volume in the 24 hours before"
    return None


def is_tradable(instrument: Instrument, bases: Collection[str]) -> bool:
    """Return whether a market may be one of the largest, whatever is traded there.

    Args:
        instrument: the market.
        bases: underlyings of all listed markets.
    """
    return not _is_exchange(instrument) and not is_leveraged(instrument.base, bases)


def _is_exchange(instrument: Instrument) -> bool:
    return is_money(instrument.base) and is_money(instrument.quote)


def is_leveraged(base: str, bases: Collection[str]) -> bool:
    """Return whether a base is a leveraged token of another asset: BTCUP, ETHDOWN, BTC3L.

    Args:
        base: base currency.
        bases: other listed assets; a name counts only if what is left without its ending is one
            of them or a major coin, so that JUP and SYRUP stay coins.
    """
    for pattern in (_NAMED_SIDE, _TIMES_SIDE):
        match = pattern.fullmatch(base)
        if match and (match["asset"] in bases or match["asset"] in MAJORS):
            return True
    return False


def _worths(
    fit: Mapping[Symbol, Instrument],
    volumes: Mapping[Symbol, Decimal],
    rates: Mapping[Currency, Decimal] | None,
) -> dict[Symbol, Decimal]:
    if rates is not None:
        return {s: volumes[s] * rates[i.quote] for s, i in fit.items() if i.quote in rates}
    groups = [quote_group(item) for item in fit.values()]
    common = max(sorted(set(groups)), key=lambda g: (g == DOLLARS, groups.count(g)), default="")
    return {symbol: volumes[symbol] for symbol, i in fit.items() if quote_group(i) == common}


def quote_group(instrument: Instrument) -> str:
    """Return the kind of quote whose volumes are compared without rates: dollars, or itself."""
    return DOLLARS if instrument.quote in DOLLAR_LIKE else instrument.quote
