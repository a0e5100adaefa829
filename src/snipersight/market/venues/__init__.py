"""Venues that take orders: Binance spot, Binance USD-M and Bybit linear, over ccxt."""

from snipersight.market.venues.config import Gateway, VenueConfig
from snipersight.market.venues.opening import open_venue
from snipersight.market.venues.problems import classify

__all__ = ["Gateway", "VenueConfig", "classify", "open_venue"]
