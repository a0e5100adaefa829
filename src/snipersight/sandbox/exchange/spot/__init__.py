"""Binance spot, as far as a trading client needs it."""

from snipersight.sandbox.exchange.spot.protocol import SpotProtocol

__all__ = ["SpotProtocol"]
