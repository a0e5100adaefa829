"""One print on the tape: everything that the new price reaches is carried out."""

from __future__ import annotations

from decimal import Decimal

from snipersight.matching.floor import Floor
from snipersight.matching.lanes import Lane
from snipersight.matching.liquidating import liquidate_crossed
from snipersight.matching.markets import Market
from snipersight.matching.triggering import serve


def put_price(
    market: Market, price: Decimal, *, mark: Decimal | None, size: Decimal | None, at_us: int
) -> None:
    """Set the prices of a market and what its newest print offers."""
    market.last = price
    market.mark = price if mark is None else mark
    market.liquidity = size
    market.at_us = at_us


def carry_out(floor: Floor, market: Market, *, at_us: int) -> None:
    """Carry out everything that the prices now reach, until nothing is reached any more.

    Entries first, then stops and liquidations, targets last: the order that costs most, since an
    entry may be stopped by the very print that filled it.
    """
    while serve_lanes(floor, market, market.all_lanes, at_us=at_us):
        pass


def serve_lanes(floor: Floor, market: Market, lanes: tuple[Lane, ...], *, at_us: int) -> bool:
    """Go through some lanes once; return whether anything was carried out."""
    last, mark = market.last, market.mark
    if last is None or mark is None:
        return False
    has_served = False
    for lane in lanes:
        if not lane.heap:
            continue
        price = mark if lane.by_mark else last
        while (item := lane.first_due(price)) is not None:
            if not serve(floor, item, at_us=at_us):
                break
            has_served = True
    if market.crossed:
        liquidate_crossed(floor, market, at_us=at_us)
    return has_served
