"""Binance's recorded `exchangeInfo` (spot and USD-M futures) as a rule book."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from snipersight.domain.candles import utc_text
from snipersight.domain.errors import ConfigInvalid, DataInvalid
from snipersight.domain.instrument import MarginTier, MarketKind, parse_symbol
from snipersight.domain.units import Symbol
from snipersight.market.rule_books import DatedStep, MarketRules, RuleBook

_Filters = Mapping[str, Mapping[str, Any]]
_NEXT_STEP: Final = "save Binance's answer to /api/v3/exchangeInfo or /fapi/v1/exchangeInfo again"


def read_exchange_info(path: Path) -> RuleBook:
    """Return the rules of every spot market or perpetual in a recorded exchangeInfo.

    Both the old `MIN_NOTIONAL` and the newer `NOTIONAL` filter are understood; a step of 0 and a
    field that is null mean "no rule". Dated futures are left out. Fees are not in these files.

    Args:
        path: `.json` or `.json.gz`.

    Raises:
        ConfigInvalid: the file cannot be read or is no exchangeInfo.
    """
    payload = _load(path)
    rows = payload.get("symbols") if isinstance(payload, dict) else None
    if not isinstance(rows, list) or not rows:
        raise ConfigInvalid(
            "is no exchangeInfo (no symbols)", where=str(path), next_step=_NEXT_STEP
        )
    is_futures = "contractType" in rows[0]
    markets: dict[Symbol, MarketRules] = {}
    pairs: dict[str, Symbol] = {}
    for row in rows:
        symbol = _symbol(row, is_futures=is_futures, path=path)
        if symbol is not None:
            markets[symbol] = _rules(row, path)
            pairs[row["symbol"]] = symbol
    recorded = payload.get("serverTime")
    dated = f" recorded {utc_text(int(recorded))}" if recorded else ""
    return RuleBook(
        venue="binanceusdm" if is_futures else "binance",
        kind=MarketKind.PERPETUAL if is_futures else MarketKind.SPOT,
        source=f"{path.name}{dated}",
        markets=markets,
        pairs=pairs,
    )


def _load(path: Path) -> Any:  # noqa: ANN401  # JSON can be anything until it is looked at
    try:
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
        return json.loads(data)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise ConfigInvalid(
            f"cannot be read as JSON ({error})", where=str(path), next_step=_NEXT_STEP
        ) from error


def _symbol(row: Mapping[str, Any], *, is_futures: bool, path: Path) -> Symbol | None:
    try:
        name = f"{row['baseAsset']}/{row['quoteAsset']}"
        if is_futures:
            if row["contractType"] != "PERPETUAL":
                return None
            name = f"{name}:{row['marginAsset']}"
        parse_symbol(name)
    except KeyError as error:
        raise ConfigInvalid(
            f"a symbol lacks {error}: {str(row)[:80]}", where=str(path), next_step=_NEXT_STEP
        ) from error
    except DataInvalid:  # names outside letters and digits cannot be asked for anyway
        return None
    return Symbol(name)


def _rules(row: Mapping[str, Any], path: Path) -> MarketRules:
    filters: _Filters = {item["filterType"]: item for item in row.get("filters", ())}
    try:
        return MarketRules(
            tick=_step(filters, "PRICE_FILTER", "tickSize"),
            lot=_step(filters, "LOT_SIZE", "stepSize"),
            min_size=_value(filters, "LOT_SIZE", "minQty"),
            max_size=_value(filters, "LOT_SIZE", "maxQty"),
            max_market_size=_value(filters, "MARKET_LOT_SIZE", "maxQty"),
            min_notional=_min_notional(filters),
            margin_tiers=_margin_tiers(row),
        )
    except InvalidOperation as error:
        raise ConfigInvalid(
            f"{row.get('symbol')} holds a value that is no number",
            where=str(path),
            next_step=_NEXT_STEP,
        ) from error


def _value(filters: _Filters, kind: str, name: str) -> Decimal | None:
    text = filters.get(kind, {}).get(name)
    if text is None:
        return None
    value = Decimal(str(text)).normalize()
    return value if value > 0 else None


def _step(filters: _Filters, kind: str, name: str) -> DatedStep:
    value = _value(filters, kind, name)
    return DatedStep() if value is None else DatedStep(((0, value),))


def _min_notional(filters: _Filters) -> Decimal | None:
    found = (
        _value(filters, "NOTIONAL", "minNotional"),
        _value(filters, "MIN_NOTIONAL", "minNotional"),
        _value(filters, "MIN_NOTIONAL", "notional"),
    )
    return next((value for value in found if value is not None), None)


def _margin_tiers(row: Mapping[str, Any]) -> tuple[MarginTier, ...]:
    required, maintenance = row.get("requiredMarginPercent"), row.get("maintMarginPercent")
    if required is None or maintenance is None or Decimal(required) <= 0:
        return ()
    tier = MarginTier(
        notional_floor=Decimal(0),
        max_leverage=Decimal(100) / Decimal(required),
        maintenance_fraction=Decimal(maintenance) / Decimal(100),
    )
    return (tier,)
