"""Which column of an imported table holds what, told from its name alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from snipersight.domain.candles import Floats
from snipersight.domain.errors import DataInvalid
from snipersight.domain.instrument import parse_symbol
from snipersight.domain.units import Symbol
from snipersight.market.currencies import DOLLAR_LIKE
from snipersight.market.import_tables import Table

if TYPE_CHECKING:
    import polars as pl

_TIMES: Final = (
    "open_time timestamp unix open_timestamp time_open start_time unix_timestamp timestamp_ms "
    "date datetime time ts date_utc time_utc candle_begin_time start begin t"
).split(" ")
_PRICES: Final = ("open", "high", "low", "close")
_NAMES_SYMBOL: Final = ("symbol", "pair", "ticker", "market", "instrument")
_RENAME: Final = "rename the columns to timestamp, open, high, low, close, volume"


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Column names by what they hold; `quote_volume` and `symbol` may be missing."""

    time: str
    volume: str
    quote_volume: str | None
    symbol: str | None
    notes: tuple[str, ...]


def find_columns(table: Table, symbol: Symbol) -> Columns:
    """Return which columns hold time and volumes; prices are always named open to close.

    Args:
        table: the table, with normalised names.
        symbol: the market the file is of, since `Volume BTC` and `Volume USD` name currencies.

    Raises:
        DataInvalid: no column, or more than one, can be the time, a price or the base volume.
    """
    names = table.frame.columns
    base, quote, _ = parse_symbol(symbol)
    missing = [name for name in _PRICES if name not in names]
    times = [name for name in _TIMES if name in names]
    if missing or not times:
        lacking = ", ".join(missing) or "time of opening"
        raise DataInvalid(f"no column for {lacking} among {', '.join(names)}", next_step=_RENAME)
    volumes = _fits(names, _base_names(base.lower()))
    quotes = _fits(names, _quote_names(quote))
    if len(volumes) != 1 or len(quotes) > 1:
        found = ", ".join((*volumes, *quotes)) or "none"
        raise DataInvalid(
            f"the base volume of {symbol} cannot be told (candidates: {found}; "
            f"columns: {', '.join(names)})",
            next_step=_RENAME,
        )
    notes = [f"times in column {times[0]!r} were taken as the opens of the bars"]
    if len(times) > 1:
        notes.append(f"column {', '.join(map(repr, times[1:]))} was not used")
    return Columns(
        time=times[0],
        volume=volumes[0],
        quote_volume=quotes[0] if quotes else None,
        symbol=next((name for name in _NAMES_SYMBOL if name in names), None),
        notes=tuple(notes),
    )


def _fits(names: Iterable[str], known: Collection[str]) -> list[str]:
    return [name for name in names if name in known]


def _base_names(base: str) -> frozenset[str]:
    return frozenset(
        {"volume", "vol", "v", "base_volume", "volume_base", "basevolume", "base_asset_volume"}
        | {f"volume_{base}", f"{base}_volume", f"vol_{base}"}
    )


def _quote_names(quote: str) -> frozenset[str]:
    # "Volume USD" beside a USDT market is its quote volume under the dollar's name.
    currencies = {name.lower() for name in DOLLAR_LIKE} if quote in DOLLAR_LIKE else {quote.lower()}
    named = {text for c in currencies for text in (f"volume_{c}", f"{c}_volume", f"vol_{c}")}
    return frozenset(
        named
        | {"quote_volume", "volume_quote", "quotevolume", "quote_asset_volume", "turnover"}
        | {"quote_asset_vol", "volumequote"}
    )


def require_symbol(table: Table, columns: Columns, symbol: Symbol) -> None:
    """Refuse a file whose own symbol column names another market.

    Raises:
        DataInvalid: it names several markets or not this one.
    """
    if columns.symbol is None:
        return
    named = {str(value) for value in table.frame[columns.symbol].unique().to_list()}
    base, quote, _ = parse_symbol(symbol)
    wanted = {f"{base}{quote}", f"{base}{quote}{quote}"}
    if {_letters(name) for name in named} <= wanted:
        return
    raise DataInvalid(
        f"the file is of {', '.join(sorted(named)[:3])}, not of {symbol}",
        next_step="name the symbol the file is of",
    )


def _letters(name: str) -> str:
    return "".join(char for char in name.upper() if char.isalnum())


def numbers(table: Table, name: str) -> Floats:
    """Return a column as float64; an empty cell is NaN.

    Raises:
        DataInvalid: a cell is no number; the line and its text are named.
    """
    import polars as pl

    column: pl.Series = table.frame[name]
    if column.dtype == pl.String:
        text = column.str.strip_chars()
        column = text.cast(pl.Float64, strict=False)
        wrong = column.is_null() & text.is_not_null() & (text.fill_null("") != "")
        if wrong.any():
            row = int(wrong.arg_max() or 0)
            raise DataInvalid(
                f"line {table.first_line + row}, column {name!r}: {text[row]!r} is no number",
                next_step="write numbers like 1234.5, without thousands separators",
            )
    values: Floats = column.cast(pl.Float64).fill_null(np.nan).to_numpy()
    return values
