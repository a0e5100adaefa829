"""What a venue's errors mean: one table a venue, nothing guessed."""

from snipersight.market.venues.problems.classify import classify, classify_lost

__all__ = ["classify", "classify_lost"]
