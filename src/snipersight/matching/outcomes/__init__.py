"""What would have become of signals: their plans followed over closed candles, bar by bar."""

from snipersight.matching.outcomes.model import model_outcomes

__all__ = ["model_outcomes"]
