"""Binance USD-M futures, as far as a trading client needs them."""

from snipersight.sandbox.exchange.usdm.protocol import UsdmProtocol

__all__ = ["UsdmProtocol"]
