"""Closed candles of live venues by WebSocket, with requests wherever no stream tells them."""

from snipersight.market.streams.ccxt_lines import lines_of
from snipersight.market.streams.closings import Closings, NothingToAwait, closings_of
from snipersight.market.streams.source import StreamedSource

__all__ = ["Closings", "NothingToAwait", "StreamedSource", "closings_of", "lines_of"]
