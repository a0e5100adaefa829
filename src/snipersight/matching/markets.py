"""One market of the simulated venue: its prices now and the orders that wait in it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from snipersight.domain.errors import DataInvalid
from snipersight.domain.instrument import Fees, Instrument, MarginTier, MarketKind
from snipersight.domain.orders import Quote, TriggerSource
from snipersight.domain.units import Price, Rounding, on_step
from snipersight.matching.amounts import ZERO
from snipersight.matching.lanes import Lane

if TYPE_CHECKING:
    from snipersight.matching.positions import OpenPosition

_LAST: Final = TriggerSource.LAST
_MOST_DIGITS: Final = 16  # of size times price behind the point: sums of it stay exact


class Market:
    """Prices and waiting orders of one instrument; changed in place, never handed out.

    Args:
        instrument: its rules; tick, lot and fees must be known.
        default_tier: margin rules where the instrument has none.

    Raises:
        DataInvalid: tick, lot or fees are unknown, or so fine that sums would not be exact.
    """

    __slots__ = (
        "all_lanes",
        "at_us",
        "bar_number",
        "base",
        "crossed",
        "dearest_fee",
        "entries",
        "exits",
        "instrument",
        "is_inside_bar",
        "is_spot",
        "kept_instrument",
        "last",
        "liquidations",
        "liquidity",
        "losing_lanes",
        "lot",
        "maker_fee",
        "mark",
        "positions",
        "quote",
        "stops",
        "symbol",
        "taker_fee",
        "takes",
        "tick",
        "tiers",
        "winning_lanes",
    )

    def __init__(self, instrument: Instrument, *, default_tier: MarginTier) -> None:
        self.tick, self.lot, fees = _known(instrument)
        self.instrument = instrument
        self.kept_instrument: dict[str, Any] | None = None  # as snapshots hold it, once one did
        self.symbol = instrument.symbol
        self.base = instrument.base
        self.quote = instrument.quote
        self.is_spot = instrument.kind is MarketKind.SPOT
        self.maker_fee = fees.maker
        self.taker_fee = fees.taker
        self.dearest_fee = max(fees.taker, fees.maker, ZERO)
        self.tiers = instrument.margin_tiers or (default_tier,)
        self.last: Decimal | None = None
        self.mark: Decimal | None = None
        self.at_us = 0
        self.liquidity: Decimal | None = None  # what the newest print still has; None: no limit
        self.is_inside_bar = False
        self.bar_number = 0
        self.positions: dict[int, OpenPosition] = {}
        self.crossed: dict[int, OpenPosition] = {}  # of these, those backed by whole wallets
        self._open_lanes()

    def _open_lanes(self) -> None:
        # Each pair: for what falls to it, for what rises to it.
        self.entries = _pair(is_strict=True)
        self.exits = _pair(is_strict=True)
        self.stops = (*_pair(), *_pair(by_mark=True))
        self.takes = (*_pair(), *_pair(by_mark=True))
        self.liquidations = _pair(by_mark=True)
        self.losing_lanes = (*self.entries, *self.stops, *self.liquidations)
        self.winning_lanes = (*self.takes, *self.exits)
        self.all_lanes = (*self.losing_lanes, *self.winning_lanes)

    def limit_lane(self, *, is_buy: bool, is_reducing: bool) -> Lane:
        """Return where a resting limit order waits."""
        lanes = self.exits if is_reducing else self.entries
        return lanes[0] if is_buy else lanes[1]

    def trigger_lane(self, *, falls: bool, is_stop: bool, source: TriggerSource) -> Lane:
        """Return where a conditional order waits; spot knows only the last price."""
        lanes = self.stops if is_stop else self.takes
        first = 0 if source is _LAST or self.is_spot else 2
        return lanes[first] if falls else lanes[first + 1]

    def tier_of(self, notional: Decimal) -> MarginTier:
        """Return the margin rules of a position of that notional, quote currency."""
        tiers = self.tiers
        found = tiers[0]
        for tier in tiers[1:]:
            if tier.notional_floor > notional:
                break
            found = tier
        return found

    def shown_quote(self) -> Quote:
        """Return the prices now; bid and ask are the ticks on both sides of the last price.

        Raises:
            DataInvalid: no price was printed yet.
        """
        last, mark = self.last, self.mark
        if last is None or mark is None:
            raise DataInvalid("no price was printed yet", where=self.symbol)
        return Quote(
            symbol=self.symbol,
            last=Price(last),
            mark=Price(mark),
            at_us=self.at_us,
            bid=Price(max(on_step(last, self.tick, Rounding.UP) - self.tick, self.tick)),
            ask=Price(on_step(last, self.tick, Rounding.DOWN) + self.tick),
        )


def _pair(*, is_strict: bool = False, by_mark: bool = False) -> tuple[Lane, Lane]:
    return (
        Lane(falls=True, is_strict=is_strict, by_mark=by_mark),
        Lane(falls=False, is_strict=is_strict, by_mark=by_mark),
    )


def _known(instrument: Instrument) -> tuple[Decimal, Decimal, Fees]:
    tick, lot, fees = instrument.tick, instrument.lot, instrument.fees
    if tick is None or lot is None or fees is None:
        unknown = ", ".join(instrument.missing())
        raise DataInvalid(f"{unknown} unknown: nothing can be matched", where=instrument.symbol)
    digits = _digits(tick) + _digits(lot)
    if digits > _MOST_DIGITS:
        raise DataInvalid(
            f"tick {tick} and lot {lot} have {digits} digits behind the point together, "
            f"more than the {_MOST_DIGITS} that are counted exactly",
            where=instrument.symbol,
        )
    return tick, lot, fees


def _digits(step: Decimal) -> int:
    exponent = step.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0
