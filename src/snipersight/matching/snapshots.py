"""The whole venue as JSON values, and the venue that goes on from them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from snipersight.domain.errors import DataInvalid
from snipersight.domain.instrument import Instrument
from snipersight.matching.floor import Floor
from snipersight.matching.markets import Market
from snipersight.matching.rules import MatchingRules
from snipersight.matching.snapshot_accounts import keep_account, revive_account
from snipersight.matching.snapshot_notes import keep_note, revive_note
from snipersight.matching.values import from_json, to_json

VERSION: Final = 1
_COUNTERS: Final = ("order_number", "fill_number", "position_number", "payment_number")
_PRICES: Final = ("last", "mark", "liquidity")
_MAYBE_DECIMAL: Final = Decimal | None


def snapshot(floor: Floor) -> dict[str, Any]:
    """Return everything as JSON values."""
    return {
        "version": VERSION,
        "rules": to_json(floor.rules),
        "records_events": floor.records_events,
        "counters": {name: getattr(floor, name) for name in _COUNTERS},
        "markets": [_keep_market(market) for market in floor.markets.values()],
        "accounts": [keep_account(account) for account in floor.accounts.values()],
        "notes": [keep_note(note) for note in floor.notes],
    }


def restore(kept: Mapping[str, Any]) -> Floor:
    """Return the venue that a snapshot was taken of.

    Raises:
        DataInvalid: it is no snapshot of this version, or it is damaged.
    """
    if kept.get("version") != VERSION:
        raise DataInvalid(
            f"a snapshot of version {kept.get('version')!r}, not {VERSION}",
            next_step="start a new simulated venue, or use the version that took it",
        )
    try:
        return _revive(kept)
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise DataInvalid(f"the snapshot is damaged: {error!r}") from error


def _revive(kept: Mapping[str, Any]) -> Floor:
    instruments = [from_json(Instrument, market["instrument"]) for market in kept["markets"]]
    rules = from_json(MatchingRules, kept["rules"])
    floor = Floor(instruments, rules, records_events=kept["records_events"])
    for name in _COUNTERS:
        setattr(floor, name, kept["counters"][name])
    for market in kept["markets"]:
        _revive_market(floor.markets[market["instrument"]["symbol"]], market)
    for account in kept["accounts"]:
        revive_account(floor, account)
    for listed in floor.markets.values():
        listed.positions = dict(sorted(listed.positions.items()))
        listed.crossed = dict(sorted(listed.crossed.items()))
    floor.notes = [revive_note(floor, note) for note in kept["notes"]]
    return floor


def _keep_market(market: Market) -> dict[str, Any]:
    # A venue has hundreds of markets whose rules never change, and is kept at every order.
    if market.kept_instrument is None:
        market.kept_instrument = to_json(market.instrument)
    prices = {name: to_json(getattr(market, name)) for name in _PRICES}
    return {
        "instrument": market.kept_instrument,
        "at_us": market.at_us,
        "bar_number": market.bar_number,
        **prices,
    }


def _revive_market(market: Market, kept: Mapping[str, Any]) -> None:
    market.at_us = kept["at_us"]
    market.bar_number = kept["bar_number"]
    for name in _PRICES:
        setattr(market, name, from_json(_MAYBE_DECIMAL, kept[name]))
