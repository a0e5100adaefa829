"""Rule books: what a venue allows and charges, read from TOML, with the date it was true.

A book beside the candles is called `instruments.toml`:

    venue = "binance"
    kind = "spot"                    # or "perpetual"
    as_of = 2024-09-05               # optional: when this was looked up
    fees = { maker = "0.001", taker = "0.001" }

    [markets."BTC/USDT"]
    file = "BTCUSDT"                 # only where the file's name does not say it
    tick = "0.01"
    lot = { "2019-01-01" = "0.000001", "2021-08-27" = "0.00001" }   # steps may have dates
    min_notional = "5"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from snipersight.domain.errors import ConfigInvalid, DataInvalid
from snipersight.domain.instrument import Fees, MarginTier, MarketKind, parse_symbol
from snipersight.domain.units import Symbol

BOOK_NAME: Final = "instruments.toml"
_NEXT_STEP: Final = (
    f'correct {BOOK_NAME}: venue = "binance", kind = "spot" or "perpetual", then for each market '
    '[markets."BTC/USDT"] with tick, lot and min_notional as text'
)

_Above0 = Annotated[Decimal, Field(gt=0, allow_inf_nan=False)]
_From0 = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]
_Fraction = Annotated[Decimal, Field(gt=-1, lt=1, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class DatedStep:
    """A tick or lot that was right from certain moments on.

    Args:
        steps: (first moment in milliseconds UTC, step), oldest first.
    """

    steps: tuple[tuple[int, Decimal], ...] = ()

    def at(self, time_ms: int) -> tuple[int, Decimal] | None:
        """Return since when and which step holds at a moment, or None if none is known."""
        known = [dated for dated in self.steps if dated[0] <= time_ms]
        return known[-1] if known else None

    def value_at(self, time_ms: int) -> Decimal | None:
        """Return the step at a moment, or None if none is known."""
        dated = self.at(time_ms)
        return None if dated is None else dated[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketRules:
    """Rules of one market; see `Instrument` for the meanings. None means unknown."""

    tick: DatedStep = field(default_factory=DatedStep)
    lot: DatedStep = field(default_factory=DatedStep)
    min_size: Decimal | None = None
    max_size: Decimal | None = None
    max_market_size: Decimal | None = None
    min_notional: Decimal | None = None
    fees: Fees | None = None
    margin_tiers: tuple[MarginTier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    """What one source says about the markets of one venue.

    Args:
        venue: short name.
        kind: spot or perpetual.
        source: the book in words, with its date, for the reader of a report.
        fees: fees of markets that have none of their own.
        markets: rules by symbol.
        pairs: which symbol a pair name without a slash stands for.
        price_digits: significant digits of a price where the venue has no fixed tick.
        is_written: whether a person wrote it (TOML) rather than a venue.
    """

    venue: str
    kind: MarketKind
    source: str
    fees: Fees | None = None
    markets: Mapping[Symbol, MarketRules] = field(default_factory=dict)
    pairs: Mapping[str, Symbol] = field(default_factory=dict)
    price_digits: int | None = None
    is_written: bool = False


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Fees(_Model):
    maker: _Fraction
    taker: _Fraction


class _Tier(_Model):
    notional_floor: _From0
    max_leverage: _Above0
    maintenance_fraction: _From0


class _Market(_Model):
    file: str | None = None
    tick: _Above0 | dict[date, _Above0] | None = None
    lot: _Above0 | dict[date, _Above0] | None = None
    min_size: _From0 | None = None
    max_size: _Above0 | None = None
    max_market_size: _Above0 | None = None
    min_notional: _From0 | None = None
    fees: _Fees | None = None
    margin_tiers: tuple[_Tier, ...] = ()


class _Book(_Model):
    venue: str = Field(pattern=r"^[a-z][a-z0-9_]{1,31}$")
    kind: MarketKind
    as_of: date | None = None
    source: str = ""
    fees: _Fees | None = None
    price_digits: int | None = Field(default=None, ge=1, le=12)
    markets: dict[str, _Market] = Field(default_factory=dict)


def read_book(path: Path) -> RuleBook:
    """Return the rule book of a TOML file.

    Raises:
        ConfigInvalid: the file cannot be read, is no TOML, or holds unknown keys or impossible
            values; each is named.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigInvalid(
            f"cannot be read ({error})", where=str(path), next_step=_NEXT_STEP
        ) from error
    return parse_book(text, where=str(path), label=path.name)


def shipped_book(venue: str) -> RuleBook | None:
    """Return the rules that come with the package for a venue, or None."""
    file = resources.files("snipersight.market") / "venue_rules" / f"{venue}.toml"
    if not file.is_file():
        return None
    return parse_book(
        file.read_text(encoding="utf-8"), where=file.name, label=f"shipped {venue} rules"
    )


def parse_book(text: str, *, where: str, label: str) -> RuleBook:
    """Return the rule book of a TOML text.

    Args:
        text: the document.
        where: file name, for errors.
        label: what the book is called in `Instrument.source`.

    Raises:
        ConfigInvalid: see `read_book`.
    """
    try:
        model = _Book.model_validate(tomllib.loads(text))
        symbols = {name: _symbol(name, model.kind) for name in model.markets}
    except tomllib.TOMLDecodeError as error:
        raise ConfigInvalid(f"is no TOML: {error}", where=where, next_step=_NEXT_STEP) from error
    except ValidationError as error:
        problems = "; ".join(_problem(dict(item)) for item in error.errors())
        raise ConfigInvalid(problems, where=where, next_step=_NEXT_STEP) from error
    except DataInvalid as error:
        raise ConfigInvalid(error.what, where=where, next_step=error.next_step) from error
    dated = f" as of {model.as_of}" if model.as_of else ""
    return RuleBook(
        venue=model.venue,
        kind=model.kind,
        source=f"{label}{dated}",
        fees=_fees(model.fees),
        markets={symbols[name]: _rules(market) for name, market in model.markets.items()},
        pairs={m.file: symbols[name] for name, m in model.markets.items() if m.file},
        price_digits=model.price_digits,
        is_written=True,
    )


def _symbol(name: str, kind: MarketKind) -> Symbol:
    if parse_symbol(name)[2] is not kind:
        raise DataInvalid(
            f"{name} is no {kind} market",
            next_step="write BTC/USDT for spot and BTC/USDT:USDT for a perpetual",
        )
    return Symbol(name)


def _rules(market: _Market) -> MarketRules:
    return MarketRules(
        tick=_dated(market.tick),
        lot=_dated(market.lot),
        min_size=market.min_size,
        max_size=market.max_size,
        max_market_size=market.max_market_size,
        min_notional=market.min_notional,
        fees=_fees(market.fees),
        margin_tiers=tuple(MarginTier(**dict(tier)) for tier in market.margin_tiers),
    )


def _dated(step: Decimal | dict[date, Decimal] | None) -> DatedStep:
    if step is None:
        return DatedStep()
    if isinstance(step, Decimal):
        return DatedStep(((0, step),))
    moments = ((_midnight_ms(day), value) for day, value in step.items())
    return DatedStep(tuple(sorted(moments)))


def _midnight_ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def _fees(fees: _Fees | None) -> Fees | None:
    return None if fees is None else Fees(maker=fees.maker, taker=fees.taker)


def _problem(item: dict[str, Any]) -> str:
    key = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        return f"unknown key {key}"
    return f"{key}: {item['msg']} (given {item.get('input')!r})"
