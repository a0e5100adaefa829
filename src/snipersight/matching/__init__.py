"""The simulated venue: one matching engine for paper trading, backtests and the sandbox."""

from snipersight.matching.engine import MatchingEngine
from snipersight.matching.events import MatchEvent, PositionChange
from snipersight.matching.postings import Book, Posting
from snipersight.matching.rules import DuplicateIds, MatchingRules

__all__ = [
    "Book",
    "DuplicateIds",
    "MatchEvent",
    "MatchingEngine",
    "MatchingRules",
    "PositionChange",
    "Posting",
]
