"""Which accounts there are: one for real markets, and one to practise on."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from snipersight.domain.venues import BUILT_IN_VENUE

MAIN: Final = "main"  # trades real markets: --data and --exchange
PRACTICE: Final = "practice"  # trades the built-in market, whose prices are invented


def default_account(existing: Collection[str]) -> str:
    """Return the account that is meant where none is named.

    Args:
        existing: names of the accounts there are.

    Returns:
        `main` where it exists; else `practice`, because a newcomer has only practised.
    """
    return MAIN if MAIN in existing else PRACTICE


def account_at(venue: str | None) -> str | None:
    """Return the account that is meant where only a venue is named; None: none is named either."""
    if venue is None:
        return None
    return PRACTICE if venue == BUILT_IN_VENUE else MAIN
