"""From a configuration to the venue it means."""

from __future__ import annotations

from collections.abc import Callable

from snipersight.market.venues.base import OUR_PREFIX, CcxtVenue, wall_clock_ms
from snipersight.market.venues.config import VenueConfig


def open_venue(
    config: VenueConfig,
    *,
    clock_ms: Callable[[], int] = wall_clock_ms,
    is_ours: Callable[[str], bool] = lambda client_id: client_id.startswith(OUR_PREFIX),
) -> CcxtVenue:
    """Return one account at one venue; nothing is contacted yet.

    Args:
        config: which account.
        clock_ms: our time, milliseconds UTC.
        is_ours: whether an order carries one of our ids.
    """
    from snipersight.market.venues.binance_spot import BinanceSpot
    from snipersight.market.venues.binance_usdm import BinanceUsdm
    from snipersight.market.venues.bybit import Bybit

    kinds: dict[str, type[CcxtVenue]] = {
        "binance": BinanceSpot,
        "binanceusdm": BinanceUsdm,
        "bybit": Bybit,
    }
    return kinds[config.venue](config, clock_ms=clock_ms, is_ours=is_ours)
