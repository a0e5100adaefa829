"""The path of price through a bar, told from its four prices so that it costs most."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from snipersight.domain.errors import DataInvalid
from snipersight.matching.book_order import BookOrder
from snipersight.matching.floor import Floor
from snipersight.matching.markets import Market
from snipersight.matching.tape import carry_out, put_price, serve_lanes
from snipersight.matching.triggering import serve


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePath:
    """The four prices of a bar.

    Args:
        open, high, low, close: quote per base unit, above 0.

    Raises:
        DataInvalid: high or low is not the outermost price, or a price is not above 0.
    """

    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal

    def __post_init__(self) -> None:
        """Refuse prices that no bar can have."""
        prices = (self.open, self.high, self.low, self.close)
        if not all(price.is_finite() for price in prices) or self.low <= 0:
            raise DataInvalid(f"a price of the bar is not above 0: {prices}")
        if self.low > min(prices) or self.high < max(prices):
            raise DataInvalid(f"high and low are not the outermost prices of the bar: {prices}")

    def extremes(self) -> tuple[Decimal, Decimal]:
        """Return low and high, the one first that price went to first.

        A rising bar is taken to have dipped first, a falling one to have spiked first; without
        either, the extreme closer to the open.
        """
        dips = self.close - self.open
        if not dips:
            dips = (self.high - self.open) - (self.open - self.low)
        return (self.low, self.high) if dips >= 0 else (self.high, self.low)


def play(
    floor: Floor,
    market: Market,
    path: PricePath,
    *,
    at_us: int,
    step_us: int,
    volume: Decimal | None,
) -> None:
    """Let price go through a bar.

    The open is a print like any other, a gap included. Within the bar entries fill and stops
    are triggered first, at both extremes; only positions that outlive this and were not entered
    in this bar can reach a target. So where a bar touches stop and target, the stop counts, and
    on the bar of the entry only the stop does. The close sets the prices and carries out nothing
    more. Triggers inside the bar are executed around the trigger price.
    """
    market.bar_number += 1
    put_price(market, path.open, mark=None, size=volume, at_us=at_us)
    carry_out(floor, market, at_us=at_us)
    within_us = at_us + step_us // 2
    market.is_inside_bar = True
    try:
        _lose(floor, market, path, at_us=within_us)
        _win(floor, market, path, at_us=within_us)
    finally:
        market.is_inside_bar = False
    put_price(market, path.close, mark=None, size=market.liquidity, at_us=at_us + step_us)


def _lose(floor: Floor, market: Market, path: PricePath, *, at_us: int) -> None:
    first, second = path.extremes()
    # Back to the first extreme: what the second one opened may have its stop there.
    for price in (first, second, first):
        put_price(market, price, mark=None, size=market.liquidity, at_us=at_us)
        while serve_lanes(floor, market, market.losing_lanes, at_us=at_us):
            pass


def _win(floor: Floor, market: Market, path: PricePath, *, at_us: int) -> None:
    for price in path.extremes():
        put_price(market, price, mark=None, size=market.liquidity, at_us=at_us)
        _reach_targets(floor, market, price, at_us=at_us)


def _reach_targets(floor: Floor, market: Market, price: Decimal, *, at_us: int) -> None:
    for lane in market.winning_lanes:
        passed_over: list[BookOrder] = []
        while isinstance(order := lane.first_due(price), BookOrder):
            if _was_entered_now(order):
                lane.take_first()
                passed_over.append(order)
            elif not serve(floor, order, at_us=at_us):
                break
        for order in passed_over:
            waits_at = order.trigger_price if order.waits_for_trigger else order.price
            lane.push(waits_at or price, order.number, order)


def _was_entered_now(order: BookOrder) -> bool:
    account, market = order.account, order.market
    if market.is_spot:
        return account.spot_bars.get(market.symbol, -1) == market.bar_number
    position = account.side(order.direction).get(market.symbol)
    return position is not None and position.entered_bar == market.bar_number
