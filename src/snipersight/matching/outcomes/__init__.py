"""What would have become of signals: their plans followed over closed candles, bar by bar."""

from snipersight.matching.outcomes.model import model_outcomes
from snipersight.matching.outcomes.steps import PathFinder, TradePath, TradeStep, trade_paths

__all__ = ["PathFinder", "TradePath", "TradeStep", "model_outcomes", "trade_paths"]
