"""Instruments of recorded markets: which evidence counts, and whether the prices bear it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Final

import numpy as np

from snipersight.domain.candles import Floats, Times, utc_text
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.instrument import Fees, Instrument, parse_symbol
from snipersight.domain.units import Symbol, plain
from snipersight.market.exchange_info import read_exchange_info
from snipersight.market.raw_bars import RawBars
from snipersight.market.rule_books import BOOK_NAME, MarketRules, RuleBook, read_book, shipped_book
from snipersight.market.tick_evidence import digits_problem, digits_tick, tick_problem

_ENOUGH_PRICES: Final = 400  # below that, too few prices to call a stated tick confirmed
_SUPPLY: Final = f"state them in {BOOK_NAME} beside the candles, or pass --instruments FILE"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecentPrices:
    """The last recorded prices before the moment rules are judged at.

    Args:
        values: opens, highs, lows and closes in any order; empty if none can be read.
        opens_ms: open time of each price's bar, milliseconds UTC.
        until_ms: moment up to which they were looked at.
    """

    values: Floats
    opens_ms: Times
    until_ms: int

    @classmethod
    def of(cls, bars: RawBars, *, until_ms: int) -> RecentPrices:
        """Return the prices of unchecked bars; one that is no positive number is left out."""
        values = np.concatenate([bars.column(name) for name in ("open", "high", "low", "close")])
        opens_ms = np.tile(bars.time, 4)
        keep = np.isfinite(values) & (values > 0)
        return cls(values=values[keep], opens_ms=opens_ms[keep], until_ms=until_ms)

    def since(self, time_ms: int) -> RecentPrices:
        """Return the prices of bars that opened at or after a moment."""
        keep = self.opens_ms >= time_ms
        return replace(self, values=self.values[keep], opens_ms=self.opens_ms[keep])


def books_beside(directory: Path, explicit: Path | None) -> tuple[RuleBook, ...]:
    """Return the rule books of a directory, the strongest evidence first.

    The order is: the file named by the user, `instruments.toml`, recorded `exchangeInfo*.json`
    (or `.json.gz`) files by name.

    Raises:
        ConfigInvalid: one of them cannot be read.
    """
    own = directory / BOOK_NAME
    recorded = sorted(directory.glob("*exchangeInfo*.json*"))
    paths = [*([explicit] if explicit else []), *([own] if own.is_file() else []), *recorded]
    return tuple(_read_any(path) for path in paths)


def _read_any(path: Path) -> RuleBook:
    if path.suffix == ".toml":
        return read_book(path)
    if path.name.endswith((".json", ".json.gz")):
        return read_exchange_info(path)
    raise ConfigInvalid(
        "rules are read from .toml, .json and .json.gz files",
        where=str(path),
        next_step=f"write a {BOOK_NAME} or save Binance's exchangeInfo",
    )


def with_shipped(books: Sequence[RuleBook], venue: str) -> tuple[RuleBook, ...]:
    """Return the books that speak of a venue, followed by the package's own for it."""
    own = [book for book in books if book.venue == venue]
    shipped = shipped_book(venue)
    return (*own, shipped) if shipped else tuple(own)


def instrument_of(
    symbol: Symbol, venue: str, books: Sequence[RuleBook], *, at_ms: int, recent: RecentPrices
) -> Instrument:
    """Return what is known about a market.

    The first book that lists the symbol counts, whole; only its fees may come from a later book
    that speaks of the venue. Recorded prices that contradict the tick make it unknown, so that
    plans are declined rather than priced on a wrong step.

    Args:
        symbol: unified symbol.
        venue: short name.
        books: strongest evidence first, all of this venue.
        at_ms: moment the rules are judged at; dated steps are taken as of then.
        recent: prices before that moment.
    """
    base, quote, kind = parse_symbol(symbol)
    book = next((book for book in books if symbol in book.markets), None)
    rules = book.markets[symbol] if book else MarketRules()
    tick, tick_note = _tick(rules, book, books, at_ms=at_ms, recent=recent)
    return Instrument(
        venue=venue,
        symbol=symbol,
        kind=kind,
        base=base,
        quote=quote,
        tick=tick,
        lot=rules.lot.value_at(at_ms),
        min_size=rules.min_size,
        max_size=rules.max_size,
        max_market_size=rules.max_market_size,
        min_notional=rules.min_notional,
        fees=_fees(rules, books),
        margin_tiers=rules.margin_tiers,
        source="; ".join(filter(None, (_origin(symbol, book, books), tick_note))),
    )


def _origin(symbol: Symbol, book: RuleBook | None, books: Sequence[RuleBook]) -> str:
    if book is not None:
        return book.source
    looked = ", ".join(other.source for other in books) or "no rule book"
    return f"tick and lot of {symbol} are unknown ({looked}): {_SUPPLY}"


def _fees(rules: MarketRules, books: Sequence[RuleBook]) -> Fees | None:
    stated = [rules.fees, *(book.fees for book in books)]
    return next((fees for fees in stated if fees is not None), None)


def _tick(
    rules: MarketRules,
    book: RuleBook | None,
    books: Sequence[RuleBook],
    *,
    at_ms: int,
    recent: RecentPrices,
) -> tuple[Decimal | None, str]:
    dated = rules.tick.at(at_ms)
    if dated is not None:
        since_ms, tick = dated
        recent = recent.since(since_ms)  # before, another tick was right
        problem = tick_problem(tick, recent.values)
        return _verdict(tick, f"tick {plain(tick)}", problem, recent)
    digits = book.price_digits if book else None
    if digits is not None and len(recent.values):
        # The coarsest step of the recent prices is valid at all of them.
        tick = digits_tick(float(recent.values.max()), digits)
        problem = digits_problem(digits, recent.values)
        return _verdict(tick, f"tick {plain(tick)} from {digits} digits", problem, recent)
    if book is not None and rules.tick.steps:
        return None, f"no tick is known for {utc_text(at_ms)}: {_SUPPLY}"
    return None, f"tick unknown: {_SUPPLY}" if book else ""


def _verdict(
    tick: Decimal, name: str, problem: str | None, recent: RecentPrices
) -> tuple[Decimal | None, str]:
    count = len(recent.values)
    if problem is not None:
        prices = f"the {count} recorded prices to {utc_text(recent.until_ms)}"
        return None, f"{name} is contradicted by {prices}: {problem}; {_SUPPLY}"
    if count < _ENOUGH_PRICES:
        return tick, f"{name}, not checked: {count} recorded prices are too few"
    return tick, f"{name} agrees with {count} recorded prices to {utc_text(recent.until_ms)}"


def symbol_by_pair(books: Sequence[RuleBook]) -> Mapping[str, Symbol]:
    """Return which symbol a pair name stands for, the strongest evidence winning."""
    pairs: dict[str, Symbol] = {}
    for book in reversed(books):
        pairs.update(book.pairs)
    return pairs
