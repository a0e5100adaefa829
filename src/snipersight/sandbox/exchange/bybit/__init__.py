"""Bybit v5 linear perpetuals, as far as a trading client needs them."""

from snipersight.sandbox.exchange.bybit.protocol import BybitProtocol

__all__ = ["BybitProtocol"]
