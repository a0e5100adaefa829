"""From a configuration to the venue it means."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from snipersight.market.venues.config import VenueConfig

if TYPE_CHECKING:
    from snipersight.market.venues.base import CcxtVenue

OUR_PREFIX: Final = "ss-"


def wall_clock_ms() -> int:
    """Return this machine's time, milliseconds UTC."""
    return time.time_ns() // 1_000_000


def has_our_prefix(client_id: str) -> bool:
    """Return whether an order may be ours."""
    return client_id.startswith(OUR_PREFIX)


def open_venue(
    config: VenueConfig,
    *,
    clock_ms: Callable[[], int] = wall_clock_ms,
    is_ours: Callable[[str], bool] = has_our_prefix,
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
